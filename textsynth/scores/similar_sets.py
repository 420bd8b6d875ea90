"""Which sets of words are alike, among millions: exact, without comparing each with all.

How alike two sets are is the share of the words that both have among those that either has (Jaccard). Words stand in
an order, rare ones first. Two sets that must share `c` words share one of the first `n - c + 1` of each, `n` being the
words of the set (prefix filter: Chaudhuri, Ganti & Kaushik 2006, A primitive operator for similarity joins; Bayardo, Ma
& Srikant 2007, Scaling up all pairs similarity search). So each set is kept under its first words, and only those are
compared that have one of these in common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from textsynth.corpus.ragged import Ragged
from textsynth.foundation.distinct import find_distinct

_PART, _LONG = 1024, 65_536
"""Sets, and words of sets, that are looked for at a time."""

_MOST, _WORDS = 2_000_000, 4_000_000
"""Pairs of sets, and words of such pairs, that are compared at a time."""

_EDGE = 1e-9
"""What a number of words is lowered by before it is rounded up, as products are not exact."""

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Multiplied by it, numbers that follow each other are far from each other (Knuth 1973)."""

_MIDDLE = 2**31
"""The place of the rarest word that was ordered."""

_HIGH, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)

NONE = -1


class SimilarSets:
    """Sets of words, numbered as they came, in which like ones are found: about 200 bytes for a set of 25 words.

    Args:
        similarity: share of common words from which on two sets are alike, above 0 and at most 1.
    """

    def __init__(self, similarity: float) -> None:
        self._similarity = similarity
        self._kept = _Kept(similarity)
        self._order, self._next_order = np.zeros(1, np.int64), 0

    def __len__(self) -> int:
        """Returns how many sets there are."""
        return len(self._kept)

    def add(self, sets: Ragged) -> None:
        """Adds sets, whatever they are like.

        Args:
            sets: the numbers of words, from 0, those of a set all different.
        """
        for part in _cut(sets):
            self._put(self._prepare(part))

    def find(self, sets: Ragged) -> np.ndarray:
        """Returns for each set the number of the first that is like it, `NONE` if there is none, `(sets,)`."""
        return _join(self._find(self._prepare(part)) for part in _cut(sets))

    def find_or_add(self, sets: Ragged) -> np.ndarray:
        """Finds as `find` does, in turn, and adds each set that is like none before the next is looked for."""
        return _join(self._find_or_add(self._prepare(part)) for part in _cut(sets))

    def _find(self, asked: _Prepared) -> np.ndarray:
        """Returns for each set the smallest number of one that is like it."""
        rows, others = self._kept.find_pairs(asked)
        first = np.full(len(asked.sets), NONE)
        first[rows[::-1]] = others[::-1]  # The pairs are sorted, and the last that is written stays.
        return first

    def _find_or_add(self, asked: _Prepared) -> np.ndarray:
        found, among = self._find(asked), _Kept(self._similarity)
        among.add(asked)
        later, earlier = among.find_pairs(asked)
        count = len(asked.sets)
        new, number = found == NONE, np.full(count, NONE)
        like = Ragged.of_owner(later[earlier < later], count)
        earlier, next_number = earlier[earlier < later], len(self)
        # Only those that are kept count, so that it must be decided in turn; most are like none of their part.
        for row in range(count) if len(earlier) else ():
            kept = earlier[like[row]]
            kept = kept[number[kept] != NONE]
            if new[row] and len(kept):
                found[row], new[row] = number[kept].min(), False
            elif new[row]:
                number[row], next_number = next_number, next_number + 1
        self._put(asked.take(np.flatnonzero(new)))
        return found

    def _put(self, some: _Prepared) -> None:
        self._kept.add(some)
        # What is rare is known the better the more there is. With another order all keys are others.
        if len(self) >= self._next_order:
            self._next_order = max(2 * len(self), _PART)
            self._order = np.argsort(np.argsort(self._kept.count_words(), kind="stable"))
            self._kept.index_anew(self._list_keys)

    def _prepare(self, sets: Ragged) -> _Prepared:
        return _Prepared(sets, self._list_keys(sets), _sketch(sets))

    def _list_keys(self, sets: Ragged) -> Ragged:
        """Returns the places of the words that each set is kept under: one more than it need not share."""
        ordered = np.sort(sets.owner << 32 | self._rank(sets.values.astype(np.int64))) & int(_LOW)
        lengths = sets.lengths
        first = np.where(lengths > 0, lengths - _round_up(self._similarity * lengths) + 1, 0)
        positions = Ragged.of_ranges(sets.bounds[:-1], sets.bounds[:-1] + first)
        return Ragged(ordered[positions.values], positions.bounds)

    def _rank(self, words: np.ndarray) -> np.ndarray:
        """Returns the places of words in the order; those that were met since come before all, the last one first."""
        known = words < len(self._order)
        return np.where(known, self._order[np.where(known, words, 0)] + _MIDDLE, _MIDDLE - 1 - words)


