from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus.ragged import Ragged
from textsynth.scores import similar_sets
from textsynth.scores.similar_sets import NONE, SimilarSets

SETS = st.lists(st.sets(st.integers(0, 14), max_size=12), max_size=40)
SIMILARITIES = st.sampled_from([0.2, 0.3, 0.5, 0.8, 0.81, 1.0])


@pytest.fixture(autouse=True, params=[2, 7, 1024])
def _parts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """Small parts, so that few sets make many, and words are ordered anew between them."""
    monkeypatch.setattr(similar_sets, "_PART", request.param)
    monkeypatch.setattr(similar_sets, "_MOST", request.param)
    monkeypatch.setattr(similar_sets, "_WORDS", request.param)
    monkeypatch.setattr(similar_sets, "_LONG", 8 * request.param)


def are_alike(first: set[int], second: set[int], similarity: float) -> bool:
    return bool(first | second) and len(first & second) / len(first | second) >= similarity


@given(sets=SETS, similarity=SIMILARITIES)
def test_what_is_like_none_is_added_in_turn(sets: list[set[int]], similarity: float):
    seen, kept, expected = SimilarSets(similarity), list[set[int]](), list[int]()
    for each in sets:
        alike = [number for number, other in enumerate(kept) if are_alike(each, other, similarity)]
        expected.append(alike[0] if alike else NONE)
        if not alike:
            kept.append(each)
    assert seen.find_or_add(Ragged.of_lists(map(sorted, sets))).tolist() == expected
    assert len(seen) == len(kept)


@given(sets=SETS, asked=SETS, similarity=SIMILARITIES)
def test_the_first_that_is_alike_is_found(sets: list[set[int]], asked: list[set[int]], similarity: float):
    seen = SimilarSets(similarity)
    seen.add(Ragged.of_lists(map(sorted, sets)))
    expected = [
        next((number for number, other in enumerate(sets) if are_alike(each, other, similarity)), NONE)
        for each in asked
    ]
    assert seen.find(Ragged.of_lists(map(sorted, asked))).tolist() == expected
    assert len(seen) == len(sets)


def test_long_sets_and_words_that_come_later():
    rng, seen, kept = np.random.default_rng(1), SimilarSets(0.8), list[set[int]]()
    for round in range(1, 9):
        made = [set(rng.choice(60 * round, rng.integers(1, 90), replace=True).tolist()) for _ in range(12)]
        made += [each - {min(each)} | {10_000 + round} for each in made[::2]]
        expected = []
        for each in made:
            alike = [number for number, other in enumerate(kept) if are_alike(each, other, 0.8)]
            expected.append(alike[0] if alike else NONE)
            if not alike:
                kept.append(each)
        assert seen.find_or_add(Ragged.of_lists(map(sorted, made))).tolist() == expected
    assert len(kept) == 100  # of 144
