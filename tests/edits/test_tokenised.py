from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.edits.tokenised import Tokenised


def test_by_hand():
    source = Corpus.from_columns(text=["", "é Ada-Lea, 4!", "😀 x"], spans=[[], [(2, 9, "P")], [(2, 3, "Q")]])
    tokenised = Tokenised.of(source)
    assert tokenised.tokens.strings.to_pylist() == ["é", "Ada", "-", "Lea", ",", "4", "!", "😀", "x"]
    assert tokenised.row.tolist() == [1] * 7 + [2] * 2
    assert tokenised.begin.tolist() == [0, 2, 5, 6, 9, 11, 12, 13, 15]
    assert tokenised.end.tolist() == [1, 5, 6, 9, 10, 12, 13, 14, 16]
    assert tokenised.span.tolist() == [-1, 0, 0, 0, -1, -1, -1, -1, 1]
    assert tokenised.labels().tolist() == [-1, 0, 0, 0, -1, -1, -1, -1, 1]
    assert tokenised.is_word.tolist() == [True, True, False, True, False, True, False, False, True]


def words(text: str, *spans: tuple[int, int, str], tokenizer: str = "words") -> list[str]:
    """Returns the words of a text, those in brackets that the edge of a mention parts from the rest of theirs."""
    tokenised = Tokenised.of(Corpus.from_columns(text=[text], spans=[list(spans)], tokenizer=tokenizer))
    strings, word = tokenised.words
    return [
        f"({strings[word[token]]})" if tokenised.is_cut[token] else strings[word[token]]
        for token in np.flatnonzero(tokenised.opens_word)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I didn't (well-known) go.", ["I", "didn't", "(", "well-known", ")", "go", "."]),
        ("at 10:30, 1,000 of x@y.org", ["at", "10:30", ",", "1,000", "of", "x@y.org"]),
        ("the dogs' 'tis a--b and/or", ["the", "dogs", "'", "'", "tis", "a", "-", "-", "b", "and/or"]),
        ("IBM和Acme's的-x", ["IBM", "和", "Acme's", "的", "-", "x"]),
    ],
)
def test_words_are_what_a_reader_takes_for_one(text: str, expected: list[str]):
    assert words(text) == expected


def test_a_mention_parts_words():
    assert words("Ada's non-Rome cat", (0, 3, "P"), (10, 14, "C")) == ["(Ada)", "('s)", "(non-)", "(Rome)", "cat"]
    assert words("see Ada-Lea's", (4, 13, "P")) == ["see", "Ada-Lea's"]


def test_ends_of_contractions_that_came_as_tokens_belong_to_the_word_before():
    assert words("I do n't see Ada 's cat 's", (13, 16, "P"), tokenizer="whitespace") == [
        *("I", "do n't", "see", "(Ada)", "('s)", "cat 's")
    ]


@given(corpora())
def test_words_hold_together(source: Corpus):
    tokenised = Tokenised.of(source)
    everything = "".join(each.text for each in source)
    strings, word = tokenised.words
    for token, (start, last) in enumerate(zip(tokenised.word_start, tokenised.word_last, strict=True)):
        assert start <= token <= last
        assert tokenised.row[start] == tokenised.row[last]
        assert tokenised.span[start] == tokenised.span[last]
        assert everything[tokenised.begin[start] : tokenised.word_end[token]] == strings[word[token]]
        assert tokenised.is_lone[token] == (start == last)


@given(corpora())
def test_it_agrees_with_the_examples(source: Corpus):
    tokenised = Tokenised.of(source)
    words, word = tokenised.vocabulary
    firsts = np.cumsum([0] + [len(each.text) for each in source]).tolist()
    spans = [(row, span) for row, each in enumerate(source) for span in each.spans]
    strings = tokenised.tokens.strings.to_pylist()
    everything = "".join(each.text for each in source)
    columns = zip(tokenised.row, tokenised.begin, tokenised.end, tokenised.span, tokenised.labels(), strict=True)
    for token, (row, begin, end, span, label) in enumerate(columns):
        assert everything[begin:end] == strings[token] == words[word[token]]
        assert firsts[row] <= begin < end <= firsts[row + 1]
        around = [n for n, (at, s) in enumerate(spans) if at == row and s.start <= begin - firsts[row] < s.end]
        assert around == ([] if span < 0 else [span])
        if span >= 0:
            assert source.labels[label] == spans[span][1].label
            assert end - firsts[row] <= spans[span][1].end
        else:
            assert label == -1
        kinds = {unicodedata.category(each) for each in strings[token]}
        if "Cn" not in kinds:  # Arrow may know a later Unicode than Python
            assert tokenised.is_word[token] == any(kind[0] in "LN" for kind in kinds)
    assert len(set(words)) == len(words)
    gaps = re.sub(r"\s", "", everything)
    assert "".join(strings) == gaps


@given(corpora())
def test_slices(source: Corpus):
    tokenised = Tokenised.of(source)
    assert tokenised.slices(tokenised.begin, tokenised.end) == tokenised.tokens.strings
    assert bytes(tokenised.raw) == "".join(each.text for each in source).encode()
