"""What every metric must do, parametrised over the registry: a new one is tested without any change here."""

from __future__ import annotations

import pytest

from textsynth.components import registry
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.foundation.seeding import child_rng
from textsynth.metrics import Evidence, Measured, Metric
from textsynth.testing import build_example, check_component
from textsynth.testing.corpora import example_source, hostile_examples

SOURCE = example_source()
CORPORA = {
    "whole": SOURCE,
    "no spans": Corpus.from_examples(Example(each.text, (), each.label) for each in SOURCE),
    "no classes": Corpus.from_examples(Example(each.text, each.spans) for each in SOURCE),
    "one row": SOURCE[:1],
    "none": Corpus.empty(),
    "no words": Corpus.from_columns(text=["", " "]),
    "hostile": Corpus.from_examples(hostile_examples()),
}


@pytest.fixture(params=registry.names("metric"))
def metric(request: pytest.FixtureRequest) -> Metric:
    return build_example(registry.look_up("metric", request.param))


def measure(metric: Metric, synthetic: Corpus, source: Corpus, heldout: Corpus) -> Measured:
    return metric.measure(Evidence(synthetic, source, heldout), child_rng(3))


def test_it_is_a_component(metric: Metric):
    check_component(type(metric))


@pytest.mark.parametrize("name", CORPORA)
def test_any_corpus_is_borne_on_any_side(metric: Metric, name: str):
    corpus = CORPORA[name]
    tables = [each.table for each in (corpus, SOURCE)]
    found = [
        measure(metric, corpus, SOURCE, SOURCE),
        measure(metric, SOURCE, corpus, SOURCE),
        measure(metric, SOURCE, SOURCE, corpus),
    ]
    assert len({tuple(each.scores) for each in found}) == 1
    assert [each.table for each in (corpus, SOURCE)] == tables
    for each in found:
        for name, score in each.scores.items():
            assert score.better in ("higher", "lower", "heldout"), name
            numbers = (score.value, score.heldout, score.low, score.high)
            assert all(number is None or abs(number) < float("inf") for number in numbers), name
            assert (score.low is None) == (score.high is None), name
            assert score.low is None or score.low <= score.difference <= score.high, name
        assert all(len(row) == len(table.columns) for table in each.tables for row in table.rows)


def test_what_is_not_known_has_a_note(metric: Metric):
    found = measure(metric, Corpus.empty(), SOURCE, SOURCE)
    assert all(score.value is None for score in found.scores.values())
    assert found.notes


def test_the_same_stream_gives_the_same_numbers(metric: Metric):
    assert measure(metric, SOURCE[:9], SOURCE, SOURCE) == measure(metric, SOURCE[:9], SOURCE, SOURCE)
