from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus.ragged import Ragged
from textsynth.edits import draw
from textsynth.edits.draw import draw_counts, draw_distinct, draw_one
from textsynth.foundation.seeding import child_rng

SIZES = st.lists(st.integers(0, 12), max_size=8)


@given(SIZES, st.floats(0.001, 1), st.integers(0, 99))
def test_counts_lie_between_one_and_the_size(sizes: list[int], rate: float, seed: int):
    counts = draw_counts(np.array(sizes, np.int64), rate, child_rng(seed))
    for size, count in zip(sizes, counts.tolist(), strict=True):
        assert min(size, 1) <= count <= size
        assert count in (max(1, int(size * rate)), int(size * rate) + 1) or size == 0


@pytest.mark.parametrize(("size", "rate"), [(40, 0.1), (33, 0.1), (25, 0.3), (17, 0.5), (10, 1.0), (11, 0.95)])
def test_the_rate_is_met_on_average(size: int, rate: float):
    counts = draw_counts(np.full(20_000, size), rate, child_rng(1))
    assert counts.mean() == pytest.approx(size * rate, rel=0.01)
    assert set(counts.tolist()) <= {int(size * rate), int(size * rate) + 1}


def test_a_small_rate_gives_one():
    assert draw_counts(np.array([0, 1, 50]), 1e-9, child_rng(1)).tolist() == [0, 1, 1]


@pytest.mark.parametrize("few", [0, 3, 16])
@given(SIZES, st.data())
def test_numbers_are_distinct_and_sorted(few: int, sizes: list[int], data: st.DataObject):
    counts = [data.draw(st.integers(0, size)) for size in sizes]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(draw, "_FEW", few)
        text, place = draw_distinct(np.array(sizes, np.int64), np.array(counts, np.int64), child_rng(3))
    found: list[list[int]] = [[] for _ in sizes]
    for row, number in zip(text.tolist(), place.tolist(), strict=True):
        found[row].append(number)
    assert text.tolist() == sorted(text.tolist())
    for size, count, numbers in zip(sizes, counts, found, strict=True):
        assert len(numbers) == count == len(set(numbers))
        assert numbers == sorted(numbers)
        assert all(0 <= number < size for number in numbers)


@pytest.mark.parametrize("few", [0, 16])
@pytest.mark.parametrize(("size", "count"), [(5, 2), (6, 3), (4, 3), (7, 1), (5, 4)])
def test_every_subset_is_as_likely(monkeypatch: pytest.MonkeyPatch, size: int, count: int, few: int):
    monkeypatch.setattr(draw, "_FEW", few)
    rounds = 20_000
    text, place = draw_distinct(np.full(rounds, size), np.full(rounds, count), child_rng(5))
    assert len(text) == rounds * count
    seen = Counter(map(tuple, place.reshape(rounds, count).tolist()))
    subsets = list(itertools.combinations(range(size), count))
    expected = rounds / len(subsets)
    chi_square = sum((seen[subset] - expected) ** 2 / expected for subset in subsets)
    freedom = len(subsets) - 1
    assert chi_square < freedom + 4 * (2 * freedom) ** 0.5  # four standard deviations


def test_texts_of_different_sizes_are_drawn_on_their_own():
    sizes = np.tile([3, 9, 1, 0], 5000)
    counts = np.tile([2, 1, 1, 0], 5000)
    text, place = draw_distinct(sizes, counts, child_rng(7))
    kind = text % 4
    assert np.bincount(place[kind == 0], minlength=3) == pytest.approx(10_000 / 3, rel=0.05)
    assert np.bincount(place[kind == 1], minlength=9) == pytest.approx(5000 / 9, rel=0.2)
    assert not place[kind == 2].any()


def test_the_same_rng_draws_the_same():
    sizes, counts = np.full(50, 9), np.full(50, 4)
    first, second = (draw_distinct(sizes, counts, child_rng(1))[1].tolist() for _ in range(2))
    assert first == second
    assert first != draw_distinct(sizes, counts, child_rng(2))[1].tolist()


def test_long_texts_beside_short_ones():
    sizes, counts = np.array([3, 5000, 0, 40]), np.array([2, 2500, 0, 20])
    text, place = draw_distinct(sizes, counts, child_rng(1))
    assert np.bincount(text, minlength=4).tolist() == counts.tolist()
    assert all(len(set(place[text == row].tolist())) == count for row, count in enumerate(counts))
    assert place[text == 1].mean() == pytest.approx(2500, rel=0.05)


def test_one_of_a_row_each_as_likely():
    rows = Ragged.of_lists([[5], [], [7, 8, 9]])
    counts = Counter(draw_one(rows, np.tile([0, 2], 9000), child_rng(1)).tolist())
    assert counts == {5: 9000, **{value: pytest.approx(3000, abs=200) for value in (7, 8, 9)}}
    assert len(draw_one(Ragged.of_lists([]), np.zeros(0, np.int64), child_rng(1))) == 0
