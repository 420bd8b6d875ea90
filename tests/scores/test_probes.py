from __future__ import annotations

from pathlib import Path

import numpy as np

from textsynth.corpus import Corpus
from textsynth.scores.probes import Classifier, Tagger, teach_classifier, teach_tagger
from textsynth.testing.corpora import example_source, hostile_corpora


def test_a_tagger_finds_what_it_was_taught_and_says_how_sure_it_is(tmp_path: Path):
    source = example_source()
    taught = teach_tagger(source, (0.0, 0.01))
    taught.write(tmp_path)
    found = Tagger.read(tmp_path).tag(source)
    assert found.label(source) == source
    assert (found.confidences > 0.5).all()
    assert teach_tagger(source, (0.0, 0.01)).model == taught.model


def test_marginals_are_those_of_the_tags_that_the_texts_have():
    source = example_source()
    probe = teach_tagger(source, (0.0, 0.01))
    other = source.with_column("spans", Corpus.from_columns(text=[""] * len(source)).table["spans"].combine_chunks())
    right, wrong = probe.marginals(source), probe.marginals(other)
    assert right.values.min() > 0.5 > wrong.values.min()


def test_an_unknown_label_has_no_chance():
    probe = teach_tagger(example_source())
    assert probe.marginals(Corpus.from_columns(text=["Ada"], spans=[[(0, 3, "PLANET")]])).values.tolist() == [0.0]


def test_any_text_can_be_tagged():
    for corpus in (*hostile_corpora(), Corpus.empty()):
        teach_tagger(corpus).tag(corpus)
        assert len(teach_classifier(corpus).classify(corpus)) == len(corpus)


def test_a_classifier_gives_chances_that_add_up_to_one(tmp_path: Path):
    corpus = Corpus.from_columns(text=["red rose", "blue sea", "green tree"] * 4, label=["r", "b", "g"] * 4)
    taught = teach_classifier(corpus)
    taught.write(tmp_path)
    probe = Classifier.read(tmp_path)
    assert probe.classify(corpus) == ["r", "b", "g"] * 4
    assert np.allclose(probe.probabilities(corpus).sum(axis=1), 1)
