from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import toy

from textsynth.components.metric import Evidence
from textsynth.corpus import Corpus
from textsynth.corpus.span_columns import span_list
from textsynth.foundation.seeding import child_rng
from textsynth.metrics.label_errors import LabelErrors


def shuffle_labels(corpus: Corpus) -> Corpus:
    """Gives the labels of all mentions, and all classes, to others."""
    rng, spans = np.random.default_rng(1), corpus.spans
    labels = spans.labels.take(pa.array(rng.permutation(len(spans.labels))))
    classes = corpus.table.column("label").take(pa.array(rng.permutation(len(corpus)))).combine_chunks()
    return corpus.with_column("spans", span_list(spans.rows, spans.starts, spans.ends, labels)).with_column(
        "label", classes
    )


@pytest.fixture(scope="module")
def halves() -> tuple[Corpus, Corpus]:
    corpus = toy.source(4)
    order = np.random.default_rng(2).permutation(len(corpus))
    return corpus.take(order[:100]), corpus.take(order[100:])


def measure(synthetic: Corpus, halves: tuple[Corpus, Corpus]):
    return LabelErrors().measure(Evidence(synthetic, *halves), child_rng(1, "test"))


def test_shuffled_labels_are_seen(halves: tuple[Corpus, Corpus]):
    measured = measure(shuffle_labels(halves[0]), halves)
    for name in ("disputed mentions", "disputed classes"):
        score = measured.scores[name]
        assert score.low is not None, name
        assert score.low > 0, (name, score)
        assert score.value is not None, name
        assert score.value > 0.25, (name, score)
    assert measured.tables[0].rows
    assert len(measured.tables[0].rows) <= 50


def test_a_copy_is_no_worse_than_held_out_text(halves: tuple[Corpus, Corpus]):
    for score in measure(halves[0], halves).scores.values():
        assert score.low is not None
        assert score.low <= 0


def test_the_same_words_between_the_same_neighbours_must_have_the_same_label():
    """Worked by hand: of four uses of Rome in one context, the one that is a PERSON is the error."""
    texts, labels = ["to Rome now"] * 4, ["CITY", "CITY", "CITY", "PERSON"]
    made = Corpus.from_columns(text=texts, spans=[[(3, 7, label)] for label in labels])
    measured = measure(made, (Corpus.empty(), Corpus.empty()))
    assert measured.scores["variation"].value == 0.25
    reason = "the same words between the same neighbours have CITY"
    assert measured.tables[0].rows == (("to Rome now", "Rome", "PERSON", 0.25, reason),)


def test_a_mention_that_is_mostly_unmarked_varies():
    made = Corpus.from_columns(text=["to Rome now"] * 3, spans=[[(3, 7, "CITY")], [], []])
    assert measure(made, (Corpus.empty(), Corpus.empty())).scores["variation"].value == 1.0


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows_are_borne(halves: tuple[Corpus, Corpus], rows: int):
    measured = measure(halves[0][:rows], halves)
    assert all(score.low is None for score in measured.scores.values())


def test_text_without_labels_is_borne():
    plain = Corpus.from_columns(text=["a b", "c d"])
    measured = measure(plain, (plain, plain))
    assert all(score.value is None for score in measured.scores.values())
    assert len(measured.notes) == len(measured.scores)
