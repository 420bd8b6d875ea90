from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from edit_rules import changes, check_placeholders, check_plain_texts, check_rate, check_wnut
from edited import corpus_of, results
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


def test_nothing_to_change():
    check_plain_texts(AccentRemoval())


def test_placeholders_stay():
    check_placeholders(AccentRemoval(), "café été")


def test_rate():
    check_rate(AccentRemoval, corpus_of(*["é à [é](X) a " * 40] * 60))


def test_no_entity_of_wnut_is_damaged(shared_data: Path):
    check_wnut(AccentRemoval(), shared_data, 5)
