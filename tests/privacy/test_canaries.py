"""Canaries: what they look like, and known answers of generators that copy, or have never seen them."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest

import textsynth as ts
from textsynth.components.metric import Exposure
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.foundation.seeding import child_rng
from textsynth.privacy.canaries import REFERENCES, Canaries, draw_canaries
from textsynth.privacy.exposure import compute_auc, tell_exposures

CORPORA = Path(__file__).resolve().parents[2] / "corpora"


@functools.cache
def read() -> tuple[Corpus, Canaries]:
    source = ts.read(CORPORA / "support.jsonl")
    return source, draw_canaries(source, 50, child_rng(4))


def test_a_canary_is_a_beginning_of_the_source_and_rare_words():
    source, canaries = read()
    texts, whole = source.texts.to_pylist(), " ".join(source.texts.to_pylist())
    for planted, ending in zip(canaries.planted, canaries.endings.texts.to_pylist()[:: REFERENCES + 1], strict=False):
        beginning = planted.text.removesuffix(ending).strip()
        assert any(text.startswith(beginning) for text in texts)
        assert all(word in whole for word in ending.split())
        assert len(set(ending.split())) == 5
        assert planted.label in source.classes
    assert len(canaries.planted) == len(canaries.kept) == 25
    assert len(set((canaries.planted + canaries.kept).texts.to_pylist())) == 50
    assert set(canaries.candidates.labels) <= set(source.labels)
    assert len(canaries.candidates) == 50 * (REFERENCES + 1)


def test_what_copies_its_source_is_found_out():
    source, canaries = read()
    exposure = canaries.find_exposure(source + canaries.planted)
    assert (exposure.planted == np.log2(REFERENCES + 1)).all()
    assert exposure.kept.mean() < 2.5
    auc, low, _ = compute_auc(exposure)
    assert auc > 0.95
    assert low > 0.75
    scores = tell_exposures([exposure]).scores
    assert all(score.low is not None and score.low > 0 for score in scores.values())


def test_what_has_never_seen_them_is_at_chance():
    source, canaries = read()
    exposure = canaries.find_exposure(source)
    _, low, high = compute_auc(exposure)
    assert low < 0.5 < high
    bits = tell_exposures([exposure]).scores["exposure by words in a row in the output"]
    assert bits.low < 0 < bits.high


def test_likelihoods_rank_them():
    """A cost of random numbers is chance; one that knows the planted ones gives all their bits."""
    _, canaries = read()
    costs = child_rng(1).random(len(canaries.candidates))
    chance = canaries.find_exposure_by_cost(costs, "chance")
    assert np.concatenate([chance.planted, chance.kept]).mean() == pytest.approx(1 / np.log(2), abs=0.7)
    costs[np.arange(25) * (REFERENCES + 1)] = -1.0
    known = canaries.find_exposure_by_cost(costs, "known")
    assert (known.planted == 7).all()
    assert known.kept.tolist() == chance.kept.tolist()


def test_what_repeats_a_planted_canary_is_found_with_what_was_made_from_it():
    source, canaries = read()
    ending = canaries.endings.texts[0].as_py().split()
    made = Corpus.from_columns(text=[" ".join(["Oh", *ending[1:4]]), " ".join(ending[:2]), "Oh"])
    parents = canaries.planted[:2].table.column("parent").combine_chunks()
    derived = Corpus.from_columns(text=["One", "Two"]).with_column("parent", parents)
    assert canaries.find_repeats(made + derived).tolist() == [True, False, False, True, True]
    assert not canaries.find_repeats(source + canaries.kept).any()


def test_too_few_words_are_refused():
    with pytest.raises(OptionError, match="canaries end in 5 of the rarer words of the source, which must have 10"):
        draw_canaries(Corpus.from_columns(text=["one two three four"]), 10, child_rng(1))


def test_ties_count_half():
    assert compute_auc(Exposure("", np.array([1.0, 2.0]), np.array([1.0, 1.0])))[0] == 0.75
