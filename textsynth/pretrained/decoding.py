"""Decoding: many continuations at a time by a causal model, with its key-value cache.

Prompts of like length stand together, so that little is padded; rows that have ended leave the batch; the layer over
the vocabulary sees last positions alone. Symbols are drawn from the `rng` that is handed in, never from torch's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
import torch

from textsynth.pretrained.padding import attention_mask, pad
from textsynth.wording.symbol_sampling import Style, draw, write_rows


class Constraint(Protocol):
    """Knows what may come next in each row of a batch, and is told what came."""

    def mask_logits(self, logits: torch.Tensor) -> torch.Tensor:
        """Returns the logits, `(rows, symbols)`, with what may not come at minus infinity."""

    def advance(self, symbols: torch.Tensor) -> None:
        """Is told what came in each row."""

    def select(self, rows: torch.Tensor) -> Self:
        """Returns the constraint of some of the rows."""


class MakeConstraint(Protocol):
    """Makes the constraint of a batch."""

    def __call__(self, prompts: np.ndarray) -> Constraint:
        """Returns the constraint of these prompts, `(rows,)` numbers of prompts."""


@dataclass(frozen=True)
class Decoding:
    """How continuations are decoded.

    Args:
        style: how symbols are drawn; `longest` counts new symbols, the end among them.
        ends: symbols that end a continuation.
        pad: what stands in positions that have no symbol.
        batch: continuations at a time, at most.
        make_constraint: makes what says which symbols may come; any may if None.
    """

    style: Style
    ends: tuple[int, ...]
    pad: int
    batch: int = 64
    make_constraint: MakeConstraint | None = None


@torch.inference_mode()
def continue_prompts(
    model: Any, prompts: Sequence[Sequence[int]], decoding: Decoding, rng: np.random.Generator
) -> list[list[int]]:
    """Continues each prompt; one that did not end in time lacks an end.

    Args:
        model: a causal model of transformers, in evaluation mode.
        prompts: symbols, at least one each.
        decoding: how.
        rng: draws one uniform number a symbol.

    Returns:
        The new symbols of each, with the end if it came.
    """
    # Neighbours in this order have like lengths: little is padded.
    order = np.argsort([len(prompt) for prompt in prompts], kind="stable")
    found: list[list[int]] = [[] for _ in prompts]
    for first in range(0, len(order), decoding.batch):
        rows = order[first : first + decoding.batch]
        continuing = _Continuing(model, [prompts[row] for row in rows], decoding, rows)
        for row, symbols in zip(rows, write_rows(continuing, len(rows), decoding.style, rng), strict=True):
            found[row] = symbols
    return found


class _Continuing:
    """The continuations of some prompts, padded on the left."""

    def __init__(self, model: Any, prompts: Sequence[Sequence[int]], decoding: Decoding, rows: np.ndarray) -> None:
        device = next(model.parameters()).device
        self._model = model
        self._symbols = torch.from_numpy(pad(prompts, decoding.pad, left=True)).to(device)
        self._mask = torch.from_numpy(attention_mask(prompts, left=True)).to(device)
        self._position = self._mask.sum(dim=1) - 1
        self.ends = torch.tensor(decoding.ends, device=device)
        self._constraint = decoding.make_constraint(rows) if decoding.make_constraint else None
        self._cache: Any = None

    def following(self, style: Style, rng: np.random.Generator) -> torch.Tensor:
        """Draws the next symbol of each row."""
        symbols = draw(self._logits(), style, rng)
        if self._constraint is not None:
            self._constraint.advance(symbols)
        self._symbols = symbols[:, None]
        self._mask = torch.cat([self._mask, torch.ones_like(self._mask[:, :1])], dim=1)
        self._position = self._position + 1
        return symbols

    def keep(self, alive: torch.Tensor) -> None:
        """Goes on with some rows alone."""
        self._cache.batch_select_indices(alive)
        self._symbols, self._mask, self._position = self._symbols[alive], self._mask[alive], self._position[alive]
        self._constraint = self._constraint.select(alive) if self._constraint else None

    def _logits(self) -> torch.Tensor:
        """Returns how likely each symbol is next, `(rows, symbols)`."""
        # Padding stands on the left, so that a prompt's first symbol has position 0 wherever it stands in the row.
        first = self._cache is None
        position = (self._mask.cumsum(dim=1) - 1).clamp(min=0) if first else self._position[:, None]
        output = self._model(
            input_ids=self._symbols,
            attention_mask=self._mask,
            position_ids=position,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        self._cache = output.past_key_values
        logits: torch.Tensor = output.logits[:, -1].float()
        return logits if self._constraint is None else self._constraint.mask_logits(logits)
