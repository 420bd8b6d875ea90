from __future__ import annotations

import logging
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from shared_work import build_once
from toy import CITIES, PEOPLE, TINY, fitted, fitted_until, in_tables, make, rng, source
from workbench import make_recipe, write_source

torch = pytest.importorskip("torch")

from textsynth.components.generator import Draft  # noqa: E402
from textsynth.components.learned import read_learned  # noqa: E402
from textsynth.corpus import Corpus  # noqa: E402
from textsynth.errors import OptionError  # noqa: E402
from textsynth.extract import Template  # noqa: E402
from textsynth.generators.language_model import LanguageModel  # noqa: E402
from textsynth.networks.trained_language_model import TrainedLanguageModel  # noqa: E402
from textsynth.runs.generate import generate  # noqa: E402
from textsynth.runs.run import run  # noqa: E402
from textsynth.training.training_log import read_curves  # noqa: E402

REASONS = {
    "does not end",
    "empty",
    "not UTF-8",
    "marks do not match",
    "a mention is empty or begins or ends with a space",
}
LEARNING: dict[str, Any] = TINY | {"hidden": 32, "epochs": 12, "learning_rate": 0.02, "dropout": 0.0}


def has_learnt(facts: dict[str, Any]) -> bool:
    """Says whether a sentence, which has one of twenty wordings and a few mentions, costs no more than these."""
    return float(facts["nats_per_sentence"]) < 8


@pytest.fixture(scope="module")
def slots() -> Path:
    return build_once("slots", lambda place: fitted_until(make(LanguageModel, **LEARNING), place, has_learnt))


@pytest.fixture(scope="module")
def linear() -> Path:
    model = make(LanguageModel, **LEARNING, marks="linear")
    return build_once("linear", lambda place: fitted_until(model, place, has_learnt))


def written(directory: Path, count: int = 300, label: str | None = None, **options: Any) -> Draft:
    made = make(LanguageModel, **LEARNING | options).sampler(directory)(count, rng(1), label)
    assert isinstance(made, Draft)
    assert len(made.corpus) == len(made.reasons) == count
    return made


def good(draft: Draft) -> Corpus:
    return draft.corpus.mask(np.array([reason is None for reason in draft.reasons]))


def test_what_was_learnt_costs_less_than_what_was_not(slots: Path):
    model, learnt = make(LanguageModel, **LEARNING), source()[:40]
    backwards = [" ".join(text.split()[::-1]) for text in learnt.texts.to_pylist()]
    label = learnt.table.column("label").to_pylist()
    other = Corpus.from_columns(text=[*backwards, "so " * 500], label=[*label, label[0]])
    known, unknown = model.measure_costs(slots, learnt), model.measure_costs(slots, other)
    assert known is not None
    assert unknown is not None
    assert np.median(known) + 20 < np.median(unknown)
    assert np.isinf(unknown[-1]), "longer than it writes"
    assert np.isfinite(known).all()
    assert np.allclose(model.measure_costs(slots, learnt[7:9]), known[7:9], atol=1e-3)


def test_sentences_with_slots_are_like_the_source(slots: Path):
    made = good(written(slots))
    assert len(made) > 150
    assert Corpus(made.table) == made
    known = {Template.of(each).to_text() for each in source()}
    templates = [Template.of(each).to_text() for each in made]
    assert np.mean([template in known for template in templates]) > 0.3
    assert set(made.labels) == {"PERSON", "CITY"}
    for example in made:
        for span, mention in zip(example.spans, example.mentions(), strict=True):
            assert mention in {"PERSON": PEOPLE, "CITY": CITIES}[span.label]
    assert made.table.column("parent").to_pylist() == [Template.of(each).fingerprint() for each in made]


def test_sentences_between_marks_have_exact_spans(linear: Path):
    draft = written(linear, marks="linear")
    made = good(draft)
    assert len(made) > 100
    assert Corpus(made.table) == made
    assert set(made.labels) == {"PERSON", "CITY"}
    mentions = Counter(
        (span.label, mention)
        for each in made
        for span, mention in zip(each.spans, each.mentions(), strict=True)
        if mention in {"PERSON": PEOPLE, "CITY": CITIES}[span.label]
    )
    assert sum(mentions.values()) > 0.5 * sum(len(each.spans) for each in made)
    assert mentions.keys() & {("PERSON", name) for name in PEOPLE}
    assert mentions.keys() & {("CITY", name) for name in CITIES}


def test_what_is_malformed_has_its_reason_and_no_text(linear: Path):
    draft = written(linear, 600, marks="linear", temperature=2.5)
    assert None in draft.reasons
    reasons = Counter(reason for reason in draft.reasons if reason)
    assert set(reasons) <= REASONS
    assert {"marks do not match", "does not end"} <= set(reasons)
    for example, reason in zip(draft.corpus, draft.reasons, strict=True):
        assert bool(example.text) == (reason is None)
        assert not (reason and example.spans)
    assert Corpus(draft.corpus.table) == draft.corpus


def test_the_likeliest_sentence_of_each_class(slots: Path):
    made = written(slots, 40, temperature=0)
    assert len({(Template.of(each).to_text(), each.label) for each in made.corpus}) == 2
    assert {each.label for each in made.corpus} == {"go", "send"}


def test_classes_are_as_frequent_as_in_the_source(tmp_path: Path):
    corpus = Corpus.concat([source(1)[:20], source(1)[:20], source(1)])
    directory = fitted(make(LanguageModel, **TINY | {"epochs": 1}), tmp_path, corpus)
    made = written(directory, 1200, temperature=0)
    assert Counter(each.label for each in made.corpus)["go"] == pytest.approx(900, abs=75)
    assert {each.label for each in written(directory, 20, "send").corpus} == {"send"}
    assert len(make(LanguageModel, **TINY).sampler(directory)(20, rng(1), "no such class")) == 0  # type: ignore[arg-type]


