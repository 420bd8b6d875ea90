from __future__ import annotations

import pytest

from textsynth.scores import distinct, distinct_ngrams, novelty


def test_distinct_by_hand():
    assert distinct(["a b", "a b", "a  b", "c"]) == 3 / 4
    assert distinct([("a", "b"), ("a", "b")]) == 1 / 2


@pytest.mark.parametrize(
    ("n", "share"),
    [
        (1, 3 / 7),  # a b c of seven tokens
        (2, 2 / 3),  # ab, bc and ab; the two shortest have none
        (3, 1),
        (4, 0),
    ],
)
def test_distinct_ngrams_by_hand(n: int, share: float):
    assert distinct_ngrams([("a", "b", "c"), ("a", "b"), ("b",), ("a",)], n) == share


def test_ngrams_of_a_text_are_of_characters():
    assert distinct_ngrams(["aab", "aa"], 2) == 2 / 3


def test_novelty_by_hand():
    assert novelty(["a", "b", "b", "c"], ["a"]) == 3 / 4
    assert novelty([("a", "b")], iter([("a", "b"), ("c",)])) == 0
    assert novelty(["a"], []) == 1


def test_no_sentences_are_an_error():
    for score in (lambda: distinct([]), lambda: distinct_ngrams([], 2), lambda: novelty([], ["a"])):
        with pytest.raises(ValueError, match="no sentences"):
            score()


def test_ngrams_have_a_token():
    with pytest.raises(ValueError, match="at least 1 token"):
        distinct_ngrams([("a",)], 0)
