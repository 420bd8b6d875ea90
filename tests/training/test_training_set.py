from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from toy import prepared, rng, source

pytest.importorskip("torch")

from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.training.training_set import heldout_rows
from textsynth.wording.sentences import Sentences


def rare(commoner: int = 38) -> Corpus:
    """Sentences of class go and two of send, of which alone one has the label THING."""
    texts = ["send lamps now", "send it"]
    few = Corpus.from_columns(text=texts, spans=[[(5, 10, "THING")], []], label=["send", "send"])
    return Corpus.from_examples([*[Example(f"go {number}", (), "go") for number in range(commoner)], *few])


@pytest.mark.parametrize("heldout", [0.1, 0.5, 0.9, 0.99])
def test_one_of_every_class_and_label_is_left_to_learn_from(heldout: float):
    training_set = prepared(corpus=rare(), heldout=heldout)
    training = training_set.sentences.take(training_set.training)
    assert set(training.classes) == {0, 1}
    assert training.bags.sum() == 1
    assert not set(training_set.training) & set(training_set.heldout)
    assert len(training_set.heldout) == int(40 * heldout) or len(training_set.training) <= 3


def test_a_class_is_never_held_out_whole_whatever_is_drawn():
    """The groups: all go, the first two send, and the first alone has a label."""
    groups = np.zeros((20, 3), bool)
    groups[:, 0], groups[:2, 1], groups[0, 2] = True, True, True
    heldout = [heldout_rows(20, 0.5, rng("draw", number), None, groups) for number in range(100)]
    counts = Counter(row for rows in heldout for row in rows.tolist())
    assert all(len(rows) == 10 for rows in heldout)
    assert counts[0] == 0
    assert 20 < counts[1] < 80
    assert min(counts[row] for row in range(2, 20)) > 20


def test_groups_with_enough_rows_change_nothing():
    groups = np.arange(200)[:, None] % 2 == np.arange(2)
    for most in (None, 7):
        assert np.array_equal(
            heldout_rows(200, 0.1, rng("same"), most), heldout_rows(200, 0.1, rng("same"), most, groups)
        )


def test_a_group_that_nobody_is_in_and_a_source_without_sentences():
    assert len(heldout_rows(40, 0.5, rng("none"), None, np.zeros((40, 2), bool))) == 20
    assert len(heldout_rows(0, 0.5, rng("none"), None, np.zeros((0, 2), bool))) == 0


def test_every_slot_label_stays_where_marks_are_linear():
    training_set = prepared("linear", rare(), heldout=0.9)
    assert isinstance(training_set.sentences, Sentences)
    assert training_set.sentences.take(training_set.training).bags.sum() == 1


def test_of_the_toy_corpus_as_many_are_held_out_as_are_asked_for():
    training_set = prepared(corpus=source(), heldout=0.25)
    assert (len(training_set.training), len(training_set.heldout), training_set.has_heldout) == (60, 20, True)
