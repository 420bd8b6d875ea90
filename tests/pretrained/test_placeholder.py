from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.errors import OptionError
from textsynth.pretrained.rewriting.placeholder import BROKEN, CHANGED, DOUBLED, MISSING, Placeholder
from textsynth.wording.filling import EMPTY
from textsynth.wording.rejection import Rejection
from textsynth.wording.vocabulary import Part

USUAL = Placeholder("XX{number}")
ADA, ROME = Part("Ada", "PERSON"), Part("Rome", "CITY")


def test_mentions_are_hidden_in_order():
    assert USUAL.hide([ADA, Part(" met "), ADA, Part("'s "), ROME, Part(".")]) == "XX1 met XX2's XX3."


def test_a_text_with_placeholders_of_its_own_is_left_alone():
    assert USUAL.hide([Part("the XX9 of "), ADA]) is None
    assert USUAL.hide([Part("maxx1 and "), ADA]) is None


def test_mentions_are_restored_wherever_they_stand():
    assert USUAL.restore("in XX2, XX1's", [ADA, ROME]) == [Part("in "), ROME, Part(", "), ADA, Part("'s")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("XX1 flew", MISSING),
        ("XX1 and XX1 flew to XX2", DOUBLED),
        ("xx1 flew to XX2", CHANGED),
        ("XX1 flew to XX2 and XX3", CHANGED),
        ("XX12 flew to XX2", CHANGED),
        ("XX1s flew to XX2", CHANGED),
        ("XX 1 flew to XX2", MISSING),
        ("XX1 flew to XX2 \ufffd", BROKEN),
        ("", MISSING),
    ],
)
def test_what_was_not_copied_as_it_was_is_said(text: str, reason: Rejection):
    assert USUAL.restore(text, [ADA, ROME]) == reason


def test_a_sentence_without_mentions_or_text_is_empty():
    assert USUAL.restore("", []) == EMPTY
    assert USUAL.restore("It rained.", []) == [Part("It rained.")]


def test_a_placeholder_may_bear_the_label():
    typed = Placeholder("[{label}_{number}]")
    assert typed.hide([ADA, Part(" in "), ROME]) == "[PERSON_1] in [CITY_2]"
    assert typed.restore("[CITY_2] of [PERSON_1]", [ADA, ROME]) == [ROME, Part(" of "), ADA]
    assert typed.restore("[PERSON_2] of [PERSON_1]", [ADA, ROME]) == CHANGED


@pytest.mark.parametrize("written", ["XX", "{number} {number}", "X {number}", "{number}{name}", ""])
def test_a_placeholder_must_have_a_number_and_no_spaces(written: str):
    with pytest.raises(OptionError, match=r"'placeholder' must have \{number\} once"):
        Placeholder(written)


@pytest.mark.parametrize("written", ["{label}{number}", "{number}{label}", "[{label}_{number}]"])
@given(
    labels=st.lists(
        st.text(min_size=1) | st.text("01AB-", min_size=1, max_size=4) | st.sampled_from(["_", "straße"]),
        min_size=1,
        max_size=4,
    )
)
def test_any_label_can_be_borne(written: str, labels: list[str]):
    typed = Placeholder(written)
    mentions = [Part(f"mention {place}", label) for place, label in enumerate(labels)]
    parts = [each for mention in mentions for each in (mention, Part(" and "))]
    assert typed.restore(typed.hide(parts) or "", mentions) == parts


def test_a_label_that_begins_and_ends_with_digits_is_told_from_the_number():
    typed, deal = Placeholder("{number}{label}"), Part("a deal", "0A0")
    assert typed.hide([deal]) == "10A0"
    assert typed.restore("it was 10A0.", [deal]) == [Part("it was "), deal, Part(".")]
    assert typed.restore("it was 10A.", [deal]) == CHANGED
    assert typed.restore("it was 10A01.", [deal]) == CHANGED


def test_digits_are_a_label_only_where_the_sentence_has_it():
    typed = Placeholder("{label}{number}")
    deal, year = Part("a deal", "B2B"), Part("2019", "7")
    assert typed.hide([deal, Part(" of 1984 in "), year]) == "B2B1 of 1984 in 72"
    assert typed.restore("in 72: B2B1 of 1984", [deal, year]) == [
        Part("in "),
        year,
        Part(": "),
        deal,
        Part(" of 1984"),
    ]
    assert typed.restore("B2C1 in 72", [deal, year]) == CHANGED
    assert typed.restore("B2B1 in 772", [deal, year]) == CHANGED


def test_mentions_whose_placeholders_are_alike_are_never_taken_for_each_other():
    typed = Placeholder("{label}{number}")
    mentions = [Part("Ada", "A1"), *[Part("Bo", "P")] * 9, Part("Cy", "A")]
    assert typed.names(mentions)[0] == typed.names(mentions)[-1] == "A11"
    text = " ".join(dict.fromkeys(typed.names(mentions)))
    assert typed.restore(text, mentions) == MISSING
