from __future__ import annotations

from edit_rules import changes
from edited import results
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.generators.edits.character_drop import CharacterDrop


def test_by_hand():
    """Of a word of four or more the ends stay; a word of one letter stays."""
    assert results(CharacterDrop(), "a word [of](X) I") == {"a wrd [of](X) I", "a wod [of](X) I"}
    assert results(CharacterDrop(), "the") == {"he", "te", "th"}


def test_ends_too():
    assert results(CharacterDrop(keep_ends=False), "word") == {"ord", "wrd", "wod", "wor"}


def test_marks_go_with_their_letter():
    assert results(CharacterDrop(), "ae\u0301") == {"a", "e\u0301"}
    assert results(CharacterDrop(), "👩\u200d👧a") == {"👩\u200d👧a"}


@given(corpora())
def test_one_letter_goes(source: Corpus):
    for operation in (CharacterDrop(rate=0.5), CharacterDrop(rate=0.5, keep_ends=False)):
        for change in changes(operation, source):
            assert change.new == ""
            assert change.old[0].isalnum()
            assert not any(character.isalnum() for character in change.old[1:])
