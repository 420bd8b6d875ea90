from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus.ragged import Ragged, bounds_of

lists_of_rows = st.lists(st.lists(st.integers(-9, 9), max_size=4), max_size=6)


@st.composite
def rows_to_take(draw: st.DrawFn) -> tuple[list[list[int]], list[int]]:
    """Draws rows, and positions among them, some of them several times or never."""
    rows = draw(lists_of_rows)
    return rows, draw(st.lists(st.integers(0, len(rows) - 1), max_size=8)) if rows else []


@given(lists_of_rows)
def test_it_is_what_plain_lists_are(rows: list[list[int]]):
    ragged = Ragged.of_lists(rows)
    assert len(ragged) == len(rows)
    assert ragged.to_lists() == rows
    assert ragged.values.tolist() == [value for row in rows for value in row]
    assert ragged.lengths.tolist() == [len(row) for row in rows]
    assert ragged.owner.tolist() == [number for number, row in enumerate(rows) for _ in row]
    assert ragged.rank.tolist() == [rank for row in rows for rank, _ in enumerate(row)]


@given(lists_of_rows)
def test_what_a_row_has_its_values_have(rows: list[list[int]]):
    sums = [sum(row) for row in rows]
    expanded = Ragged.of_lists(rows).expand(np.array(sums, np.int64))
    assert expanded.tolist() == [sums[number] for number, row in enumerate(rows) for _ in row]


@given(rows_to_take())
def test_rows_are_taken_in_any_order(case: tuple[list[list[int]], list[int]]):
    rows, taken = case
    ragged = Ragged.of_lists(rows).take(np.array(taken, np.int64))
    assert ragged.to_lists() == [rows[number] for number in taken]
    assert ragged.take(np.arange(len(taken))).to_lists() == ragged.to_lists()


@given(rows_to_take())
def test_positions_say_where_columns_have_the_values(case: tuple[list[list[int]], list[int]]):
    rows, taken = case
    column = np.array([value for row in rows for value in row], np.int64)
    positions = Ragged.of_lengths(np.array([len(row) for row in rows], np.int64)).take(np.array(taken, np.int64))
    assert column[positions.values].tolist() == [value for number in taken for value in rows[number]]


@given(lists_of_rows)
def test_three_ways_to_the_same_rows(rows: list[list[int]]):
    lengths = np.array([len(row) for row in rows], np.int64)
    by_lengths = Ragged.of_lengths(lengths)
    by_owner = Ragged.of_owner(Ragged.of_lists(rows).owner, len(rows))
    by_bounds = Ragged.of_bounds(bounds_of(lengths))
    assert by_lengths.to_lists() == by_owner.to_lists() == by_bounds.to_lists()
    assert by_lengths.values.tolist() == list(range(int(lengths.sum())))


def test_values_may_be_of_any_kind():
    ragged = Ragged(np.array([0.5, 1.5, 2.5]), np.array([0, 1, 3]))
    assert ragged.take(np.array([1])).values.tolist() == [1.5, 2.5]


def test_no_rows_and_rows_without_values():
    assert Ragged.of_lists([]).to_lists() == []
    empty = Ragged.of_lists([[], []])
    assert (len(empty), empty.owner.tolist(), empty.rank.tolist()) == (2, [], [])
    assert empty.take(np.array([1, 1, 0])).to_lists() == [[], [], []]


def test_a_row_that_is_not_there():
    with pytest.raises(IndexError):
        Ragged.of_lists([[1]]).take(np.array([1]))
