from __future__ import annotations

import itertools
import re
import unicodedata

import numpy as np
import pytest
from edited import corpus_of, results
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.edits.grapheme import Graphemes, find_uncut_edges
from textsynth.edits.tokenised import Tokenised
from textsynth.generators.edits.character_drop import CharacterDrop
from textsynth.generators.edits.character_swap import CharacterSwap
from textsynth.generators.edits.word_split import WordSplit


def cut(*texts: str) -> list[str]:
    """Cuts texts into graphemes."""
    tokenised = Tokenised.of(Corpus.from_columns(text=texts))
    edges = np.flatnonzero(find_uncut_edges(tokenised.points)).tolist()
    joined = "".join(texts)
    return [joined[start:end] for start, end in itertools.pairwise(edges)]


@pytest.mark.parametrize(
    "graphemes",
    [
        ["a", "b"],
        ["e\u0301\u0323", "x"],
        ["👩\u200d👩\u200d👧", "a"],
        ["👍🏽", "👍"],
        ["🇩🇪", "🇫🇷", "🇮"],
        ["1\ufe0f\u20e3", "2"],
        ["क्षि"],
        ["क्ष", "त्रि", "य"],
        ["वि", "द्या"],
        ["स्त्री"],
        ["त्स्न्य"],
        ["क्\u200dष", "क"],
        ["क्\u200c", "ष"],
        ["क़्ष"],
        ["कि", "त"],
        ["क्", "a"],
        ["a\u094d", "क"],
        ["অ", "ক্ষ", "র"],
        ["ક્ષ"],
        ["ଓ", "ଡ଼ି", "ଆ", "କ୍ଷ"],
        ["తె", "లు", "గు", "క్ష"],
        ["ക്ഷ", "മ"],
        ["த", "மி", "ழ்", "க்", "ஷ"],
        ["\u1112\u1161\u11ab", "\u1100\u1173\u11af"],
        ["한", "글"],
        ["ไ", "ท", "ย"],
        ["🏴\U000e0067\U000e0062\U000e007f", "b"],
        ["ｶﾞ", "ｷ"],
    ],
)
def test_by_hand(graphemes: list[str]):
    assert cut("".join(graphemes)) == graphemes


CONSONANTS, VIRAMAS, BETWEEN = (
    "\u0915\u0995\u0a95\u0b15\u0c15\u0d15",
    "\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d",
    "\u093c\u0941\u200d\u0bcd",  # A Tamil virama joins nothing in its own script, but may stand between.
)
CONJUNCT = re.compile(f"(?<=[{CONSONANTS}])([{BETWEEN}]*[{VIRAMAS}][{BETWEEN}{VIRAMAS}]*)(?=[{CONSONANTS}])")
OTHERS = "a\u0b95 \u0940\u200c"


@given(st.lists(st.text(CONSONANTS + VIRAMAS + BETWEEN + OTHERS, min_size=1, max_size=9), min_size=1, max_size=3))
def test_conjuncts_beside_a_plain_reading_of_the_rule(texts: list[str]):
    edges = find_uncut_edges(Tokenised.of(Corpus.from_columns(text=texts)).points)
    first = 0
    for text in texts:
        joined = {match.end() for match in CONJUNCT.finditer(text)}
        for place in range(1, len(text)):
            held = unicodedata.category(text[place])[0] == "M" or text[place] in "\u200c\u200d"
            assert edges[first + place] == (not held and text[place - 1] != "\u200d" and place not in joined)
        first += len(text)


def test_a_virama_joins_nothing_across_texts():
    assert cut("क\u094d", "ष") == ["क\u094d", "ष"]
    assert cut("क", "\u094dष") == ["क", "\u094d", "ष"]


def test_no_character_edit_cuts_a_conjunct():
    assert results(CharacterDrop(keep_ends=False), "विद्या", copies=50) == {"वि", "द्या"}
    assert results(CharacterSwap(keep_ends=False), "विद्या", copies=10) == {"द्यावि"}
    assert results(WordSplit(min_letters=2), "क्षत्रिय", copies=50) == {"क्ष त्रिय", "क्षत्रि य"}


def test_no_grapheme_reaches_across_texts():
    assert cut("a", "\u0301b", "🇩", "🇪", "\u200d", "c") == ["a", "\u0301", "b", "🇩", "🇪", "\u200d", "c"]


def test_words():
    tokenised = Tokenised.of(corpus_of("Zo[e](X)\u0301, 1e\u0301b 😀 \u0301c"))
    graphemes = Graphemes.of(tokenised)
    assert [graphemes.distinct[code] for code in graphemes.code] == ["Z", "o", "1", "e\u0301", "b", "c"]
    assert graphemes.token.tolist() == [0, 0, 4, 4, 4, 6]
    assert graphemes.find_joined().tolist() == [True, False, True, True, False, False]
    assert graphemes.find_inner().tolist() == [False, False, False, True, False, False]
    assert graphemes.sizes().tolist() == [2, 2, 3, 3, 3, 1]


@given(corpora())
def test_they_lie_in_words_and_do_not_overlap(source: Corpus):
    tokenised = Tokenised.of(source)
    graphemes = Graphemes.of(tokenised)
    text = "".join(source.texts.to_pylist())
    assert (graphemes.begin < graphemes.end).all()
    assert (graphemes.end[:-1] <= graphemes.begin[1:]).all()
    assert (graphemes.begin >= tokenised.begin[graphemes.token]).all()
    assert (graphemes.end <= tokenised.end[graphemes.token]).all()
    for begin, end, code in zip(graphemes.begin.tolist(), graphemes.end.tolist(), graphemes.code.tolist(), strict=True):
        assert graphemes.distinct[code] == text[begin:end]
        assert unicodedata.category(text[begin])[0] in "LN"
    plain = [place for place, character in enumerate(text) if character.isascii() and character.isalnum()]
    lonely = [place for place in plain if unicodedata.category(text[place + 1 : place + 2] or "a")[0] not in "MC"]
    assert set(lonely) - set(graphemes.begin.tolist()) == {place for place in lonely if follows_a_joiner(text, place)}


def follows_a_joiner(text: str, place: int) -> bool:
    return place > 0 and text[place - 1] == "\u200d"
