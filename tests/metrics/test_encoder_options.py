"""Encoders by option: static embeddings that are written here, and a tiny transformer."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import toy
from static_embeddings import write_static

from textsynth.components.metric import Evidence
from textsynth.corpus import Corpus
from textsynth.errors import InputError, MissingDependency, OptionError
from textsynth.evaluation.evaluate import choose_metrics
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators import PseudoLabels
from textsynth.metrics import Disclosure, EmbeddingLikeness
from textsynth.pretrained.encoding import load_encoder, load_transformer

CORPUS = toy.source(4)


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with static embeddings of four words, two of which mean the same."""
    folder = tmp_path_factory.mktemp("static")
    return write_static(folder, ["red", "blue", "green", "crimson"], np.eye(4)[[0, 1, 2, 3, 1]])


def test_static_embeddings_are_averaged(static: Path):
    vectors = load_encoder(str(static))(["red blue", "red", "red blue"])
    assert vectors.tolist() == [[0, 0.5, 0.5, 0], [0, 1, 0, 0], [0, 0.5, 0.5, 0]]


def test_metrics_take_them(static: Path):
    evidence = Evidence(CORPUS[:30], CORPUS[:30], CORPUS[30:60])
    alike = EmbeddingLikeness(encoder=str(static)).measure(evidence, child_rng(1)).scores
    assert alike["frontier"].value == pytest.approx(1.0)
    near = Disclosure(encoder=str(static)).measure(evidence, child_rng(1)).scores
    assert near["share closer to source"].value is not None


def test_raw_texts_are_labelled_by_what_they_mean(static: Path, tmp_path: Path):
    source = Corpus.from_columns(
        text=["red red", "red"] * 5 + ["blue blue", "blue"] * 5, label=["a1"] * 10 + ["b1"] * 10
    )
    for encoder, label in ((str(static), "a1"), ("tfidf", None)):
        generator = PseudoLabels(texts=("crimson",), encoder=encoder)
        generator.fit(Resources.of(source), tmp_path, child_rng(1))
        assert [each.label for each in generator.sampler(tmp_path)(1, child_rng(2))] == [label] * (label is not None)


@pytest.mark.heavy
def test_a_transformer_encodes_texts_the_same_in_any_batch():
    from tiny_tagger import tiny_tagger

    texts = ["Ada went to Oslo .", "there", "", "Oslo " * 60]
    together = load_encoder(tiny_tagger())(texts)
    apart = np.concatenate([load_encoder(tiny_tagger())([text]) for text in texts])
    assert together.shape == (4, 16)
    assert together == pytest.approx(apart, abs=1e-5)


@pytest.mark.heavy
def test_static_embeddings_are_no_transformer(static: Path):
    with pytest.raises(OptionError, match="option 'encoder' must be a transformer"):
        load_transformer(str(static))


def test_what_cannot_be_found_is_said_before_anything_is_measured():
    with pytest.raises(InputError, match="nowhere: must be a directory with a model"):
        choose_metrics(["embedding_likeness"], options={"embedding_likeness": {"encoder": "nowhere"}})
    with pytest.raises(OptionError, match="options of the metric 'use': it must be asked, asked are likeness"):
        choose_metrics(["likeness"], options={"use": {"draws": 3}})
    with pytest.raises(OptionError, match="metric 'use': there is no option 'probes'; did you mean 'probe'"):
        choose_metrics(["use"], options={"use": {"probes": "spacy"}})


def test_without_model2vec_a_line_says_what_brings_it(static: Path, monkeypatch: pytest.MonkeyPatch):
    usual = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "model2vec" else usual(name, *rest)
    )
    with pytest.raises(MissingDependency, match=r"model2vec must be installed to load it; pip install .*\[metrics\]"):
        choose_metrics(["disclosure"], options={"disclosure": {"encoder": str(static)}})
