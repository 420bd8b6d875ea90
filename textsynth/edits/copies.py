"""Copies of examples that all differ: from their source and from each other."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.corpus.class_rows import ClassRows
from textsynth.corpus.classes import Label
from textsynth.corpus.code_points import text_buffers
from textsynth.corpus.ragged import Ragged, bounds_of, find_repeats

UNCHANGED, REPEATED = "unchanged", "no further variant"
"""Reasons for which a copy is rejected."""

_GROWTH = 4
"""How many times as many copies of an example are made at most in the next round as in the last, if none was new."""

_VAIN, _VAIN_A_VARIANT = 12, 4
"""Copies of an example that are made in vain before it is held to have no further variant: the first number, and the
second for each variant that was found. If all variants are as likely, one in a hundred is missed."""

_BYTES = 16_000_000
"""Bytes of the texts that are copied at a time: of long documents there are few at once, which bounds the memory."""

_HOPELESS = np.iinfo(np.int64).max // 2
"""Copies made in vain of an example that cannot be varied at all: more than any limit, and far from overflow."""


class CopyingSampler:
    """Gives copies of source examples; those that came out unchanged are rejected by name.

    Args:
        source: the examples.
        make: makes a copy of each of the examples it is given; one that it could not change equals the example.
        usable: `(examples,)`; whether anything can be changed in an example.
    """

    def __init__(
        self, source: Corpus, make: Callable[[np.ndarray, np.random.Generator], Corpus | Draft], usable: np.ndarray
    ) -> None:
        self.source = source
        self._make, self._usable = make, usable
        self._sizes = np.diff(text_buffers(source.texts)[0])

    def __call__(self, count: int, rng: np.random.Generator, label: Label | None = None) -> Corpus | Draft:
        """Takes the usable examples in random order, again and again."""
        return self.of_classes([(label, count)], rng)

    def of_classes(self, amounts: Sequence[tuple[Label | None, int]], rng: np.random.Generator) -> Corpus | Draft:
        """Takes the usable examples of each class in random order, again and again."""
        chosen = np.concatenate([_draw_in_turns(self._find_rows(label), count, rng) for label, count in amounts])
        if len(chosen) == 0:
            return Corpus.empty()
        draft = self._make_in_parts(chosen, rng)
        same = self._find_unchanged(draft.corpus.texts, chosen)
        if len(same) == 0:
            return draft if draft.reasons else draft.corpus
        reasons = list(draft.reasons) or [None] * len(chosen)
        for copy in same.tolist():
            reasons[copy] = reasons[copy] or UNCHANGED
        return Draft(draft.corpus, reasons)

    def copies(self, rows: np.ndarray, rng: np.random.Generator) -> Draft:
        """Makes one copy for each row, all copies of a row different from it and from each other.

        Args:
            rows: `(copies,)`; the source example of each copy.
            rng: all randomness comes from here.
        """

        def make(chosen: np.ndarray) -> Corpus:
            return self._make_in_parts(chosen, rng).corpus

        return make_distinct_copies(self.source, rows, make, self._usable)

    def _make_in_parts(self, chosen: np.ndarray, rng: np.random.Generator) -> Draft:
        """Makes copies, as many at a time as the size of their texts allows."""
        part = np.cumsum(self._sizes[chosen]) // _BYTES
        edges = np.flatnonzero(part[1:] != part[:-1]) + 1
        return Draft.concat([Draft.of(self._make(some, rng)) for some in np.split(chosen, edges)])

    def _find_rows(self, label: Label | None) -> np.ndarray:
        """Returns the usable examples of a class, or of any."""
        return np.flatnonzero(self._usable) if label is None else self._by_class.find(label)

    @functools.cached_property
    def _by_class(self) -> ClassRows:
        return ClassRows.of(self.source.table.column("label"), np.flatnonzero(self._usable))

    def _find_unchanged(self, texts: pa.StringArray, chosen: np.ndarray) -> np.ndarray:
        """Returns which copies equal their example."""
        # Most copies are longer or shorter than their example, so that few texts have to be compared.
        alike = np.flatnonzero(np.diff(text_buffers(texts)[0]) == self._sizes[chosen])
        some = texts if len(alike) == len(texts) else texts.take(pa.array(alike))
        same = pc.equal(some, self.source.texts.take(pa.array(chosen[alike])))
        return alike[same.to_numpy(zero_copy_only=False)]


def _draw_in_turns(rows: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draws rows so that none comes again before all have come; none if there are none."""
    if count == 0 or len(rows) == 0:
        return rows[:0]
    turns = [rng.permutation(rows) for _ in range(count // len(rows))]
    return np.concatenate([*turns, rng.choice(rows, count % len(rows), replace=False)])


def make_distinct_copies(
    source: Corpus, chosen: np.ndarray, make: Callable[[np.ndarray], Corpus], usable: np.ndarray | None = None
) -> Draft:
    """Makes copies of examples, and makes others for those that equal their source or an earlier copy of it.

    Args:
        source: the examples.
        chosen: `(copies,)`; the example that each copy is of.
        make: makes a copy of each of the examples it is given.
        usable: `(examples,)`; whether anything can be changed in an example, if that is known; else it is tried out.

    Returns:
        The copies; those for which no other variant was found have the reason.
    """
    if len(chosen) == 0:
        return Draft(source[:0])
    rows, example = np.unique(chosen, return_inverse=True)
    hopeful = np.ones(len(rows), bool) if usable is None else usable[rows]
    search = _Search(source.texts.take(pa.array(rows)), hopeful, example)
    parts: list[Corpus] = []
    tries = np.bincount(example)
    while tries.any():
        owner = Ragged.of_lengths(tries).owner
        parts.append(make(rows[owner]))
        tries = search.add(parts[-1].texts, owner)
    return Draft(Corpus.concat(parts).take(search.place), search.reasons())


class _Search:
    """Looks among what is made for variants of examples, until there are as many as copies or there is no hope.

    Args:
        sources: `(examples,)` texts.
        hopeful: `(examples,)`; whether there is a variant at all.
        example: `(copies,)`; the example that each copy is of.

    Attributes:
        place: `(copies,)`; which of all that was made is the copy.
    """

    def __init__(self, sources: pa.StringArray, hopeful: np.ndarray, example: np.ndarray) -> None:
        self.place = np.zeros(len(example), np.int64)
        self._missing = np.bincount(example, minlength=len(sources))
        # The copies of each example side by side, and where among them the next is that has no text yet.
        self._copies, self._next = np.argsort(example, kind="stable"), bounds_of(self._missing)[:-1]
        self._fault = np.zeros(len(example), np.int64)
        self._sources, self._texts, self._owner, self._made = sources, sources[:0], np.zeros(0, np.int64), 0
        self._variants = np.zeros(len(sources), np.int64)
        self._vain = np.where(hopeful, 0, _HOPELESS)

    def add(self, texts: pa.StringArray, owner: np.ndarray) -> np.ndarray:
        """Looks for variants among more texts.

        Args:
            texts: what was made.
            owner: `(texts,)`; the example of each, sorted.

        Returns:
            How many more are to be made of each example.
        """
        count = len(self._sources)
        self._texts, self._owner = pa.concat_arrays([self._texts, texts]), np.append(self._owner, owner)
        # Sources first: then a copy that equals its source repeats it, as one that equals an earlier copy does.
        code = pa.concat_arrays([self._sources, self._texts]).dictionary_encode().indices.to_numpy()
        again = find_repeats(np.append(np.arange(count), self._owner), code)[-len(owner) :]
        new, old = np.flatnonzero(~again), np.flatnonzero(again)
        found = np.bincount(owner[new], minlength=count)
        filled = np.minimum(found, self._missing)
        # New variants take the places they fill for good. What is no variant then stands in the places that are left,
        # with its reason, until a later round fills these.
        self._fill(new, owner, np.zeros(len(owner), np.int64))
        self._next += filled
        self._missing -= filled
        self._fill(old, owner, np.where(code[-len(owner) :] == code[owner], 1, 2))
        self._made += len(owner)
        self._variants += found
        tries = self._tries(np.bincount(owner, minlength=count), found)
        # Texts of examples that are done with need not be compared any more.
        open = tries[self._owner] > 0
        self._texts, self._owner = self._texts.filter(pa.array(open)), self._owner[open]
        return tries

    def reasons(self) -> Sequence[str | None]:
        """Says for each copy why it is none; empty if all are."""
        return np.array([None, UNCHANGED, REPEATED], object)[self._fault].tolist() if self._fault.any() else ()

    def _fill(self, some: np.ndarray, owner: np.ndarray, fault: np.ndarray) -> None:
        """Takes what was made, the first of each example first, for the copies that are missing."""
        turn = Ragged.of_lengths(np.bincount(owner[some], minlength=len(self._missing))).rank
        some, turn = some[turn < self._missing[owner[some]]], turn[turn < self._missing[owner[some]]]
        copy = self._copies[self._next[owner[some]] + turn]
        self.place[copy], self._fault[copy] = self._made + some, fault[some]

    def _tries(self, made: np.ndarray, found: np.ndarray) -> np.ndarray:
        """Returns how many to make next: more if the last were all in vain, until there is no hope."""
        self._vain = np.where(found > 0, 0, self._vain + made)
        most = _VAIN + _VAIN_A_VARIANT * self._variants
        more = np.maximum(self._missing, np.minimum(most, _GROWTH * np.where(found > 0, self._missing, made)))
        return np.where((self._missing > 0) & (self._vain < most), more, 0)
