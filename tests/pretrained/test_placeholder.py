from __future__ import annotations

import pytest

from textsynth.errors import OptionError
from textsynth.models.vocabulary import Part
from textsynth.pretrained.rewriting.placeholder import BROKEN, CHANGED, DOUBLED, MISSING, Placeholder

USUAL = Placeholder("XX{number}")
ADA, ROME = Part("Ada", "PERSON"), Part("Rome", "CITY")


def test_mentions_are_hidden_in_order():
    assert USUAL.hidden([ADA, Part(" met "), ADA, Part("'s "), ROME, Part(".")]) == "XX1 met XX2's XX3."


def test_a_text_with_placeholders_of_its_own_is_left_alone():
    assert USUAL.hidden([Part("the XX9 of "), ADA]) is None
    assert USUAL.hidden([Part("maxx1 and "), ADA]) is None


def test_mentions_are_restored_wherever_they_stand():
    assert USUAL.restored("in XX2, XX1's", [ADA, ROME]) == [Part("in "), ROME, Part(", "), ADA, Part("'s")]


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
def test_what_was_not_copied_as_it_was_is_said(text: str, reason: str):
    assert USUAL.restored(text, [ADA, ROME]) == reason


def test_a_sentence_without_mentions_or_text_is_empty():
    assert USUAL.restored("", []) == "empty"
    assert USUAL.restored("It rained.", []) == [Part("It rained.")]


def test_a_placeholder_may_bear_the_label():
    typed = Placeholder("[{label}_{number}]")
    assert typed.hidden([ADA, Part(" in "), ROME]) == "[PERSON_1] in [CITY_2]"
    assert typed.restored("[CITY_2] of [PERSON_1]", [ADA, ROME]) == [ROME, Part(" of "), ADA]
    assert typed.restored("[PERSON_2] of [PERSON_1]", [ADA, ROME]) == CHANGED


@pytest.mark.parametrize("written", ["XX", "{number} {number}", "X {number}", "{number}{name}", ""])
def test_a_placeholder_must_have_a_number_and_no_spaces(written: str):
    with pytest.raises(OptionError, match=r"'placeholder' must have \{number\} once"):
        Placeholder(written)
