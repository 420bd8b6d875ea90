"""Which sets of words are alike, among millions: exact, without comparing each with all.

How alike two sets are is the share of the words that both have among those that either has (Jaccard). Words stand in
an order, rare ones first. Two sets that must share `c` words share one of the first `n - c + 1` of each, `n` being the
words of the set (prefix filter: Chaudhuri, Ganti & Kaushik 2006, A primitive operator for similarity joins; Bayardo, Ma
& Srikant 2007, Scaling up all pairs similarity search). So each set is kept under its first words, and only those are
compared that have one of these in common.
"""

from __future__ import annotations

from collections.abc import Iterator

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
        self._words, self._bounds = _Growing(np.uint32), _Growing(np.int64)
        self._bounds.append(np.zeros(1, np.int64))
        self._sketches = _Growing(np.uint64, 5)
        self._order = np.zeros(1, np.int64)
        self._index, self._next_order = _Index(), 0

    def __len__(self) -> int:
        """Returns how many sets there are."""
        return len(self._sketches)

    def add(self, sets: Ragged) -> None:
        """Adds sets, whatever they are like.

        Args:
            sets: the numbers of words, from 0, those of a set all different.
        """
        for part in _cut(sets):
            self._put(part)

    def find(self, sets: Ragged) -> np.ndarray:
        """Returns for each set the number of the first that is like it, `NONE` if there is none, `(sets,)`."""
        found = [_first_of(*self._find_pairs(part), len(part)) for part in _cut(sets)]
        return np.concatenate([np.zeros(0, np.int64), *found])

    def find_or_add(self, sets: Ragged) -> np.ndarray:
        """Finds as `find` does, in turn, and adds each set that is like none before the next is looked for."""
        found = [self._find_or_add(part) for part in _cut(sets)]
        return np.concatenate([np.zeros(0, np.int64), *found])

    def _find_or_add(self, sets: Ragged) -> np.ndarray:
        found = _first_of(*self._find_pairs(sets), len(sets))
        among = SimilarSets(self._similarity)
        among._order, among._next_order = self._order, len(sets) + 1
        among._put(sets)
        later, earlier = among._find_pairs(sets)
        new, number = found == NONE, np.full(len(sets), NONE)
        like = Ragged.of_owner(later[earlier < later], len(sets))
        earlier, next_number = earlier[earlier < later], len(self)
        # Only those that are kept count, so that it must be decided in turn; most are like none of their part.
        for row in range(len(sets)) if len(earlier) else ():
            kept = earlier[like[row]]
            kept = kept[number[kept] != NONE]
            if new[row] and len(kept):
                found[row], new[row] = number[kept].min(), False
            elif new[row]:
                number[row], next_number = next_number, next_number + 1
        self._put(sets.take(np.flatnonzero(new)))
        return found

    def _put(self, sets: Ragged) -> None:
        first = len(self)
        self._words.append(sets.values.astype(np.uint32))
        self._bounds.append(sets.bounds[1:] + self._bounds.array[-1])
        self._sketches.append(_sketch(sets))
        # What is rare is known the better the more there is. With another order all keys are others.
        if len(self) >= self._next_order:
            self._next_order = max(2 * len(self), _PART)
            self._order = np.argsort(np.argsort(np.bincount(self._words.array, minlength=1), kind="stable"))
            self._index = _Index()
            for part in _cut(Ragged(self._words.array, self._bounds.array)):
                self._index.add(self._list_keys(part), first=len(self._index))
        else:
            self._index.add(self._list_keys(sets), first)

    def _rank(self, words: np.ndarray) -> np.ndarray:
        """Returns the places of words in the order; those that were met since come before all, the last one first."""
        known = words < len(self._order)
        return np.where(known, self._order[np.where(known, words, 0)] + _MIDDLE, _MIDDLE - 1 - words)

    def _find_pairs(self, sets: Ragged) -> tuple[np.ndarray, np.ndarray]:
        """Returns which of some sets are like which of those that are here, as two columns."""
        keys = self._list_keys(sets)
        owner, sizes, sketches = keys.owner, sets.lengths, _sketch(sets)
        # A set that is like another has at most so many words that are not in both, whatever the other's size.
        most = (1 / self._similarity - 1) * sizes + _EDGE
        pair = np.zeros(0, np.int64)
        for asked, kept in self._index.find(keys.values, _MOST):
            rows = kept.expand(owner[asked])
            near = self._find_near(sketches, rows, kept.values, most)
            pair = find_distinct(np.append(pair, rows[near] << 32 | kept.values[near]))
        pair = pair[self._have_like_sizes(sizes[pair >> 32], pair & int(_LOW))]
        part = np.cumsum(sizes[pair >> 32]) // _WORDS  # Partners are hardly larger, so this bounds the memory.
        parts = np.split(pair, np.flatnonzero(part[1:] != part[:-1]) + 1)
        pair = np.concatenate([some[self._are_alike(sets, some >> 32, some & int(_LOW))] for some in parts])
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
        kept = Ragged(self._words.array, self._bounds.array)
        mine, theirs = sets.take(rows), kept.take(others)
        pair = np.append(mine.owner, theirs.owner).astype(np.uint64) << _HIGH
        both = np.sort(pair | np.append(mine.values, theirs.values).astype(np.uint64))
        twice = both[1:][both[1:] == both[:-1]] >> _HIGH
        common = np.bincount(twice.astype(np.int64), minlength=len(rows))
        # A quotient is rounded as the option is, so that 4 of 5 are exactly 0.8.
        alike: np.ndarray = common / (mine.lengths + theirs.lengths - common) >= self._similarity
        return alike

    def _list_keys(self, sets: Ragged) -> Ragged:
        """Returns the places of the words that each set is kept under: one more than it need not share."""
        ordered = np.sort(sets.owner << 32 | self._rank(sets.values.astype(np.int64))) & int(_LOW)
        lengths = sets.lengths
        first = np.where(lengths > 0, lengths - _round_up(self._similarity * lengths) + 1, 0)
        positions = Ragged.of_ranges(sets.bounds[:-1], sets.bounds[:-1] + first)
        return Ragged(ordered[positions.values], positions.bounds)


class _Index:
    """Numbers of sets by their keys, in sorted arrays of which each is at least twice as long as the next."""

    def __init__(self) -> None:
        self._levels: list[np.ndarray] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, keys: Ragged, first: int) -> None:
        """Adds sets that are numbered from `first` on."""
        self._count = first + len(keys)
        level = np.sort((keys.values << 32 | keys.owner + first).astype(np.uint64))
        while self._levels and len(self._levels[-1]) < 2 * len(level):
            level = np.sort(np.append(self._levels.pop(), level))
        self._levels.append(level)

    def find(self, keys: np.ndarray, most: int) -> Iterator[tuple[np.ndarray, Ragged]]:
        """Yields positions of keys, and for each the numbers of sets that have it, about so many at a time at most."""
        order = np.argsort(keys)
        asked = keys[order].astype(np.uint64) << _HIGH
        for level in self._levels:
            first, stop = np.searchsorted(level, asked), np.searchsorted(level, asked | _LOW, "right")
            hit = np.flatnonzero(stop > first)
            edges = np.searchsorted(np.cumsum(stop[hit] - first[hit]), np.arange(most, int((stop - first).sum()), most))
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


def _first_of(rows: np.ndarray, others: np.ndarray, count: int) -> np.ndarray:
    """Returns the smallest partner of each row, `NONE` if it has none."""
    first = np.full(count, NONE)
    first[rows[::-1]] = others[::-1]  # The pairs are sorted, and the last that is written stays.
    return first


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
