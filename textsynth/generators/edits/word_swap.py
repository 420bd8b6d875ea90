"""Swaps words (random swap of EDA, Wei & Zou 2019)."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pydantic

from textsynth.corpus.ragged import Ragged
from textsynth.edits.draw import draw_counts, draw_one
from textsynth.edits.edit import Edit
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.editor import Editor
from textsynth.edits.tokenised import Tokenised

_ROUNDS = 12
"""Times pairs are drawn for the swaps that a copy still lacks; what is then missing is given up."""


@dataclass(frozen=True)
class SwapEditor(Editor):
    """An editor that knows which words differ.

    Args:
        distance: how many words apart the two of a pair may be at most; 0 for any distance.
        word: `(places,)`; which distinct word stands there.
        unspaced: `(places,)`; whether that is of a script without spaces; words of two kinds would run together.
        order: `(places,)`; how many words of the corpus come before it.
        sure: for each example the places whose word differs from that of the next place, which is near enough; an
            example with any place has one.
    """

    distance: int
    word: np.ndarray
    unspaced: np.ndarray
    order: np.ndarray
    sure: Ragged

    @classmethod
    def of(cls, tokenised: Tokenised, may: np.ndarray, distance: int) -> SwapEditor:
        """Prepares the words of a corpus; a text without two that may be swapped has no place."""
        word, order = tokenised.words[1], np.cumsum(tokenised.is_word & tokenised.opens_word)
        places = np.flatnonzero(may)
        near = _differ(tokenised, places, word, order, distance)
        swappable = np.zeros(len(tokenised.corpus), bool)
        swappable[tokenised.row[places[:-1][near]]] = True
        places = places[swappable[tokenised.row[places]]]
        sure = np.flatnonzero(_differ(tokenised, places, word, order, distance))
        rows = Ragged(sure, np.searchsorted(places[sure], tokenised.tokens.rows))
        unspaced = tokenised.is_unspaced[places]
        return cls(tokenised, Material(tokenised), places, distance, word[places], unspaced, order[places], rows)

    def draw_edits(self, chosen: np.ndarray, rate: float, rng: np.random.Generator) -> Edits:
        """Draws the number of swaps by the rate, then pairs until there are as many."""
        slots = _Slots.of(self, chosen)
        sizes = slots.of_copy.lengths
        # A swap touches two words, so that half the rate of swaps is the rate of words.
        wanted = np.minimum(draw_counts(sizes, rate / 2, rng), sizes // 2)
        missing = wanted.copy()
        for _ in range(_ROUNDS):
            copy = Ragged.of_lengths(missing).owner
            if not len(copy):
                break
            missing -= np.bincount(copy[slots.pair(copy, rng)], minlength=len(chosen))
        slots.pair_surely(np.flatnonzero((missing == wanted) & (wanted > 0)), rng)
        return slots.edits()


@dataclass(frozen=True)
class _Slots:
    """The places of copies of examples, one after the other, and how they are paired.

    Args:
        editor: knows the places.
        chosen: `(copies,)` examples.
        of_copy: for each copy its slots, which are numbered through all copies.
        partner: `(slots,)`; the slot that each is swapped with, -1 if it stays.
    """

    editor: SwapEditor
    chosen: np.ndarray
    of_copy: Ragged
    partner: np.ndarray

    @classmethod
    def of(cls, editor: SwapEditor, chosen: np.ndarray) -> _Slots:
        of_copy = Ragged.of_lengths(editor.by_example.lengths[chosen])
        return cls(editor, chosen, of_copy, np.full(len(of_copy.values), -1))

    @functools.cached_property
    def shift(self) -> np.ndarray:
        """`(copies,)`; what is added to a slot of a copy to get its place, a position in `editor.places`."""
        return self.editor.by_example.bounds[self.chosen] - self.of_copy.bounds[:-1]

    def place(self, slot: np.ndarray, copy: np.ndarray) -> np.ndarray:
        """Returns the place, a position in `editor.places`, of each slot."""
        return slot + self.shift[copy]

    def free(self, copy: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns the free slots of some copies, sorted and perhaps repeated, and where those of each begin and end."""
        bounds = self.of_copy.bounds
        if (self.partner < 0).all():
            return self.of_copy.values, bounds[copy], bounds[copy + 1]
        # The list has a copy as often as it lacks pairs, side by side; its slots are looked at once.
        opens = np.ones(len(copy), bool)
        opens[1:] = copy[1:] != copy[:-1]
        own = copy[opens]
        slot = self.of_copy.take(own).values
        free = slot[self.partner[slot] < 0]
        low, high = np.searchsorted(free, [bounds[own], bounds[own + 1]])[:, np.cumsum(opens) - 1]
        return free, low, high

    def pair(self, copy: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draws a pair of free slots for each copy in the list, and keeps those that differ and do not overlap.

        Returns:
            Whether each was kept.
        """
        free, low, high = self.free(copy)
        index = low + (rng.random(len(copy)) * (high - low)).astype(np.int64)
        if self.editor.distance:
            low, high = self.near(free, index)
        # The other is some steps ahead, around the end and never as far as back to the one: so it is another slot. If
        # there is no other, the step is 1 of 1, back to the one, whose word does not differ from itself.
        step = 1 + (rng.random(len(copy)) * (high - low - 1)).astype(np.int64)
        one, other = free[index], free[low + (index - low + step) % (high - low)]
        word, unspaced = self.editor.word, self.editor.unspaced
        first, second = self.place(one, copy), self.place(other, copy)
        kept = (word[first] != word[second]) & (unspaced[first] == unspaced[second])
        # A slot that several pairs drew belongs to the one that wrote its number last; only pairs that own both of
        # their slots are kept. The others try again in the next round.
        winner = np.empty(len(self.partner), np.int64)
        number = np.arange(len(copy))
        winner[one[kept]] = number[kept]
        winner[other[kept]] = number[kept]
        kept[kept] = (winner[one[kept]] == number[kept]) & (winner[other[kept]] == number[kept])
        self.join(one[kept], other[kept])
        return kept

    def near(self, free: np.ndarray, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns where among the free slots those begin and end that are near enough to each of some of them."""
        distance, copy = self.editor.distance, self.of_copy.owner[free]
        # One number for copy and order, sorted as slots are, with room between copies: no search leaves its own copy.
        width = int(self.editor.order.max(initial=0)) + distance + 1
        key = copy * width + self.editor.order[self.place(free, copy)]
        low = np.searchsorted(key, key[index] - distance)
        return low, np.searchsorted(key, key[index] + distance, side="right")

    def pair_surely(self, copy: np.ndarray, rng: np.random.Generator) -> None:
        """Pairs two neighbours in copies that have no pair yet."""
        slot = draw_one(self.editor.sure, self.chosen[copy], rng) - self.shift[copy]
        self.join(slot, slot + 1)

    def join(self, one: np.ndarray, other: np.ndarray) -> None:
        self.partner[one], self.partner[other] = other, one

    def edits(self) -> Edits:
        """Exchanges the words of each pair."""
        slot = np.flatnonzero(self.partner >= 0)
        copy = self.of_copy.owner[slot]
        token, other = (self.editor.places[self.place(each, copy)] for each in (slot, self.partner[slot]))
        begin, end = self.editor.tokenised.begin, self.editor.tokenised.word_end
        return Edits(copy, begin[token], end[token], begin[other], end[other])


@dataclass(frozen=True, kw_only=True)
class WordSwap(Edit[SwapEditor]):
    """Swaps pairs of words that differ; the white space between them stays where it is.

    Words of scripts with and without spaces do not change places, since they would run together with others.

    Args:
        rate: share of the words that are touched, on average; a swap touches two, and each text has one at least.
        distance: how many words apart the two may be at most; 0 for any distance, as in the paper.
    """

    distance: Annotated[int, pydantic.Field(ge=0)] = 0

    def editor(self, tokenised: Tokenised, directory: Path) -> SwapEditor:
        """Takes every editable word of the texts that have two that differ."""
        return SwapEditor.of(tokenised, self.find_movable(tokenised), self.distance)


def _differ(tokenised: Tokenised, places: np.ndarray, word: np.ndarray, order: np.ndarray, distance: int) -> np.ndarray:
    """Says for each place but the last whether the next is in the same text, near enough, and has another word."""
    row = tokenised.row[places]
    unspaced = tokenised.is_unspaced[places]
    differ = (row[1:] == row[:-1]) & (word[places][1:] != word[places][:-1]) & (unspaced[1:] == unspaced[:-1])
    return differ & (np.diff(order[places]) <= distance) if distance else differ
