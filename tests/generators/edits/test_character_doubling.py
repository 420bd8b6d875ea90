from __future__ import annotations

from pathlib import Path

from edit_rules import changes, check_placeholders, check_plain_texts, check_rate, check_wnut
from edited import results
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.generators.edits.character_doubling import CharacterDoubling


def test_by_hand():
    assert results(CharacterDoubling(), "on [it](X)!") == {"oon [it](X)!", "onn [it](X)!"}


def test_marks_go_with_their_letter():
    assert results(CharacterDoubling(), "e\u0301") == {"e\u0301e\u0301"}


@given(corpora())
def test_one_letter_comes_twice(source: Corpus):
    for change in changes(CharacterDoubling(rate=0.5), source):
        assert change.new == change.old * 2


def test_nothing_to_change():
    check_plain_texts(CharacterDoubling())


def test_placeholders_stay():
    check_placeholders(CharacterDoubling(), "some words")


def test_rate():
    check_rate(CharacterDoubling)


def test_no_entity_of_wnut_is_damaged(shared_data: Path):
    check_wnut(CharacterDoubling(), shared_data, 5600)
