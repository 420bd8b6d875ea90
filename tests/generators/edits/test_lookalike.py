from __future__ import annotations

import unicodedata

from edit_rules import changes
from edited import results
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.generators.edits.lookalike import Lookalike, lookalikes


def test_by_hand():
    """Latin o has two twins, Cyrillic о and Greek ο; f has none."""
    assert results(Lookalike(), "of [of](X)") == {"\u043ef [of](X)", "\u03bff [of](X)"}
    assert results(Lookalike(), "f") == {"f"}
    assert results(Lookalike(), "СССР") == {"CССР", "СCСР", "ССCР", "СССP", "СССΡ"}


def test_pairs_are_of_two_alphabets_and_go_both_ways():
    for letter, others in lookalikes().items():
        assert len(letter) == 1
        for other in others:
            assert letter in lookalikes()[other]
            scripts = {unicodedata.name(each).split()[0] for each in (letter, other)}
            assert len(scripts) == 2 <= len(scripts | {"LATIN", "CYRILLIC", "GREEK"}) == 3
            assert letter.isupper() == other.isupper()


@given(corpora())
def test_one_letter_becomes_its_twin(source: Corpus):
    for change in changes(Lookalike(rate=0.5), source):
        assert change.new in lookalikes()[change.old]
