"""The F1 of spans against nervaluate and seqeval."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nervaluate.evaluator import Evaluator
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

from textsynth.corpus import Corpus
from textsynth.corpus.tokens import encode_tags, list_tags, tokenize
from textsynth.scores.agreement import count_spans, f1

TEXT = "a b c d e f"
NAMES = list_tags(["P", "Q"])


@st.composite
def labellings(draw: st.DrawFn) -> list[tuple[int, int, str]]:
    """Draws spans over the six words of the text, none of which overlaps another."""
    words = sorted(draw(st.sets(st.integers(0, 6), max_size=4)))
    pairs = list(zip(words[::2], words[1::2], strict=False))
    return [(2 * low, 2 * high - 1, draw(st.sampled_from("PQ"))) for low, high in pairs]


def tags(corpus: Corpus) -> list[list[str]]:
    tokens = tokenize(corpus)
    codes = encode_tags(tokens, corpus, "iob2", NAMES)
    return [[NAMES[code] for code in codes[tokens.rows[i] : tokens.rows[i + 1]]] for i in range(len(corpus))]


@given(st.lists(st.tuples(labellings(), labellings()), min_size=1, max_size=4))
def test_f1_is_that_of_others(rows: list[tuple[list, list]]):
    true, found = (Corpus.from_columns(text=[TEXT] * len(rows), spans=[row[side] for row in rows]) for side in range(2))
    counts = count_spans(true, found)
    if counts.sum() == 0:
        assert f1(counts) is None
        return
    expected = f1_score(tags(true), tags(found), mode="strict", scheme=IOB2, zero_division=0)
    assert f1(counts) == pytest.approx(expected)
    strict = Evaluator(tags(true), tags(found), tags=["P", "Q"], loader="list").evaluate()["overall"]["strict"]
    assert f1(counts) == pytest.approx(strict.f1)
