from __future__ import annotations

from edit_rules import changes
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
