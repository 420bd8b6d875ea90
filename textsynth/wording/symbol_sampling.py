"""Writing: sentences sampled from a decoder, many at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import nn

from textsynth.wording.decoder import Decoder

_BATCH = 512
"""Sentences that are written at a time."""
_SPARSE = 0.8
"""Those that have ended leave as soon as no more than this share goes on: copying state costs time too."""
_STRETCH = 256
"""Symbols whose chances are summed up at once to find a point of the mass."""


@dataclass(frozen=True)
class Style:
    """How symbols are drawn.

    Args:
        temperature: under 1 for likely symbols, over 1 for rare ones; 0 always takes the likeliest.
        top_p: only the likeliest symbols that together have this probability (Holtzman et al. 2020).
        longest: symbols a sentence may have, with its end.
    """

    temperature: float
    top_p: float
    longest: int


@dataclass(frozen=True)
class Script:
    """What the symbols of a decoder mean to whoever samples it.

    Args:
        end: the symbol that ends a sentence.
        label_of: `(outputs,)`; for each symbol the label whose mention it begins, or -1.
        known: `(outputs,)`; the symbols that the source has; others are never written.
    """

    end: int
    label_of: np.ndarray
    known: np.ndarray


class Prompt(NamedTuple):
    """What sentences begin with.

    Args:
        starts: `(sentences,)` first symbols: the classes.
        condition: `(sentences, condition)`.
        bags: `(sentences, labels)`; the mentions each must have, no more and no less; free if None.
    """

    starts: torch.Tensor
    condition: torch.Tensor
    bags: torch.Tensor | None = None

    def rows(self, first: int, stop: int) -> Prompt:
        """Returns some of the sentences."""
        bags = None if self.bags is None else self.bags[first:stop]
        return Prompt(self.starts[first:stop], self.condition[first:stop], bags)


@torch.inference_mode()
def write(decoder: Decoder, prompt: Prompt, script: Script, style: Style, rng: np.random.Generator) -> list[list[int]]:
    """Writes a sentence for each prompt; one that did not end in time has its last symbol still, and no end.

    Args:
        decoder: in evaluation mode.
        prompt: what sentences begin with.
        script: what symbols mean.
        style: how symbols are drawn.
        rng: draws one uniform number a symbol.

    Returns:
        The symbols of each, the end among them if it came.
    """
    found: list[list[int]] = []
    for first in range(0, len(prompt.starts), _BATCH):
        batch = prompt.rows(first, first + _BATCH)
        found += write_rows(_Sentences(decoder, batch, script), len(batch.starts), style, rng)
    return found


class Writing(Protocol):
    """Rows that are being written, a symbol each at a time."""

    ends: torch.Tensor
    """The symbols that end a row."""

    def following(self, style: Style, rng: np.random.Generator) -> torch.Tensor:
        """Draws the next symbol of each row, `(rows,)`."""

    def keep(self, alive: torch.Tensor) -> None:
        """Goes on with some rows alone."""


def write_rows(writing: Writing, count: int, style: Style, rng: np.random.Generator) -> list[list[int]]:
    """Writes until all rows have ended, or are as long as they may be; those that have ended leave now and then.

    Args:
        writing: the rows.
        count: how many.
        style: how symbols are drawn, and how many at most.
        rng: draws one uniform number a symbol.
    """
    written = np.full((count, style.longest), -1, np.int64)
    rows, ended = np.arange(count), np.zeros(count, bool)
    for position in range(style.longest):
        symbols = writing.following(style, rng)
        # Rows that have ended go on beside the others until they leave; what they write is thrown away.
        written[rows, position] = np.where(ended, -1, symbols.cpu().numpy())
        ended |= torch.isin(symbols, writing.ends).cpu().numpy()
        alive = np.flatnonzero(~ended)
        if len(alive) == 0:
            break
        if len(alive) <= _SPARSE * len(ended):
            writing.keep(torch.from_numpy(alive).to(symbols.device))
            rows, ended = rows[alive], ended[alive]
    return [row[row >= 0].tolist() for row in written]


class _Sentences:
    """Sentences that a decoder writes."""

    def __init__(self, decoder: Decoder, prompt: Prompt, script: Script) -> None:
        self._decoder, self._condition, self._symbols = decoder, prompt.condition, prompt.starts
        self._left = None if prompt.bags is None else prompt.bags.clone()
        self._permission = _Permission(script, prompt.starts.device)
        self._state = decoder.begin(prompt.condition)
        self.ends = torch.tensor([script.end], device=prompt.starts.device)

    def following(self, style: Style, rng: np.random.Generator) -> torch.Tensor:
        """Draws the next symbol of each row."""
        logits, self._state = self._decoder.step(self._symbols, self._condition, self._state)
        self._symbols = draw(self._permission.mask_logits(logits.float(), self._left), style, rng)
        if self._left is not None:
            self._permission.count_down(self._left, self._symbols)
        return self._symbols

    def keep(self, alive: torch.Tensor) -> None:
        """Goes on with some rows alone."""
        self._symbols, self._condition = self._symbols[alive], self._condition[alive]
        self._state = self._decoder.select(self._state, alive)
        self._left = None if self._left is None else self._left[alive]


class _Permission:
    """Knows which symbols may come next: known ones, slots that are left, and the end when none is."""

    def __init__(self, script: Script, device: torch.device) -> None:
        self._end = script.end
        self._unknown = torch.from_numpy(~script.known).to(device)
        slots = np.flatnonzero(script.label_of >= 0)
        self._slots = torch.from_numpy(slots).to(device)
        self._labels = torch.from_numpy(script.label_of[slots]).to(device)
        self._label_of = torch.from_numpy(script.label_of).to(device)

    def mask_logits(self, logits: torch.Tensor, left: torch.Tensor | None) -> torch.Tensor:
        """Returns the logits with what may not come at minus infinity."""
        # Pieces that the tokenizer has for any byte, but which the source does not use, are noise.
        logits = logits.masked_fill(self._unknown, -torch.inf)
        if left is not None and len(self._slots):
            spent = left[:, self._labels] <= 0
            logits[:, self._slots] = logits[:, self._slots].masked_fill(spent, -torch.inf)
            # A sentence must not end before all of its mentions are there.
            owing = (left > 0).any(dim=1)
            logits[:, self._end] = logits[:, self._end].masked_fill(owing, -torch.inf)
        return logits

    def count_down(self, left: torch.Tensor, symbols: torch.Tensor) -> None:
        """Takes the slots that were written from those that are left."""
        label = self._label_of[symbols]
        slot = torch.nonzero(label >= 0)[:, 0]
        left[slot, label[slot]] -= 1


def draw(logits: torch.Tensor, style: Style, rng: np.random.Generator) -> torch.Tensor:
    """Draws a symbol a row, `(rows,)`.

    Args:
        logits: `(rows, symbols)`.
        style: temperature and top_p.
        rng: draws one uniform number a row.
    """
    # Drawn at a temperature of 0 too, so that all temperatures use up the stream alike.
    uniform = torch.from_numpy(rng.random(len(logits), np.float32)).to(logits.device)
    if style.temperature == 0:
        return logits.argmax(dim=1)
    chances = torch.softmax(logits if style.temperature == 1 else logits / style.temperature, dim=1)
    if style.top_p < 1:
        chances = _nucleus(chances, style.top_p)
    # Rounding must not bring the point up to all of the mass, where no symbol is.
    return _pick(chances, uniform * (1 - 1e-6))


def _pick(chances: torch.Tensor, point: torch.Tensor) -> torch.Tensor:
    """Returns for each row the symbol at a point of its mass, which need not add up to 1.

    First a stretch of symbols is found, then the symbol in it: running sums over a large vocabulary take long.
    """
    rows, symbols = chances.shape
    # Two levels of a running sum: over stretches, then over the symbols of one stretch.
    stretches = -(-symbols // _STRETCH)
    padded = nn.functional.pad(chances, (0, stretches * _STRETCH - symbols)).view(rows, stretches, _STRETCH)
    before = nn.functional.pad(padded.sum(dim=2).cumsum(dim=1), (1, 0))
    point = point[:, None] * before[:, -1:]
    stretch = (torch.searchsorted(before, point, right=True) - 1).clamp(max=stretches - 1)
    inside = padded[torch.arange(rows, device=chances.device), stretch[:, 0]].cumsum(dim=1)
    # `right` so that a symbol without a chance, whose sum is that of the one before, is never pointed at.
    within = torch.searchsorted(inside, point - before.gather(1, stretch), right=True)
    # Rounding may point beyond the last symbol that has a chance.
    last = (inside < inside[:, -1:]).sum(dim=1, keepdim=True)
    return (stretch * _STRETCH + torch.minimum(within, last))[:, 0]


def _nucleus(chances: torch.Tensor, top_p: float) -> torch.Tensor:
    """Returns the chances with those outside of the nucleus at 0; the likeliest symbol is always inside.

    Symbols so rare that all of them together would be outside are not sorted.
    """
    # Symbols under that chance have less than 1 - top_p together, so none of them is inside.
    row, symbol = torch.nonzero(chances >= (1 - top_p) / chances.shape[1], as_tuple=True)
    counts = row.bincount(minlength=len(chances))
    # The ragged rows of likely symbols become one rectangle, filled up with chances of 0.
    column = torch.arange(len(row), device=row.device) - (counts.cumsum(dim=0) - counts)[row]
    likely = chances.new_zeros(len(chances), int(counts.max()))
    symbols = torch.zeros_like(likely, dtype=torch.int64)
    likely[row, column], symbols[row, column] = chances[row, symbol], symbol
    ordered, by_chance = likely.sort(dim=1, descending=True)
    inside = ordered.cumsum(dim=1) - ordered < top_p
    kept = ordered.masked_fill(~inside, 0)
    # Filled-up columns all point at symbol 0, so that chances are added: theirs is 0.
    return torch.zeros_like(chances).scatter_add(1, symbols.gather(1, by_chance), kept)
