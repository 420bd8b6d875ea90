"""Ragged: rows of different lengths in one flat array. Most of what is fast in this project is laid out like that."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from textsynth.foundation.distinct import group_equal


@dataclass(frozen=True)
class Ragged:
    """Rows of different lengths, one after the other in one flat array, with the bounds of the rows.

    The tokens of texts, the spans of examples and the variants of words are all of this kind. A loop over rows in
    Python takes microseconds a row; the same done to the flat array takes nanoseconds a value. So what would be
    `[[7, 8], [], [9]]` is

        values   7 8 9        flat, row after row
        bounds   0 2 2 3      row `i` is `values[bounds[i]:bounds[i + 1]]`
        lengths  2 0 1        one a row
        owner    0 0 2        one a value: the row that it is in
        rank     0 1 0        one a value: how many values of its row come before it

    A number for each row becomes one for each value by `expand`, and `take` gives other rows: some of them, in any
    order, as often as asked. If several flat columns share their bounds, as the starts, ends and labels of spans do,
    `of_bounds` and `of_lengths` give a `Ragged` whose values are the positions in these columns: what `take` returns
    then says where to find the values of the rows that were taken.

    Args:
        values: `(values,)`, row after row.
        bounds: `(rows + 1,)`, from 0 to the number of values, never falling.

    >>> ragged = Ragged.of_lists([[7, 8], [], [9]])
    >>> ragged.lengths.tolist(), ragged.owner.tolist(), ragged.rank.tolist()
    ([2, 0, 1], [0, 0, 2], [0, 1, 0])
    >>> ragged[0].tolist()
    [7, 8]
    >>> ragged.expand(np.array([10, 20, 30])).tolist()
    [10, 10, 30]
    >>> ragged.take(np.array([2, 0, 2])).to_lists()
    [[9], [7, 8], [9]]
    >>> labels = np.array(["PER", "ORG", "LOC"])
    >>> labels[Ragged.of_bounds(np.array([0, 2, 2, 3])).take(np.array([2, 0])).values].tolist()
    ['LOC', 'PER', 'ORG']
    """

    values: np.ndarray
    bounds: np.ndarray

    @classmethod
    def of_lists(cls, lists: Iterable[Sequence[int]]) -> Self:
        """Lays lists of integers side by side."""
        rows = list(lists)
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        return cls(np.array([value for row in rows for value in row], np.int64), bounds_of(lengths))

    @classmethod
    def of_lengths(cls, lengths: np.ndarray) -> Self:
        """Returns rows of these lengths whose values are the positions 0, 1, … in flat columns."""
        return cls.of_bounds(bounds_of(lengths))

    @classmethod
    def of_bounds(cls, bounds: np.ndarray) -> Self:
        """Returns rows with these bounds whose values are the positions 0, 1, … in flat columns."""
        return cls(np.arange(bounds[-1]), bounds)

    @classmethod
    def of_owner(cls, owner: np.ndarray, rows: int) -> Self:
        """Returns rows of positions, given the row of each in a sorted column of row numbers.

        Args:
            owner: `(values,)`, never falling.
            rows: how many there are; the last may be empty.

        >>> Ragged.of_owner(np.array([0, 0, 2]), 4).bounds.tolist()
        [0, 2, 2, 3, 3]
        """
        return cls.of_lengths(np.bincount(owner, minlength=rows))

    @classmethod
    def of_ranges(cls, first: np.ndarray, stop: np.ndarray) -> Self:
        """Returns for each range of positions in flat columns a row of these positions; ranges may overlap.

        Args:
            first: `(rows,)`; the first position of each.
            stop: `(rows,)`; the position after its last.

        >>> Ragged.of_ranges(np.array([5, 1]), np.array([7, 4])).to_lists()
        [[5, 6], [1, 2, 3]]
        """
        bounds = bounds_of(stop - first)
        # The positions of a range run on by ones, as those of the result do: they differ by one number a row.
        return cls(np.arange(bounds[-1]) + np.repeat(first - bounds[:-1], np.diff(bounds)), bounds)

    def __len__(self) -> int:
        """Returns the number of rows."""
        return len(self.bounds) - 1

    def __getitem__(self, row: int) -> np.ndarray:
        """Returns the values of one row, counted from 0."""
        values: np.ndarray = self.values[self.bounds[row] : self.bounds[row + 1]]
        return values

    @functools.cached_property
    def lengths(self) -> np.ndarray:
        """How many values each row has, `(rows,)`."""
        return np.diff(self.bounds)

    @functools.cached_property
    def owner(self) -> np.ndarray:
        """The row that each value is in, `(values,)`."""
        return self.expand(np.arange(len(self)))

    @property
    def rank(self) -> np.ndarray:
        """How many values of its row come before each value, `(values,)`."""
        return np.arange(self.bounds[-1]) - self.expand(self.bounds[:-1])

    def expand(self, per_row: np.ndarray) -> np.ndarray:
        """Repeats what each row has for each of its values, `(rows,)` to `(values,)`."""
        return np.repeat(per_row, self.lengths)

    def take(self, rows: np.ndarray) -> Ragged:
        """Returns these rows, in this order; a row may come several times.

        Args:
            rows: `(taken,)` positions of rows.
        """
        positions = Ragged.of_ranges(self.bounds[:-1][rows], self.bounds[1:][rows])
        return Ragged(self.values[positions.values], positions.bounds)

    def to_lists(self) -> list[list[int]]:
        """Returns the rows as lists."""
        return [self.values[low:high].tolist() for low, high in itertools.pairwise(self.bounds.tolist())]


def bounds_of(lengths: np.ndarray) -> np.ndarray:
    """Returns where rows of these lengths begin, and at last where all end, `(rows + 1,)`.

    >>> bounds_of(np.array([2, 0, 1])).tolist()
    [0, 2, 2, 3]
    """
    bounds = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return bounds


def find_repeats(group: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Says which values an earlier one of the same group equals, `(values,)`.

    Args:
        group: `(values,)` numbers from 0, in any order.
        code: `(values,)` numbers from 0; equal values have equal codes.

    >>> find_repeats(np.array([0, 1, 0, 0]), np.array([5, 5, 5, 6])).tolist()
    [False, False, True, False]
    """
    # Sorting is what takes long, so it is spared for all whose code comes only once, in whatever group.
    several = np.flatnonzero(np.bincount(code)[code] > 1)
    keys = group[several] * (int(code.max(initial=0)) + 1) + code[several]
    _, _, first = group_equal(keys)
    repeats = np.zeros(len(code), bool)
    repeats[several] = True
    repeats[several[first]] = False
    return repeats


def find_first(*keys: np.ndarray) -> np.ndarray:
    """Returns for each row the first row that has the same in each of some columns, `(rows,)`.

    Args:
        keys: columns of numbers, `(rows,)` each.

    >>> find_first(np.array([7, 8, 7, 7]), np.array([0, 0, 1, 0])).tolist()
    [0, 1, 2, 0]
    """
    order = np.lexsort(keys)  # Equal rows stay in their order.
    new = np.ones(len(order), bool)
    new[1:] = np.any([key[order[1:]] != key[order[:-1]] for key in keys], axis=0)
    first = np.empty(len(order), np.int64)
    first[order] = order[new][np.cumsum(new) - 1]
    return first


def count_earlier(owner: np.ndarray) -> np.ndarray:
    """Returns how many before each have the same owner, numbers from 0, `(owners,)`.

    >>> count_earlier(np.array([1, 0, 1, 1])).tolist()
    [0, 0, 1, 2]
    """
    rank = np.empty(len(owner), np.int64)
    rank[np.argsort(owner, kind="stable")] = Ragged.of_lengths(np.bincount(owner)).rank
    return rank
