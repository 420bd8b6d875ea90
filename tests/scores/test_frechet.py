from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.scores import frechet_distance

shapes = st.tuples(st.integers(2, 12), st.integers(2, 12), st.integers(1, 8))


@pytest.mark.parametrize(
    ("a", "b", "squared"),
    [
        ([[0], [2]], [[3], [7]], 16 + (np.sqrt(2) - np.sqrt(8)) ** 2),
        ([[0], [2]], [[5], [7]], 25),
        ([[1], [1]], [[4], [4]], 9),  # no variance at all
        ([[0, 0], [2, 0]], [[0, 0], [0, 2]], 1 + 1 + 2 + 2),  # variances in different directions share nothing
        ([[0, 0, 0], [2, 0, 0]], [[3, 4, 0], [5, 4, 0]], 9 + 16),
    ],
)
def test_by_hand(a: list[list[float]], b: list[list[float]], squared: float):
    assert frechet_distance(np.array(a), np.array(b)) == pytest.approx(squared)


@given(shapes, st.integers(0, 1000))
def test_no_distance_to_itself_and_the_same_both_ways(shape: tuple[int, int, int], seed: int):
    a, b = drawn(shape, seed)
    assert frechet_distance(a, a[::-1]) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), abs=1e-9)
    assert frechet_distance(a, b) >= 0


@given(shapes, st.integers(0, 1000))
def test_a_shift_adds_its_square_and_a_scale_multiplies(shape: tuple[int, int, int], seed: int):
    a, b = drawn(shape, seed)
    assert frechet_distance(a, a + 3) == pytest.approx(9 * shape[2])
    assert frechet_distance(5 * a, 5 * b) == pytest.approx(25 * frechet_distance(a, b))


@given(st.integers(1, 6), st.integers(0, 1000))
def test_it_is_the_formula_if_covariances_are_regular(width: int, seed: int):
    a, b = drawn((40, 50, width), seed)
    first, second = (np.atleast_2d(np.cov(each, rowvar=False)) for each in (a, b))
    shared = np.sqrt(np.linalg.eigvals(first @ second).astype(complex)).real.sum()
    between = np.square(a.mean(axis=0) - b.mean(axis=0)).sum()
    assert frechet_distance(a, b) == pytest.approx(between + np.trace(first + second) - 2 * shared, abs=1e-9)


def test_few_rows_of_many_dimensions_far_from_the_origin():
    a, _ = drawn((3, 3, 200), 0)
    assert frechet_distance(a + 1e4, a + 1e4 + 1) == pytest.approx(200, rel=1e-6)


@pytest.mark.parametrize(
    ("a", "b", "complaint"),
    [
        (np.zeros((1, 2)), np.zeros((5, 2)), "at least two vectors"),
        (np.zeros((5, 2)), np.zeros((5, 3)), "same width"),
        (np.zeros(5), np.zeros(5), "same width"),
        (np.zeros((0, 2)), np.zeros((5, 2)), "no vectors"),
        (np.full((5, 2), np.nan), np.zeros((5, 2)), "not finite"),
    ],
)
def test_what_is_no_set_of_vectors_is_an_error(a: np.ndarray, b: np.ndarray, complaint: str):
    with pytest.raises(ValueError, match=complaint):
        frechet_distance(a, b)


def drawn(shape: tuple[int, int, int], seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(shape[0], shape[2])), rng.normal(1, 2, size=(shape[1], shape[2]))
