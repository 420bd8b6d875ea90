from __future__ import annotations

import numpy as np
import pytest
import toy

from textsynth.components.metric import Evidence
from textsynth.corpus import Corpus
from textsynth.foundation.seeding import child_rng
from textsynth.metrics.use import Use

SMALL = Use(gold=20, synthetic=60, heldout=60, draws=3)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    whole = toy.source(4)
    return whole.take(np.random.default_rng(2).permutation(len(whole)))


def measure(synthetic: Corpus, source: Corpus, heldout: Corpus):
    return SMALL.measure(Evidence(synthetic, source, heldout), child_rng(1, "test"))


def test_more_real_text_helps_and_text_without_labels_hurts(corpus: Corpus):
    """The known answers: other real text of the same kind, and the same texts with no mention marked."""
    bare = Corpus.from_columns(text=corpus.texts, label=corpus.table.column("label").to_pylist())
    good = measure(corpus[20:80], corpus[:20], corpus[80:]).scores["spans: synthetic alone"]
    bad = measure(bare[20:80], corpus[:20], corpus[80:]).scores["spans: synthetic alone"]
    assert good.value is not None
    assert good.value > 0.8
    assert bad.value == 0.0
    assert bad.high is not None
    assert bad.high < 0


def test_a_copy_is_as_good_as_the_source_and_disjoint_text_teaches_nothing(corpus: Corpus):
    for copy in (corpus[:20], corpus[:20].take(np.arange(20)[::-1]), corpus[:10] + corpus[70:80]):
        score = measure(copy, corpus[:20], corpus[80:]).scores["spans: synthetic alone"]
        assert score.low is not None
        assert score.low <= 0 <= score.high
    spans, label = [[(0, 5, "FRUIT")]] * 20, ["kitchen"] * 20
    disjoint = Corpus.from_columns(text=["Äpfel und Birnen"] * 20, spans=spans, label=label)
    found = measure(disjoint, corpus[:20], corpus[80:]).scores
    assert found["spans: synthetic alone"].value == found["classes: synthetic alone"].value == 0.0


def test_the_same_stream_gives_the_same_scores(corpus: Corpus):
    assert measure(corpus[20:50], corpus[:20], corpus[80:]) == measure(corpus[20:50], corpus[:20], corpus[80:])


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_are_borne(corpus: Corpus, rows: int):
    measured = measure(corpus[:rows], corpus[:20], corpus[80:])
    assert all((score.value is None) == (rows == 0) for score in measured.scores.values())


def test_without_held_out_text_nothing_is_told(corpus: Corpus):
    measured = measure(corpus[:10], corpus[:20], Corpus.empty())
    assert all(score.value is None for score in measured.scores.values())
    assert len(measured.notes) == 2
