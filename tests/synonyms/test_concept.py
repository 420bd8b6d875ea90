from __future__ import annotations

import pytest
from tiny_wordnet import write_concepts

from textsynth.synonyms.concept import Concepts
from textsynth.synonyms.wordnet import locate

NOUNS = (
    ("thing", "", ""),
    ("place", "@", "thing"),
    ("town borough", "@", "place"),
    ("Rome Eternal_City", "@i", "town"),
    ("Oslo", "@i", "town"),
    ("suburb", "@", "town"),
    ("bird", "@", "thing"),
    ("turkey", "@", "bird"),
)


@pytest.fixture(scope="module")
def concepts(tmp_path_factory: pytest.TempPathFactory) -> Concepts:
    files = locate(str(write_concepts(tmp_path_factory.mktemp("nouns"), NOUNS)))
    assert files is not None
    return Concepts.of(files)


def test_what_lies_above(concepts: Concepts):
    assert concepts.find_kinds("rome") == {(concept, True) for concept in (0, 1, 2)}
    assert concepts.find_kinds("Suburb") == {(concept, False) for concept in (0, 1, 2)}
    assert concepts.find_kinds("Atlantis") == frozenset()
    assert concepts.list_above(7) == {7, 6, 0}


def test_what_lies_below_kinds_and_instances_apart(concepts: Concepts):
    assert concepts.list_words((1, True)) == ["Rome", "Eternal City", "Oslo"]
    assert concepts.list_words((1, False)) == ["town", "borough", "suburb"]


def test_insults_are_no_words_of_a_concept(tiny_wordnet: None):
    files = locate()
    assert files is not None
    assert "muggins" not in {word for words in Concepts.of(files).words for word in words}
