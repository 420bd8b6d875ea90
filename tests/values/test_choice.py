"""What fits a slot, and what is given up for it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.language.person_name import FEMALE, MALE
from textsynth.values.choice import Choices
from textsynth.values.demand import Demand, is_plural
from textsynth.values.given_name import find_gender
from textsynth.values.pool import Uses


def choices(values: list[str], uses: list[tuple[str, str | None, str]]) -> Choices:
    value = np.array([values.index(each) for each, _, _ in uses], np.int64)
    labels = pa.array([label for _, label, _ in uses], pa.string())
    return Choices(values, Uses(value, labels, pa.array([context for _, _, context in uses], pa.string())))


def find(
    values: list[str], uses: list[tuple[str, str | None, str]], label: str | None, context: str, alike: int = 1
) -> tuple[list[str], bool, bool]:
    choice = choices(values, uses).find(label, Demand(context), -1, alike)
    return [values[each] for each in choice.values], choice.has_class, choice.has_context


VALUES = ["June", "May", "July", "2011", "2012", "Friday", "today"]
USES: list[tuple[str, str | None, str]] = [
    ("June", "a", "in"), ("May", "a", "in"), ("July", "a", "in"), ("2011", "a", "since"), ("2012", "b", "in"),
    ("Friday", "b", "on"), ("today", "b", ""), ("today", "a", ""),
]  # fmt: skip


def test_class_and_context_together_come_first():
    assert find(VALUES, USES, "a", "in") == (["June", "May", "July"], True, True)


def test_then_words_of_that_kind_in_the_class():
    assert find(VALUES, USES, "a", "since") == (["June", "May", "July", "2011"], True, False)


def test_then_all_of_the_class_before_the_context_in_other_classes():
    assert find(VALUES, USES, "b", "£") == (["2012", "Friday", "today"], True, False)


def test_without_a_class_the_context_alone_counts():
    assert find(VALUES, USES, None, "in") == (["June", "May", "July", "2012"], True, True)


def test_an_unknown_class_is_given_up_before_the_context():
    assert find(VALUES, USES, "c", "in") == (["June", "May", "July", "2012"], False, True)


def test_slots_that_must_differ_need_as_many_values():
    assert find(VALUES, USES, "a", "in", alike=4)[0] == ["June", "May", "July", "2011"]
    assert find(VALUES, USES, "a", "in", alike=7)[0] == VALUES


def test_what_the_source_does_not_have_may_stand_anywhere():
    assert find([*VALUES, "Michaelmas"], USES, "a", "in")[0] == ["June", "May", "July", "Michaelmas"]


def test_values_from_elsewhere_have_no_context():
    choice = Choices(["x", "y"], None).find("a", Demand("in"), -1, 1)
    assert (choice.values.tolist(), choice.has_class, choice.has_context) == ([0, 1], True, True)


@pytest.mark.parametrize(
    ("demand", "fits"),
    [
        (Demand("", gender=FEMALE), ["Anna Lee", "Mary", "Eva"]),
        (Demand("", gender=MALE), ["Peter Fox", "Mr Lee", "Paul"]),
        (Demand("", full=True), ["Anna Lee", "Peter Fox", "Qwx Zrt"]),
    ],
)
def test_names(demand: Demand, fits: list[str]):
    values = ["Anna Lee", "Mary", "Eva", "Peter Fox", "Mr Lee", "Paul", "Qwx Zrt"]
    found = choices(values, [(each, None, "") for each in values]).find(None, demand, -1, 1)
    assert [values[each] for each in found.values] == fits


def test_if_too_few_are_known_to_fit_no_name_of_the_other_gender_is_taken():
    values = ["Anna Lee", "Peter Fox", "Paul", "Qwx Zrt"]
    found = choices(values, [(each, None, "") for each in values]).find(None, Demand("", gender=FEMALE), -1, 1)
    assert [values[each] for each in found.values] == ["Anna Lee", "Qwx Zrt"]


@given(
    st.lists(st.sampled_from(["seizures", "rash", "Anna Lee", "Peter", "tablets", "2011"]), min_size=1, unique=True),
    st.data(),
)
def test_what_is_said_of_a_choice_is_true(values: list[str], data: st.DataObject):
    use = st.tuples(st.sampled_from(values), st.sampled_from([None, "a", "b"]), st.sampled_from(["", "in", "the", "£"]))
    uses = data.draw(st.lists(use, max_size=12))
    demand = Demand(
        data.draw(st.sampled_from(["", "in", "the", "£"])),
        data.draw(st.sampled_from(["", "one", "several"])),
        data.draw(st.sampled_from([-1, FEMALE, MALE])),
    )
    label, original = data.draw(st.sampled_from([None, "a"])), data.draw(st.integers(-1, len(values) - 1))
    choice = choices(values, uses).find(label, demand, original, 1)
    chosen = [values[each] for each in choice.values]
    used = {value for value, _, _ in uses}
    assert chosen == [each for each in values if each in chosen]  # rising, each once
    if label is not None and choice.has_class and any(known for _, known, _ in uses):
        assert all((value, label) in {(each, known) for each, known, _ in uses} for value in set(chosen) & used)
    if choice.has_context:
        assert all((value, demand.context) in {(each, at) for each, _, at in uses} for value in set(chosen) & used)
    if choice.key[0] == "known":
        assert {find_gender(value) for value in chosen} == {demand.gender}
    if choice.key[3]:
        assert {is_plural(value) for value in chosen} == {demand.number == "several"}
    assert set(chosen) != {values[original]} or chosen == values
