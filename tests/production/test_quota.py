from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus.classes import count_classes, join_classes
from textsynth.production.quota import largest_remainders, level_combinations, level_quotas

weights = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=12)
counts = st.dictionaries(st.text(), st.integers(1, 100), min_size=1, max_size=10)


@pytest.mark.parametrize(
    ("total", "shares", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (5000, [2, 1], [3333, 1667]),
        (1, [1, 3], [0, 1]),
        (0, [1, 3], [0, 0]),
        (3, [0.1, 0.2], [1, 2]),
        (7, [5], [7]),
    ],
)
def test_parts_by_hand(total: int, shares: list[float], parts: list[int]):
    assert largest_remainders(total, shares) == parts


@given(st.integers(0, 10**7), weights)
def test_parts_add_up_and_are_fair(total: int, shares: list[float]):
    parts = largest_remainders(total, shares)
    assert sum(parts) == total
    for part, weight in zip(parts, shares, strict=True):
        assert abs(part - total * weight / sum(shares)) < 1 + 1e-6


@pytest.mark.parametrize(
    ("there", "total", "quotas"),
    [
        ({"a": 5, "b": 2, "c": 1}, None, {"b": 3, "c": 4}),
        ({"a": 5, "b": 2, "c": 1}, 4, {"b": 1, "c": 3}),
        ({"a": 5, "b": 2, "c": 1}, 1, {"c": 1}),
        ({"a": 5, "b": 2, "c": 1}, 10, {"a": 1, "b": 4, "c": 5}),
        ({"a": 5, "b": 5}, None, {}),
        ({"a": 5, "b": 5}, 3, {"a": 2, "b": 1}),
        ({"a": 5, "b": 1}, 0, {}),
        ({}, None, {}),
        ({}, 3, {}),
    ],
)
def test_levels_by_hand(there: dict[str, int], total: int | None, quotas: dict[str, int]):
    assert level_quotas(there, total) == quotas


@given(counts, st.integers(0, 500))
def test_levelled_classes_are_as_even_as_can_be(there: dict[str, int], total: int):
    quotas = level_quotas(there, total)
    assert sum(quotas.values()) == total
    assert all(quota > 0 for quota in quotas.values())
    after = {name: count + quotas.get(name, 0) for name, count in there.items()}
    topped = [after[name] for name in there if name in quotas]
    assert not topped or max(topped) - min(after.values()) <= 1


@given(counts)
def test_without_a_total_every_class_is_as_large_as_the_largest(there: dict[str, int]):
    quotas = level_quotas(there, None)
    assert {count + quotas.get(name, 0) for name, count in there.items()} == {max(there.values())}


names = st.sampled_from("abcdef")
combined = st.dictionaries(
    st.sets(names, max_size=3).map(join_classes), st.integers(1, 60), min_size=1, max_size=8
).filter(lambda counts: bool(count_classes(counts)))


@given(combined, st.integers(1, 3000))
def test_combinations_add_up_and_are_of_the_source(counts: dict[str, int], total: int):
    made = level_combinations(counts, total)
    assert sum(made.values()) == total
    assert set(made) <= set(counts)
    assert all(amount > 0 for amount in made.values())
    assert join_classes(()) not in made


@given(combined)
def test_without_a_total_every_class_is_filled_up_to_the_largest(counts: dict[str, int]):
    before = count_classes(counts)
    made = level_combinations(counts, None)
    after = count_classes({each: count + made.get(each, 0) for each, count in counts.items()})
    assert min(after.values()) >= max(before.values())


@given(st.dictionaries(names, st.integers(1, 60), min_size=1), st.integers(1, 3000))
def test_single_classes_come_out_as_even_as_without_combinations(counts: dict[str, int], total: int):
    one, other = level_combinations(counts, total), level_quotas(counts, total)
    levels = [sorted(counts[name] + made.get(name, 0) for name in counts) for made in (one, other)]
    assert levels[0] == levels[1]


def test_the_rarest_class_grows_in_combinations_that_spare_the_commonest():
    counts = {
        join_classes(names): count for names, count in [("a", 100), (("a", "c"), 5), (("b", "c"), 5), (("b",), 20)]
    }
    made = level_combinations(counts, 40)
    assert join_classes(("a", "c")) not in made
    assert count_classes({each: count + made.get(each, 0) for each, count in counts.items()}) == {
        "a": 105,
        "b": 25 + made[join_classes(("b", "c"))] + made.get("b", 0),
        "c": 10 + 40,
    }
