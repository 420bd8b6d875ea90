from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.scores import coverage

points = st.tuples(st.integers(-3, 3), st.integers(-3, 3))
"""So few places that many points are the same, and many lie on the edge of a ball."""


@pytest.mark.parametrize(
    ("generated", "neighbours", "share"),
    [
        ([0.5], 1, 2 / 4),
        ([3.0], 1, 2 / 4),  # on the edge of the ball of 2, and in that of 10, whose radius is 8
        ([3.1], 1, 1 / 4),
        ([-9.0], 1, 0),
        ([0.5, 10.0], 1, 3 / 4),
        ([3.5], 2, 2 / 4),  # the radii are 2, 1, 2 and 9
    ],
)
def test_by_hand(generated: list[float], neighbours: int, share: float):
    assert coverage(column([0, 1, 2, 10]), column(generated), neighbours) == share


def test_copies_cover_what_repeats():
    assert coverage(column([1, 1, 1, 9, 9, 9]), column([1]), 2) == 0.5


@given(st.lists(points, min_size=3, max_size=20), st.lists(points, min_size=1, max_size=20), st.integers(1, 2))
def test_it_is_what_integers_say(real: list, generated: list, neighbours: int):
    radii = [sorted(squared(one, other) for other in real)[neighbours] for one in real]
    covered = [
        min(squared(one, other) for other in generated) <= radius for one, radius in zip(real, radii, strict=True)
    ]
    # A tenth is no binary fraction, so that the edges of balls are subject to rounding.
    assert coverage(np.array(real) / 10 + 0.7, np.array(generated) / 10 + 0.7, neighbours) == np.mean(covered)


@given(st.integers(6, 40), st.integers(0, 1000))
def test_real_vectors_cover_themselves(count: int, seed: int):
    real = np.random.default_rng(seed).normal(1000, 1, size=(count, 5)).astype(np.float32)
    assert coverage(real, real[::-1]) == 1


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(0)
    real, generated = rng.normal(size=(50, 3)), rng.normal(1, 1, size=(30, 3))
    whole = coverage(real, generated)
    monkeypatch.setattr(sys.modules[coverage.__module__], "_BLOCK", 7 * 50)
    assert 0 < whole == coverage(real, generated) < 1


def test_the_same_distribution_has_what_the_paper_expects():
    rng = np.random.default_rng(0)
    assert coverage(rng.normal(size=(2000, 8)), rng.normal(size=(2000, 8))) == pytest.approx(1 - 1 / 2**5, abs=0.01)


@pytest.mark.parametrize(
    ("real", "generated", "neighbours", "complaint"),
    [
        (np.zeros((5, 1)), np.zeros((5, 1)), 5, "fewer than the 5 real vectors"),
        (np.zeros((5, 1)), np.zeros((5, 1)), 0, "at least 1"),
        (np.zeros((9, 1)), np.zeros((0, 1)), 5, "no vectors"),
        (np.zeros((9, 1)), np.zeros((9, 2)), 5, "same width"),
        (np.zeros((9, 1)), np.full((9, 1), np.inf), 5, "not finite"),
    ],
)
def test_what_cannot_be_covered_is_an_error(real: np.ndarray, generated: np.ndarray, neighbours: int, complaint: str):
    with pytest.raises(ValueError, match=complaint):
        coverage(real, generated, neighbours)


def column(numbers: list[float]) -> np.ndarray:
    return np.array(numbers, float)[:, None]


def squared(one: tuple[int, int], other: tuple[int, int]) -> int:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2