def test_the_class_is_written_about(slots: Path):
    made = good(written(slots, 200, "send", temperature=0.5))
    assert np.mean(["send" in each.text for each in made]) > 0.8
    assert np.mean(["CITY" in {span.label for span in each.spans} for each in made]) < 0.1


def test_only_what_the_source_has_is_written(slots: Path):
    trained = TrainedLanguageModel.read(slots, "cpu")
    rows = trained.sample(np.arange(400) % 2, 3.0, 1.0, rng(1))
    assert set(np.concatenate(rows)) <= set(np.flatnonzero(trained.known))
    assert trained.known.sum() < trained.vocabulary.outputs
    assert max(map(len, rows)) <= trained.longest
    assert trained.counts.tolist() == [40, 40]


def test_what_was_learned(slots: Path, tmp_path: Path):
    curves, facts = read_curves(slots)["language_model"], read_learned(slots).facts
    assert set(curves) == {"training_loss", "loss"}
    assert facts == {
        "epochs": len(curves["loss"]),
        "nats_per_sentence": pytest.approx(min(curves["loss"]), abs=1e-4),
    }
    assert curves["loss"][0] > 2 * min(curves["loss"])
    # A rate this high makes it worse; with nothing held out the last weights are kept all the same.
    all_of_it = fitted(make(LanguageModel, **TINY | {"epochs": 3, "learning_rate": 3.0, "heldout": 0.0}), tmp_path)
    losses = read_curves(all_of_it)["language_model"]["loss"]
    assert read_learned(all_of_it).facts["nats_per_sentence"] == pytest.approx(losses[-1], abs=1e-4)


def test_the_malformed_are_counted_and_made_up_for(tmp_path: Path):
    """A run delivers the exact count; whatever was rejected stands in the summary with its reason."""
    options = TINY | {"epochs": 6, "learning_rate": 0.02, "marks": "linear", "temperature": 1.3}
    rows = [(each.text, [(span.start, span.end, span.label) for span in each.spans]) for each in source()]
    write_source(tmp_path / "source.jsonl", rows, classes=True)
    generator = [{"use": "language_model", **in_tables(LanguageModel, **options)}]
    summary = run(make_recipe(tmp_path, count=60, generator=generator, filter=[]), tmp_path / "out")
    assert (summary.state, summary.delivered) == ("complete", 60)
    assert summary.dropped
    assert set(summary.dropped) <= REASONS
    assert summary.made == 60 + sum(summary.dropped.values())
    rejected = pq.read_table(tmp_path / "out" / "rejected.parquet")
    assert Counter(rejected.column("reason").to_pylist()) == summary.dropped
    assert summary.learned["language_model"].facts["epochs"] <= 6


def test_generate_makes_the_exact_count():
    options = LEARNING | {"epochs": 6, "marks": "linear"}
    corpus = generate(source(), [make(LanguageModel, **options)], 50, seed=5)
    assert len(corpus) == len(set(corpus.texts.to_pylist())) == 50
    assert Corpus(corpus.table) == corpus
    assert set(corpus.labels) <= {"PERSON", "CITY"}


@pytest.mark.parametrize("marks", ["slots", "linear"])
def test_few_sentences_are_warned_of(marks: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    few = Corpus.from_examples([*source(1)[:11], source(1)[30]])
    with caplog.at_level(logging.WARNING):
        fitted(make(LanguageModel, **TINY | {"epochs": 1, "marks": marks}), tmp_path, few)
    assert caplog.messages == [
        "language_model: the source has 12 sentences, fewer than 20: little can be learnt",
        "language_model: the class 'send' has one sentence: it can only be varied by those of others",
    ]
    assert {each.label for each in written(tmp_path, 9, "send", marks=marks).corpus} == {"send"}


def test_enough_sentences_are_no_reason_to_warn(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        fitted(make(LanguageModel, **TINY | {"epochs": 1}), tmp_path, source(1)[:20])
    assert caplog.messages == []


@pytest.mark.parametrize("corpus", [Corpus.empty(), Corpus.from_columns(text=["", ""])])
def test_no_sentences_are_refused(corpus: Corpus, tmp_path: Path):
    with pytest.raises(OptionError, match=r"^language_model: the source must have sentences to learn from, has none$"):
        fitted(make(LanguageModel, **TINY), tmp_path, corpus)


def test_one_sentence(tmp_path: Path):
    fitted(make(LanguageModel, **TINY | {"epochs": 1}), tmp_path, source(1)[:1])
    assert len(written(tmp_path, 5).corpus) == 5


@pytest.mark.parametrize("network", ["lstm", "transformer"])
def test_other_networks(network: Any, tmp_path: Path):
    options = LEARNING | {"kind": network, "epochs": 4, "layers": 1, "top_p": 0.9}
    fitted(make(LanguageModel, **options), tmp_path)
    assert read_learned(tmp_path).facts["epochs"] == 4
    assert set(written(tmp_path, 50, **options).reasons) <= {None, *REASONS}


@pytest.mark.parametrize(("name", "value"), [("values", {"PERSON": ["Ada"]}), ("locales", ("de_DE",))])
def test_values_are_refused_where_the_network_writes_mentions_itself(name: str, value: Any):
    message = f"option {name!r}: must not be given with marks = 'linear': the network writes mentions itself"
    with pytest.raises(OptionError, match=f"^{re.escape(message)}"):
        make(LanguageModel, marks="linear", **{name: value})
    assert make(LanguageModel, **{name: value}).marks == "slots"
    assert make(LanguageModel, marks="linear", values={}, locales=("en_US",)).values == {}
