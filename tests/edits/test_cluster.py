from __future__ import annotations

import itertools
import unicodedata

import numpy as np
import pytest
from edited import corpus_of
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.edits.grapheme import Clusters, cluster_edges
from textsynth.edits.tokenised import Tokenised


def cut(*texts: str) -> list[str]:
    """Cuts texts into clusters."""
    tokenised = Tokenised.of(Corpus.from_columns(text=texts))
    edges = np.flatnonzero(cluster_edges(tokenised.points)).tolist()
    joined = "".join(texts)
    return [joined[start:end] for start, end in itertools.pairwise(edges)]


@pytest.mark.parametrize(
    "clusters",
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
def test_by_hand(clusters: list[str]):
    assert cut("".join(clusters)) == clusters


def test_no_cluster_reaches_across_texts():
    assert cut("a", "\u0301b", "🇩", "🇪", "\u200d", "c") == ["a", "\u0301", "b", "🇩", "🇪", "\u200d", "c"]


def test_words():
    tokenised = Tokenised.of(corpus_of("Zo[e](X)\u0301, 1e\u0301b 😀 \u0301c"))
    clusters = Clusters.of(tokenised)
    assert [clusters.distinct[code] for code in clusters.code] == ["Z", "o", "1", "e\u0301", "b", "c"]
    assert clusters.token.tolist() == [0, 0, 4, 4, 4, 6]
    assert clusters.joined().tolist() == [True, False, True, True, False, False]
    assert clusters.inner().tolist() == [False, False, False, True, False, False]
    assert clusters.sizes().tolist() == [2, 2, 3, 3, 3, 1]


@given(corpora())
def test_they_lie_in_words_and_do_not_overlap(source: Corpus):
    tokenised = Tokenised.of(source)
    clusters = Clusters.of(tokenised)
    text = "".join(source.texts.to_pylist())
    assert (clusters.begin < clusters.end).all()
    assert (clusters.end[:-1] <= clusters.begin[1:]).all()
    assert (clusters.begin >= tokenised.begin[clusters.token]).all()
    assert (clusters.end <= tokenised.end[clusters.token]).all()
    for begin, end, code in zip(clusters.begin.tolist(), clusters.end.tolist(), clusters.code.tolist(), strict=True):
        assert clusters.distinct[code] == text[begin:end]
        assert unicodedata.category(text[begin])[0] in "LN"
    plain = [place for place, character in enumerate(text) if character.isascii() and character.isalnum()]
    lonely = [place for place in plain if unicodedata.category(text[place + 1 : place + 2] or "a")[0] not in "MC"]
    assert set(lonely) - set(clusters.begin.tolist()) == {place for place in lonely if follows_a_joiner(text, place)}


def follows_a_joiner(text: str, place: int) -> bool:
    return place > 0 and text[place - 1] == "\u200d"
