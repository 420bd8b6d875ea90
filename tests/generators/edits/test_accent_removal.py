from __future__ import annotations

import unicodedata

import pytest
from edit_rules import changes
from edited import results
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora, texts

from textsynth.corpus import Corpus
from textsynth.generators.edits.accent_removal import AccentRemoval

PIECES = [
    "Zoë",
    "e\u0301",
    "ø",
    "й",
    "и\u0306",
    "ё",
    "ά",
    "が",
    "한",
    "\u212b",
    "\u2126",
    "क़",
    "1\u20e3",
    " ",
    "-",
    "\u0301",
]


def bare(text: str) -> str:
    """Writes a text without marks, and each letter as its name has it without what it is with."""
    letters = [each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each)]
    names = [unicodedata.name(each, "").partition(" WITH ") for each in letters]
    plain = zip(letters, names, strict=True)
    return "".join(unicodedata.lookup(name) if link else letter for letter, (name, link, _) in plain)


def test_by_hand():
    assert results(AccentRemoval(), "My café, [Zoë](PERSON)") == {"My cafe, [Zoë](PERSON)"}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Łódź", "Lodz"),
        ("cafe\u0301", "cafe"),
        ("Søren", "Soren"),
        ("naïve", "naive"),
        ("Việt", "Viet"),
        ("Ελλάδα", "Ελλαδα"),
        ("ёж", "еж"),
        ("за\u0301мок", "замок"),
        ("Ångström", "Angstrom"),
        ("İzmir", "Izmir"),
    ],
)
def test_words(word: str, expected: str):
    assert results(AccentRemoval(), word, copies=3) == {expected}


@pytest.mark.parametrize(
    "word", ["Straße", "æon", "œuvre", "þing", "йод", "Київ", "が", "\u2126", "한국", "हिन्दी", "עִבְרִית"]
)
def test_letters_of_their_own_stay(word: str):
    assert results(AccentRemoval(), word, copies=3) == {word}


@given(corpora(st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | texts()))
def test_only_accents_go(source: Corpus):
    for change in changes(AccentRemoval(rate=0.5), source, whole_words=True):
        assert bare(change.new) == bare(change.old)
        assert len(unicodedata.normalize("NFD", change.new)) <= len(unicodedata.normalize("NFD", change.old))
