from __future__ import annotations

import pytest
from edit_rules import changes
from edited import results
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.edits.keyboard import neighbours
from textsynth.errors import OptionError
from textsynth.generators.edits.keyboard_slip import KeyboardSlip


def test_by_hand():
    """Around the G of a QWERTY board are T and Y, F and H, V and B; around the 1 is but the 2."""
    assert results(KeyboardSlip(), "G [Ann](PERSON)!") == {f"{key} [Ann](PERSON)!" for key in "TYFHVB"}
    assert results(KeyboardSlip(), "1ß") == {"2ß"}


@pytest.mark.parametrize(
    ("layout", "text", "expected"),
    [("qwertz_de", "Z", "TUGH"), ("azerty_fr", "a", "ézq"), ("jcuken_ru", "п", "енарми"), ("greek", "ω", "φγψβ")],
)
def test_layouts(layout: str, text: str, expected: str):
    assert results(KeyboardSlip(layout=layout), text) == set(expected)


def test_letters_of_other_alphabets_have_no_key():
    assert results(KeyboardSlip(), "Ж") == {"Ж"}


def test_a_letter_with_a_combining_mark_is_another_letter():
    assert results(KeyboardSlip(), "e\u0301a") == {f"e\u0301{key}" for key in "qwsz"}


def test_an_unknown_layout():
    with pytest.raises(OptionError, match=r"no layout 'qwerty_u'; did you mean 'qwerty_u[sk]'\?"):
        KeyboardSlip(layout="qwerty_u")


@given(corpora())
def test_one_letter_becomes_its_neighbour(source: Corpus):
    for change in changes(KeyboardSlip(rate=0.5), source):
        assert change.new in neighbours("qwerty_us")[change.old]
        assert change.new.isupper() == change.old.isupper()
