from __future__ import annotations

import pytest

from textsynth.corpus import Corpus
from textsynth.edits.tokenised import Tokenised
from textsynth.synonyms.free_word import free_words


def free(*texts: str) -> list[str]:
    tokenised = Tokenised.of(Corpus.from_columns(text=list(texts)))
    found = free_words(tokenised.points, tokenised.begin, tokenised.end) & tokenised.is_word
    return [token for token, is_free in zip(tokenised.tokens.strings.to_pylist(), found, strict=True) if is_free]


@pytest.mark.parametrize(
    "text",
    [
        "fast",
        " fast ",
        "fast.",
        "fast!?",
        "(fast)",
        '"fast"',
        "“fast”,",
        "‘fast’",
        "¿fast?",
        "fast\n",
        "fast…",
        "—fast—",
        "fast 😀",
        "fast's",
        "fast’s.",
        "fast\u00a0",
    ],
)
def test_words_of_their_own(text: str):
    assert free(text)[0] == "fast"


@pytest.mark.parametrize(
    "text",
    [
        "#fast",
        "@fast",
        "fast@home.example",
        "http://fast.example/fast",
        "fast.example",
        "very-fast",
        "fast-paced",
        "fast/slow",
        "$fast",
        "fast's-paced",
        "fast'n",
        "o'fast",
        "fast&furious",
        "fast=1",
        "fast(er)",
        ".fast",
        "fast:8080",
        "`fast`",
        "fast*",
    ],
)
def test_parts_of_something_else(text: str):
    assert "fast" not in free(text)


def test_texts_do_not_touch_each_other():
    assert free("fast", "slow", "", "5") == ["fast", "slow", "5"]


def test_a_span_cuts_no_word_free():
    tokenised = Tokenised.of(Corpus.from_columns(text=["Newcomers"], spans=[[(0, 3, "X")]]))
    assert not free_words(tokenised.points, tokenised.begin, tokenised.end).any()


def test_no_text_is_no_error():
    assert free() == free("") == free("", "") == []
