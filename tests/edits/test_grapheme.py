from __future__ import annotations

import itertools
import unicodedata

import numpy as np
import pytest
from edited import corpus_of
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.edits.grapheme import Graphemes, grapheme_edges
from textsynth.edits.tokenised import Tokenised


def cut(*texts: str) -> list[str]:
    """Cuts texts into graphemes."""
    tokenised = Tokenised.of(Corpus.from_columns(text=texts))
    edges = np.flatnonzero(grapheme_edges(tokenised.points)).tolist()
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
        ["क्", "षि"],
        ["\u1112\u1161\u11ab", "\u1100\u1173\u11af"],
        ["한", "글"],
        ["ไ", "ท", "ย"],
        ["🏴\U000e0067\U000e0062\U000e007f", "b"],
        ["ｶﾞ", "ｷ"],
    ],
)
def test_by_hand(graphemes: list[str]):
    assert cut("".join(graphemes)) == graphemes


def test_no_cluster_reaches_across_texts():
    assert cut("a", "\u0301b", "🇩", "🇪", "\u200d", "c") == ["a", "\u0301", "b", "🇩", "🇪", "\u200d", "c"]


def test_words():
    tokenised = Tokenised.of(corpus_of("Zo[e](X)\u0301, 1e\u0301b 😀 \u0301c"))
    graphemes = Graphemes.of(tokenised)
    assert [graphemes.distinct[code] for code in graphemes.code] == ["Z", "o", "1", "e\u0301", "b", "c"]
    assert graphemes.token.tolist() == [0, 0, 4, 4, 4, 6]
    assert graphemes.find_joined().tolist() == [True, False, True, True, False, False]
    assert graphemes.inner().tolist() == [False, False, False, True, False, False]
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
