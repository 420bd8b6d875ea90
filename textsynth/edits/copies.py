"""Copies of examples that all differ: from their source and from each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.corpus.code_points import ramp

UNCHANGED, REPEATED = "unchanged", "no further variant"

_GROWTH = 4
_VAIN, _VAIN_A_VARIANT = 12, 4
"""Tries in vain after which there is held to be no other variant: one in a hundred is missed if all are as likely."""


def distinct_copies(
    source: Corpus, chosen: np.ndarray, make: Callable[[np.ndarray], Corpus], usable: np.ndarray | None = None
) -> Draft:
    """Makes copies of examples, and makes others for those that equal their source or an earlier copy of it.

    Args:
        source: the examples.
        chosen: `(copies,)`; the example that each copy is of.
        make: makes a copy of each of the examples it is given.
        usable: `(examples,)`; whether anything can be changed in an example, where that is known; else it is tried out.

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
        owner = np.repeat(np.arange(len(rows)), tries)
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
        self._copies, self._next = np.argsort(example, kind="stable"), np.cumsum(self._missing) - self._missing
        self._fault = np.zeros(len(example), np.int64)
        self._sources, self._texts, self._owner, self._made = sources, sources[:0], np.zeros(0, np.int64), 0
        self._variants = np.zeros(len(sources), np.int64)
        self._vain = np.where(hopeful, 0, np.iinfo(np.int64).max // 2)

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
        code = pa.concat_arrays([self._sources, self._texts]).dictionary_encode().indices.to_numpy()
        again = _repeats(np.append(np.arange(count), self._owner), code)[-len(owner) :]
        new, old = np.flatnonzero(~again), np.flatnonzero(again)
        found = np.bincount(owner[new], minlength=count)
        filled = np.minimum(found, self._missing)
        self._fill(new, owner, np.zeros(len(owner), np.int64))
        self._next += filled
        self._missing -= filled
        self._fill(old, owner, np.where(code[-len(owner) :] == code[owner], 1, 2))
        self._made += len(owner)
        self._variants += found
        tries = self._tries(np.bincount(owner, minlength=count), found)
        open = tries[self._owner] > 0
        self._texts, self._owner = self._texts.filter(pa.array(open)), self._owner[open]
        return tries

    def reasons(self) -> Sequence[str | None]:
        """Says for each copy why it is none; empty where all are."""
        return np.array([None, UNCHANGED, REPEATED], object)[self._fault].tolist() if self._fault.any() else ()

    def _fill(self, some: np.ndarray, owner: np.ndarray, fault: np.ndarray) -> None:
        """Takes what was made, the first of each example first, for the copies that are missing."""
        turn = ramp(np.bincount(owner[some], minlength=len(self._missing)))
        some, turn = some[turn < self._missing[owner[some]]], turn[turn < self._missing[owner[some]]]
        copy = self._copies[self._next[owner[some]] + turn]
        self.place[copy], self._fault[copy] = self._made + some, fault[some]

    def _tries(self, made: np.ndarray, found: np.ndarray) -> np.ndarray:
        """Returns how many to make next: more where the last were all in vain, until there is no hope."""
        self._vain = np.where(found > 0, 0, self._vain + made)
        most = _VAIN + _VAIN_A_VARIANT * self._variants
        more = np.maximum(self._missing, np.minimum(most, _GROWTH * np.where(found > 0, self._missing, made)))
        return np.where((self._missing > 0) & (self._vain < most), more, 0)


def _repeats(owner: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Says which rows have an owner and a code that an earlier row has, both."""
    several = np.flatnonzero(np.bincount(code)[code] > 1)
    keys = owner[several] * (int(code.max(initial=0)) + 1) + code[several]
    _, first = np.unique(keys, return_index=True)
    repeat = np.zeros(len(code), bool)
    repeat[several] = True
    repeat[several[first]] = False
    return repeat
