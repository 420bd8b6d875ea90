from __future__ import annotations

import re

import pytest
from edit_rules import changes
from edited import results
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora, texts

from textsynth.corpus import Corpus
from textsynth.generators.edits.number_words import NumberWords, read, spell, spell_ordinal

WORDS = "one two twelve twenty twenty-one hundred thousand and third first 12 1,250 3rd 007 2024 May a the . , : $ % #"
PIECES = [" ", "\u00a0", "e\u0301", "\u0301", *WORDS.split(), *(f"{word} " for word in WORDS.split())]


def test_by_hand():
    assert results(NumberWords(), "About 12 [12](CARDINAL)") == {"About twelve [12](CARDINAL)"}
    assert results(NumberWords(), "About twelve men") == {"About 12 men"}
    assert results(NumberWords(direction="words"), "12 or twelve") == {"Twelve or twelve"}
    assert results(NumberWords(direction="digits"), "12 or twelve") == {"12 or 12"}


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("by 0 men", "by zero men"),
        ("by 21 men", "by twenty-one men"),
        ("by 100 men", "by one hundred men"),
        ("by 1,250 men", "by one thousand two hundred and fifty men"),
        ("by 999,999 men", "by nine hundred and ninety-nine thousand nine hundred and ninety-nine men"),
        ("the 3rd man", "the third man"),
        ("the 2nd man", "the second man"),
        ("the 11th man", "the eleventh man"),
        ("the 42nd man", "the forty-second man"),
        ("the 1,000th man", "the one thousandth man"),
        ("THE 3RD MAN", "THE THIRD MAN"),
        ("Yes. 12 men", "Yes. Twelve men"),
    ],
)
@pytest.mark.parametrize("tokenizer", ["words", "whitespace"])
def test_both_ways(digits: str, words: str, tokenizer: str):
    assert results(NumberWords(), digits, tokenizer, copies=3) == {words}
    assert results(NumberWords(), words, tokenizer, copies=3) == {digits}


@pytest.mark.parametrize("words", ["one thousand two hundred fifty", "one thousand two hundred and fifty"])
def test_with_and_without_and(words: str):
    assert results(NumberWords(), f"by {words} men", copies=3) == {"by 1,250 men"}


@pytest.mark.parametrize(
    "text",
    [
        "in 1984 and 2024",
        "nineteen eighty-four",
        "B12 b-52 12b #12 @12 v2.0 12_a",
        "3.14 1,5 12:30 1-2 3/4 $5 £ 5 5% 5 % 10° 1 : 30",
        "555-1234 007 90210",
        "14 March, May 5",
        "a third of it, one third",
        "one of them, a second",
        "twenty-year-old",
        "three point five",
        "21th 2rd",
        "12'000",
        "&lt;3 < 3",
        "http://a.b/12/two two.com",
        "1,2345 12,34",
        "one two three",
        "5\u0301",
        "٣ men",
        "[twenty](X) one",
        "twenty [one](X)",
        "1[,](X)250",
    ],
)
def test_what_stays(text: str):
    assert results(NumberWords(), text, copies=5) == {text}


@given(st.integers(0, 999_999))
def test_words_are_read_back(number: int):
    assert read(spell(number)) == (number, False)
    assert read(spell(number).replace(" and ", " ").upper()) == (number, False)
    if number:
        assert read(spell_ordinal(number)) == (number, True)


@given(corpora(st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | texts()))
def test_digits_become_words_and_words_digits(source: Corpus):
    for change in changes(NumberWords(rate=0.5), source):
        digits, words = sorted((change.old, change.new))
        number, ordinal = read(words)
        assert re.sub(r"\D", "", digits) == str(number)
        assert digits.lower().endswith(("st", "nd", "rd", "th")) == ordinal
