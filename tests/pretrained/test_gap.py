from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textsynth.foundation.seeding import child_rng
from textsynth.pretrained.rewriting.gap import draw_gaps, runs_of


def test_runs_end_where_examples_do():
    free = np.array([True, True, True, False, True])
    assert runs_of(np.array([0, 2, 2, 5]), free) == [[(0, 2)], [], [(2, 3), (4, 5)]]


def test_nothing_free_has_no_runs():
    assert runs_of(np.array([0, 0]), np.zeros(0, bool)) == [[]]
    assert runs_of(np.array([0, 2]), np.zeros(2, bool)) == [[]]


@given(
    cuts=st.lists(st.integers(0, 40), unique=True, max_size=12).map(sorted),
    words=st.integers(0, 30),
    length=st.floats(1, 6),
    most=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_gaps_lie_in_runs_and_apart(cuts: list[int], words: int, length: float, most: int, seed: int):
    runs = list(zip(cuts[::2], cuts[1::2], strict=False))
    gaps = draw_gaps(runs, words, length, most, child_rng(seed))
    assert all(any(low <= first < stop <= high for low, high in runs) for first, stop in gaps)
    assert all(one[1] < other[0] or (one[1], other[0]) in _borders(runs) for one, other in itertools.pairwise(gaps))
    assert sum(stop - first for first, stop in gaps) <= words
    assert len(gaps) <= most
    assert gaps or not runs or not words


def _borders(runs: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """Where one run ends and another begins there is a mention, or the edge of one, between."""
    return {(one[1], other[0]) for one, other in itertools.pairwise(runs)}


def test_lengths_are_as_asked_for_on_average():
    rng = child_rng(1)
    gaps = [gap for _ in range(300) for gap in draw_gaps([(0, 1000)], 60, 3.0, 99, rng)]
    assert 2.7 < np.mean([stop - first for first, stop in gaps]) < 3.3