@dataclass(frozen=True)
class _Prepared:
    """Sets with what they are found by.

    Args:
        sets: their words.
        keys: what each is kept under.
        sketches: `(sets, 5)`; the bits of each.
    """

    sets: Ragged
    keys: Ragged
    sketches: np.ndarray

    def take(self, rows: np.ndarray) -> _Prepared:
        """Returns some of them."""
        return _Prepared(self.sets.take(rows), self.keys.take(rows), self.sketches[rows])


class _Kept:
    """Sets that are kept, and found by keys; all that is asked for has keys of one order.

    Args:
        similarity: from which on sets are alike.
    """

    def __init__(self, similarity: float) -> None:
        self._similarity = similarity
        self._words, self._bounds = _Growing(np.uint32), _Growing(np.int64)
        self._bounds.append(np.zeros(1, np.int64))
        self._sketches, self._index = _Growing(np.uint64, 5), _Index()

    def __len__(self) -> int:
        return len(self._sketches)

    @property
    def _sets(self) -> Ragged:
        return Ragged(self._words.array, self._bounds.array)

    def add(self, some: _Prepared) -> None:
        """Adds sets."""
        self._index.add(some.keys, first=len(self))
        self._words.append(some.sets.values.astype(np.uint32))
        self._bounds.append(some.sets.bounds[1:] + self._bounds.array[-1])
        self._sketches.append(some.sketches)

    def count_words(self) -> np.ndarray:
        """Returns how often each word is there."""
        return np.bincount(self._words.array, minlength=1)

    def index_anew(self, list_keys: Callable[[Ragged], Ragged]) -> None:
        """Keeps all sets under the keys that a function gives."""
        self._index, first = _Index(), 0
        for part in _cut(self._sets):
            self._index.add(list_keys(part), first)
            first += len(part)

    def find_pairs(self, asked: _Prepared) -> tuple[np.ndarray, np.ndarray]:
        """Returns which of some sets are like which of those that are here, as two columns, sorted by both."""
        owner, sizes = asked.keys.owner, asked.sets.lengths
        # A set that is like another has at most so many words that are not in both, whatever the other's size.
        most = (1 / self._similarity - 1) * sizes + _EDGE
        pair = np.zeros(0, np.int64)
        for place, kept in self._index.find(asked.keys.values):
            rows = kept.expand(owner[place])
            near = self._find_near(asked.sketches, rows, kept.values, most)
            pair = find_distinct(np.append(pair, rows[near] << 32 | kept.values[near]))
        pair = pair[self._have_like_sizes(sizes[pair >> 32], pair & int(_LOW))]
        part = np.cumsum(sizes[pair >> 32]) // _WORDS  # Partners are hardly larger, so this bounds the memory.
        parts = np.split(pair, np.flatnonzero(part[1:] != part[:-1]) + 1)
        pair = np.concatenate([some[self._are_alike(asked.sets, some >> 32, some & int(_LOW))] for some in parts])
        return pair >> 32, pair & int(_LOW)

    def _find_near(self, sketches: np.ndarray, rows: np.ndarray, others: np.ndarray, most: np.ndarray) -> np.ndarray:
        """Returns which pairs differ in no more bits than they may in words: most pairs are done with by few bits."""
        theirs = self._sketches.array
        differ = np.bitwise_count(sketches[rows, 0] ^ theirs[others, 0])
        near = np.flatnonzero(differ <= most[rows])
        differ = np.bitwise_count(sketches[rows[near], 1:] ^ theirs[others[near], 1:]).sum(1)
        close: np.ndarray = near[differ <= most[rows[near]]]
        return close

    def _have_like_sizes(self, sizes: np.ndarray, others: np.ndarray) -> np.ndarray:
        bounds = self._bounds.array
        there = bounds[others + 1] - bounds[others]
        like: np.ndarray = np.minimum(sizes, there) + _EDGE >= self._similarity * np.maximum(sizes, there)
        return like

    def _are_alike(self, sets: Ragged, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Says which pairs are alike, by all their words."""
        mine, theirs = sets.take(rows), self._sets.take(others)
        pair = np.append(mine.owner, theirs.owner).astype(np.uint64) << _HIGH
        both = np.sort(pair | np.append(mine.values, theirs.values).astype(np.uint64))
        twice = both[1:][both[1:] == both[:-1]] >> _HIGH
        common = np.bincount(twice.astype(np.int64), minlength=len(rows))
        # A quotient is rounded as the option is, so that 4 of 5 are exactly 0.8.
        alike: np.ndarray = common / (mine.lengths + theirs.lengths - common) >= self._similarity
        return alike


class _Index:
    """Numbers of sets by their keys, in sorted arrays of which each is at least twice as long as the next."""

    def __init__(self) -> None:
        self._levels: list[np.ndarray] = []

    def add(self, keys: Ragged, first: int) -> None:
        """Adds sets that are numbered from `first` on."""
        level = np.sort((keys.values << 32 | keys.owner + first).astype(np.uint64))
        while self._levels and len(self._levels[-1]) < 2 * len(level):
            level = np.sort(np.append(self._levels.pop(), level))
        self._levels.append(level)

    def find(self, keys: np.ndarray) -> Iterator[tuple[np.ndarray, Ragged]]:
        """Yields positions of keys, and for each the numbers of sets that have it, some at a time."""
        order = np.argsort(keys)
        asked = keys[order].astype(np.uint64) << _HIGH
        for level in self._levels:
            first, stop = np.searchsorted(level, asked), np.searchsorted(level, asked | _LOW, "right")
            hit = np.flatnonzero(stop > first)
            met = np.cumsum(stop[hit] - first[hit])
            edges = np.searchsorted(met, np.arange(_MOST, met[-1] if len(met) else 0, _MOST))
            for some in np.split(hit, edges):
                ranges = Ragged.of_ranges(first[some], stop[some])
                yield order[some], Ragged((level[ranges.values] & _LOW).astype(np.int64), ranges.bounds)


class _Growing:
    """An array that grows at its end, by half of what it has, so that it is seldom copied."""

    def __init__(self, kind: type, *width: int) -> None:
        self._count = 0
        self._room: np.ndarray = np.zeros((1024, *width), kind)

    def __len__(self) -> int:
        return self._count

    @property
    def array(self) -> np.ndarray:
        """What it has, without a copy."""
        return self._room[: self._count]

    def append(self, values: np.ndarray) -> None:
        end = self._count + len(values)
        if end > len(self._room):
            room = np.empty((end + end // 2, *self._room.shape[1:]), self._room.dtype)
            room[: self._count] = self.array
            self._room = room
        self._room[self._count : end] = values
        self._count = end


def _cut(sets: Ragged) -> Iterator[Ragged]:
    """Yields the sets, some at a time: one that is longer than all of a part may be stands alone."""
    begin = 0
    while begin < len(sets):
        end = int(np.searchsorted(sets.bounds, sets.bounds[begin] + _LONG, "right")) - 1
        end = min(max(end, begin + 1), begin + _PART)
        bounds = sets.bounds[begin : end + 1]
        yield Ragged(sets.values[bounds[0] : bounds[-1]], bounds - bounds[0])
        begin = end


def _join(numbers: Iterable[np.ndarray]) -> np.ndarray:
    """Lays columns of numbers one behind the other; there may be none."""
    return np.concatenate([np.zeros(0, np.int64), *numbers])


def _round_up(words: np.ndarray) -> np.ndarray:
    """Rounds numbers of words up."""
    return np.ceil(words - _EDGE).astype(np.int64)


def _sketch(sets: Ragged) -> np.ndarray:
    """Returns bits for each set, `(sets, 5)`: 64, of which each word has one, and beside them 256, alike.

    Sets differ in at least as many words as in bits. The few bits are quick to compare, the many tell more.
    """
    place = (sets.values.astype(np.uint64) * _SPREAD) >> np.uint64(56)
    column, bit = (place >> np.uint64(6)).astype(np.int64) + 1, np.uint64(1) << (place & np.uint64(63))
    sketches = np.zeros((len(sets), 5), np.uint64)
    np.bitwise_or.at(sketches, (sets.owner, column), bit)
    sketches[:, 0] = np.bitwise_or.reduce(sketches[:, 1:], axis=1)
    return sketches
