from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from textsynth.corpus import Corpus
from textsynth.corpus.tokens import tokenize
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


def test_a_label_is_judged_among_labels_and_a_tag_among_tags():
    """Every chance is one; a label's is at least that of its tags; outside of mentions nothing is said of labels."""
    source = example_source()
    tagger = teach_tagger(source)
    by_tag, among = tagger.judge(source)
    assert np.all((by_tag.values >= 0) & (among.values <= 1))
    tokens = tokenize(source)
    inside = np.zeros(len(tokens.starts), bool)
    for first, stop in zip(tokens.first, tokens.stop, strict=True):
        inside[first:stop] = True
    assert np.all(among.values[~inside] == 1)
    assert np.all(among.values[inside] >= by_tag.values[inside] - 1e-9)
    swapped = Corpus.from_examples(
        [replace(each, spans=tuple(replace(span, label="OTHER") for span in each.spans)) for each in source]
    )
    unknown = tagger.judge(swapped)[1]
    assert np.all(unknown.values[inside] == 0)
    assert np.all(unknown.values[~inside] == 1)
