"""Looking numbers up among bounds: the same as a binary search says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.foundation.bins import Bins

NUMBERS = st.floats(-1e6, 1e6)


@given(st.lists(NUMBERS, min_size=1, max_size=60), st.lists(NUMBERS, max_size=30))
def test_finds_what_a_binary_search_finds(bounds: list[float], numbers: list[float]):
    among, asked = np.sort(bounds), np.array([*numbers, *bounds])
    assert Bins(among).find(asked).tolist() == np.searchsorted(among, asked, "right").tolist()


@pytest.mark.parametrize("weights", [np.ones(1000), 1 / np.arange(1, 5001) ** 2, np.array([1e-9] * 500 + [1.0] * 3)])
def test_finds_what_is_crowded_in_one_place_too(weights: np.ndarray):
    bounds = np.cumsum(weights)
    asked = np.random.default_rng(1).random(20_000) * bounds[-1]
    assert (Bins(bounds).find(asked) == np.searchsorted(bounds, asked, "right")).all()
