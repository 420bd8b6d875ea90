from __future__ import annotations

from edit_rules import changes
from edited import results
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.generators.edits.character_swap import CharacterSwap


def test_by_hand():
    """Of a word of four or more the ends stay, and what does not differ is not swapped."""
    assert results(CharacterSwap(), "hello") == {"hlelo"}
    assert results(CharacterSwap(), "the") == {"hte", "teh"}
    assert results(CharacterSwap(), "[Anna](PERSON) adds") == {"[Anna](PERSON) adds"}


def test_ends_too():
    assert results(CharacterSwap(keep_ends=False), "adds") == {"dads", "adsd"}


def test_marks_go_with_their_letter():
    assert results(CharacterSwap(), "ae\u0301") == {"e\u0301a"}
    assert results(CharacterSwap(keep_ends=False), "😀ab👩\u200d👧") == {"😀ba👩\u200d👧"}


def test_not_across_an_apostrophe():
    assert results(CharacterSwap(), "I'm", "whitespace") == {"I'm"}


@given(corpora())
def test_two_neighbours_change_places(source: Corpus):
    for operation in (CharacterSwap(rate=0.5), CharacterSwap(rate=0.5, keep_ends=False)):
        for change in changes(operation, source):
            assert sorted(change.new) == sorted(change.old)
            assert len(change.old) > 1
