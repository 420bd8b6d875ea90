from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.delivery.split import TEST, TRAIN, VALIDATION, assign_parents
from textsynth.foundation.seeding import child_rng

parents = st.dictionaries(st.text(), st.integers(1, 50), max_size=40)
shares = st.sampled_from([0.0, 0.05, 0.1, 0.25, 0.4])


def sizes(sides: dict[str, str], counts: dict[str, int]) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for parent, side in sides.items():
        totals[side] += counts[parent]
    return totals


def test_by_hand():
    counts = {"a": 80, "b": 5, "c": 5, "d": 5, "e": 5}
    sides = assign_parents(counts, 0.1, 0.1, child_rng(1))
    assert sides["a"] == TRAIN
    assert sizes(sides, counts) == {TRAIN: 80, VALIDATION: 10, TEST: 10}


@given(parents, shares, shares)
def test_every_parent_is_on_one_side_and_no_split_is_larger_than_its_share(
    counts: dict[str, int], validation: float, test: float
):
    sides = assign_parents(counts, validation, test, child_rng(1))
    assert set(sides) == set(counts)
    assert set(sides.values()) <= {TRAIN, VALIDATION, TEST}
    totals, total = sizes(sides, counts), sum(counts.values())
    for side, share in ((VALIDATION, validation), (TEST, test)):
        members = [parent for parent in sides if sides[parent] == side]
        assert totals.get(side, 0) <= share * total + 1e-6 or len(members) == 1
        assert share > 0 or not members


@given(parents.filter(lambda counts: len(counts) >= 3), shares, shares)
def test_no_split_that_was_asked_for_is_empty(counts: dict[str, int], validation: float, test: float):
    sides = set(assign_parents(counts, validation, test, child_rng(1)).values())
    assert TRAIN in sides
    assert (VALIDATION in sides) is (validation > 0)
    assert (TEST in sides) is (test > 0)


@given(parents, st.randoms())
def test_the_order_of_parents_plays_no_part(counts: dict[str, int], shuffler):
    shuffled = list(counts.items())
    shuffler.shuffle(shuffled)
    assert assign_parents(dict(shuffled), 0.2, 0.2, child_rng(1)) == assign_parents(counts, 0.2, 0.2, child_rng(1))


def test_another_seed_gives_another_split():
    counts = {str(number): 1 for number in range(50)}
    assert assign_parents(counts, 0.2, 0.2, child_rng(1)) != assign_parents(counts, 0.2, 0.2, child_rng(2))


def test_many_small_parents_fill_the_shares():
    counts = {str(number): 1 + number % 3 for number in range(3000)}
    totals = sizes(assign_parents(counts, 0.1, 0.05, child_rng(1)), counts)
    assert totals == pytest.approx({TRAIN: 5100, VALIDATION: 600, TEST: 300}, abs=3)


def test_nothing_to_split():
    assert assign_parents({}, 0.1, 0.1, child_rng(1)) == {}
    assert assign_parents({"a": 5}, 0.5, 0.5, child_rng(1)) == {"a": TRAIN}
