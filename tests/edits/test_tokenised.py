from __future__ import annotations

import re
import unicodedata

import numpy as np
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
