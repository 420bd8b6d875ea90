"""Swaps words (random swap of EDA, Wei & Zou 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pydantic

from textsynth.corpus.code_points import ramp
from textsynth.edits.draw import draw_counts
from textsynth.edits.edit import Edit, Editor
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.tokenised import Tokenised

_ROUNDS = 12


@dataclass(frozen=True)
class SwapEditor(Editor):
    """An editor that knows which words differ.

    Args:
        word: `(places,)`; which distinct word stands there.
        order: `(places,)`; how many words of the corpus come before it.
        sure: places whose word differs from that of the next place, which is near enough; every text has one.
        sure_rows: `(examples + 1,)`; those of example `i` are `sure[sure_rows[i]:sure_rows[i + 1]]`.
    """

    word: np.ndarray
    order: np.ndarray
    sure: np.ndarray
    sure_rows: np.ndarray

    @classmethod
    def of(cls, tokenised: Tokenised, may: np.ndarray, distance: int) -> SwapEditor:
        """Prepares the words of a corpus; a text without two that may be swapped has no place."""
        word, order = tokenised.vocabulary[1], np.cumsum(tokenised.is_word)
        places = np.flatnonzero(may)
        near = _differ(tokenised, places, word, order, distance)
        swappable = np.zeros(len(tokenised.corpus), bool)
        swappable[tokenised.row[places[:-1][near]]] = True
        places = places[swappable[tokenised.row[places]]]
        sure = np.flatnonzero(_differ(tokenised, places, word, order, distance))
        rows = np.searchsorted(places[sure], tokenised.tokens.rows)
        return cls(tokenised, Material(tokenised), places, word[places], order[places], sure, rows)


@dataclass(frozen=True)
class _Slots:
    """The places of copies of examples, one after the other, and how they are paired.

    Args:
        editor: knows the places.
        chosen: `(copies,)` examples.
        bounds: `(copies + 1,)`; the slots of copy `i` are `bounds[i]:bounds[i + 1]`.
        copy: `(slots,)`; the copy of each.
        partner: `(slots,)`; the slot that each is swapped with, -1 where it stays.
    """

    editor: SwapEditor
    chosen: np.ndarray
    bounds: np.ndarray
    copy: np.ndarray
    partner: np.ndarray

    @classmethod
    def of(cls, editor: SwapEditor, chosen: np.ndarray) -> _Slots:
        sizes = np.diff(editor.rows)[chosen]
        bounds = np.concatenate([[0], np.cumsum(sizes)])
        return cls(editor, chosen, bounds, np.repeat(np.arange(len(sizes)), sizes), np.full(bounds[-1], -1))

    def place(self, slot: np.ndarray, copy: np.ndarray) -> np.ndarray:
        """Returns the place, a position in `editor.places`, of each slot."""
        return slot + (self.editor.rows[self.chosen] - self.bounds[:-1])[copy]

    def free(self, copy: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns the free slots of some copies, sorted and perhaps repeated, and where those of each begin and end."""
        if (self.partner < 0).all():
            return np.arange(len(self.partner)), self.bounds[copy], self.bounds[copy + 1]
        opens = np.ones(len(copy), bool)
        opens[1:] = copy[1:] != copy[:-1]
        own = copy[opens]
        sizes = self.bounds[own + 1] - self.bounds[own]
        slot = np.repeat(self.bounds[own], sizes) + ramp(sizes)
        free = slot[self.partner[slot] < 0]
        bounds = np.searchsorted(free, [self.bounds[own], self.bounds[own + 1]])
        low, high = bounds[:, np.cumsum(opens) - 1]
        return free, low, high

    def pair(self, copy: np.ndarray, distance: int, rng: np.random.Generator) -> np.ndarray:
        """Draws a pair of free slots for each copy in the list, and keeps those that differ and do not overlap.

        Returns:
            Whether each was kept.
        """
        free, low, high = self.free(copy)
        index = low + (rng.random(len(copy)) * (high - low)).astype(np.int64)
        if distance:
            width = int(self.editor.order.max(initial=0)) + distance + 1
            key = self.copy[free] * width + self.editor.order[self.place(free, self.copy[free])]
            low = np.searchsorted(key, key[index] - distance)
            high = np.searchsorted(key, key[index] + distance, side="right")
        step = 1 + (rng.random(len(copy)) * (high - low - 1)).astype(np.int64)
        one, other = free[index], free[low + (index - low + step) % (high - low)]
        word = self.editor.word
        kept = word[self.place(one, copy)] != word[self.place(other, copy)]
        winner = np.empty(len(self.partner), np.int64)
        number = np.arange(len(copy))
        winner[one[kept]] = number[kept]
        winner[other[kept]] = number[kept]
        kept[kept] = (winner[one[kept]] == number[kept]) & (winner[other[kept]] == number[kept])
        self.join(one[kept], other[kept])
        return kept

    def pair_surely(self, copy: np.ndarray, rng: np.random.Generator) -> None:
        """Pairs two neighbours in copies that have no pair yet."""
        low, high = (self.editor.sure_rows[self.chosen[copy] + end] for end in (0, 1))
        place = self.editor.sure[low + (rng.random(len(copy)) * (high - low)).astype(np.int64)]
        slot = place - self.editor.rows[self.chosen[copy]] + self.bounds[copy]
        self.join(slot, slot + 1)

    def join(self, one: np.ndarray, other: np.ndarray) -> None:
        self.partner[one], self.partner[other] = other, one

    def edits(self) -> Edits:
        """Puts each word of a pair in the place of the other."""
        slot = np.flatnonzero(self.partner >= 0)
        copy = self.copy[slot]
        token, other = (self.editor.places[self.place(each, copy)] for each in (slot, self.partner[slot]))
        begin, end = self.editor.tokenised.begin, self.editor.tokenised.end
        return Edits(copy, begin[token], end[token], begin[other], end[other])


@dataclass(frozen=True, kw_only=True)
class WordSwap(Edit):
    """Swaps pairs of words that differ; the white space between them stays where it is.

    Args:
        rate: share of the words that are touched, on average; a swap touches two, and each text has one at least.
        distance: how many words apart the two may be at most; 0 for any distance, as in the paper.
    """

    distance: Annotated[int, pydantic.Field(ge=0)] = 0

    def editor(self, tokenised: Tokenised, directory: Path) -> SwapEditor:
        """Takes every editable word of the texts that have two that differ."""
        return SwapEditor.of(tokenised, self.editable(tokenised), self.distance)

    def edits(self, editor: Editor, chosen: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws the number of swaps by the rate, then pairs until there are as many."""
        assert isinstance(editor, SwapEditor)
        slots = _Slots.of(editor, chosen)
        sizes = np.diff(slots.bounds)
        wanted = np.minimum(draw_counts(sizes, self.rate / 2, rng), sizes // 2)
        missing = wanted.copy()
        for _ in range(_ROUNDS):
            copy = np.repeat(np.arange(len(chosen)), missing)
            if not len(copy):
                break
            missing -= np.bincount(copy[slots.pair(copy, self.distance, rng)], minlength=len(chosen))
        slots.pair_surely(np.flatnonzero((missing == wanted) & (wanted > 0)), rng)
        return slots.edits()


def _differ(tokenised: Tokenised, places: np.ndarray, word: np.ndarray, order: np.ndarray, distance: int) -> np.ndarray:
    """Says for each place but the last whether the next is in the same text, near enough, and has another word."""
    row = tokenised.row[places]
    differ = (row[1:] == row[:-1]) & (word[places][1:] != word[places][:-1])
    return differ & (np.diff(order[places]) <= distance) if distance else differ
