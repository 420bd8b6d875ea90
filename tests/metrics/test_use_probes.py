"""The metric use by spaCy and by encoders: what holds by construction, with models that are tiny."""

from __future__ import annotations

import importlib.util
import random

import numpy as np
import pytest
import toy

from textsynth.components.metric import Evidence, Measured
from textsynth.corpus import Corpus
from textsynth.errors import MissingDependency, OptionError
from textsynth.foundation.seeding import child_rng
from textsynth.metrics.use import Use
from textsynth.scores.probes import teach_on_vectors
from textsynth.scores.spacy_probes import teach_spacy_classifier, teach_spacy_tagger

CORPUS = toy.source(4)
CORPUS = CORPUS.take(np.random.default_rng(2).permutation(len(CORPUS)))


def measure(use: Use) -> Measured:
    return use.measure(Evidence(CORPUS[:20], CORPUS[20:40], CORPUS[40:60]), child_rng(1, "probes"))


def small(**options: object) -> Use:
    return Use(gold=8, synthetic=8, heldout=8, draws=3, steps=2, **options)  # type: ignore[arg-type]


@pytest.mark.slow
def test_spacy_learns_what_it_is_taught():
    state = random.getstate()
    tag = teach_spacy_tagger(CORPUS[:40], 60, 1.0, child_rng(1))
    found = tag(CORPUS[40:60])
    assert random.getstate() == state
    right = set(zip(found.spans.starts.tolist(), found.spans.labels.to_pylist(), strict=True))
    true = set(zip(CORPUS[40:60].spans.starts.tolist(), CORPUS[40:60].spans.labels.to_pylist(), strict=True))
    assert len(right & true) > len(true) / 3
    classify = teach_spacy_classifier(CORPUS[:40], 40, 1.0, child_rng(1))
    labels = CORPUS[:40].table.column("label").to_pylist()
    guesses = sum(one == other for one, other in zip(classify(CORPUS[:40]), labels, strict=True))
    assert guesses > max(labels.count(each) for each in set(labels))


@pytest.mark.heavy
@pytest.mark.parametrize("weaker", [1.0, 0.0])
def test_spacy_has_weaker_regularisation_and_repeats(weaker: float):
    tags = [teach_spacy_tagger(CORPUS[:10], 3, weaker, child_rng(2))(CORPUS[10:14]) for _ in range(2)]
    assert tags[0] == tags[1]


@pytest.mark.slow
def test_spacy_is_a_probe_of_use():
    found = measure(small(probe="spacy"))
    assert all(score.value is not None for score in found.scores.values())


@pytest.mark.slow
def test_a_transformer_is_a_probe_of_use():
    from tiny_tagger import tiny_tagger

    use = small(probe="encoder", encoder=tiny_tagger())
    assert "KB" in use.needs()[0] or "MB" in use.needs()[0]
    found = measure(use)
    assert all(score.value is not None for score in found.scores.values())
    assert measure(use) == found


@pytest.mark.heavy
def test_a_transformer_learns_tags():
    """The tiny one has learnt to tell two names, so a layer on it does so in no time."""
    from tiny_tagger import tiny_tagger

    from textsynth.pretrained.probing import teach_encoder_tagger

    corpus = Corpus.from_columns(
        text=["Ada went to Oslo .", "Oslo is where Ada was .", "nobody was there ."] * 4,
        spans=[[(0, 3, "PER"), (12, 16, "LOC")], [(0, 4, "LOC"), (14, 17, "PER")], []] * 4,
        tokenizer="whitespace",
    )
    tag = teach_encoder_tagger(tiny_tagger(), corpus, 150, 1.0, child_rng(1))
    assert tag(Corpus.from_columns(text=["Oslo was where Ada went"], tokenizer="whitespace")) == Corpus.from_columns(
        text=["Oslo was where Ada went"], spans=[[(0, 4, "LOC"), (15, 18, "PER")]], tokenizer="whitespace"
    )


def test_classes_are_told_by_vectors():
    corpus = Corpus.from_columns(text=["aa", "bb", "ab"] * 4, label=["a", "b", None] * 4)

    def count(texts):
        return np.array([[text.count("a"), text.count("b")] for text in texts], float)

    assert teach_on_vectors(count, corpus, 0.1).classify(Corpus.from_columns(text=["a", "b"])) == ["a", "b"]
    assert teach_on_vectors(count, corpus[:1], 0.1).classify(corpus[:2]) == ["a", "a"]


def test_options_that_do_not_fit_are_refused():
    with pytest.raises(OptionError, match="probe = 'encoder' must stand beside a model"):
        Use(probe="encoder")
    with pytest.raises(OptionError, match="probe = 'encoder' must stand beside a model"):
        Use(encoder="owner/name")


def test_without_spacy_a_line_says_what_brings_it(monkeypatch: pytest.MonkeyPatch):
    usual = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "spacy" else usual(name, *rest)
    )
    with pytest.raises(MissingDependency, match=r"^probe 'spacy': spacy must be installed; pip install .*\[spacy\]"):
        measure(small(probe="spacy"))
