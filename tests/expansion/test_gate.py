from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from textsynth.corpus import Corpus
from textsynth.expansion.gate import Found, Trial, try_source

TOWNS = ["Rome", "Oslo", "Bern", "Cork", "Turin", "Lyon", "Graz", "Bath"]
GOLD = Corpus.from_columns(
    text=[f"{town} lies here, May said" for town in TOWNS], spans=[[(0, len(town), "CITY")] for town in TOWNS]
)


@dataclass(frozen=True)
class Given:
    """A source that finds what it was given."""

    mentions: Sequence[str]
    invents: bool = False
    cuts: int = 2

    def wants_proof(self, label: str) -> bool:
        return True

    def find(self, gold: Corpus, raw: Corpus, rng: np.random.Generator) -> Found:
        assert not raw.labels
        return {"CITY": self.mentions}


def trial(mentions: Sequence[str], **options: bool) -> Trial:
    return try_source(Given(mentions, **options), GOLD, np.random.default_rng(1))["CITY"]


def test_all_of_the_other_half_and_nothing_else():
    """Each of eight mentions is held out once in either cut; those that were learnt from do not count."""
    assert trial(TOWNS) == Trial(unseen=16, recalled=16, places=16, right=16)
    assert trial(TOWNS).proves


def test_what_is_wrong_is_no_proof_and_refutes():
    wrong = trial(["May", "Paris"])
    assert wrong == Trial(unseen=16, recalled=0, places=16, right=0)
    assert not wrong.proves
    assert wrong.refutes(wrong)


def test_what_is_made_up_is_compared_by_its_first_word_and_never_refuted():
    found = trial(["Rome Falls", "May"], invents=True)
    assert found == Trial(unseen=16, recalled=2, places=0, right=0)
    assert found.proves
    assert not found.refutes(found)


def test_a_part_of_a_longer_mention_tells_nothing():
    gold = Corpus.from_columns(text=["New Rome", "New Oslo"] * 4, spans=[[(0, 8, "CITY")]] * 8)
    found = try_source(Given(["Rome", "Oslo"]), gold, np.random.default_rng(1))["CITY"]
    assert (found.places, found.right) == (0, 0)


@pytest.mark.parametrize(
    ("label", "whole", "refuted"),
    [
        (Trial(9, 0, 0, 0), Trial(90, 30, 40, 30), False),
        (Trial(9, 0, 0, 0), Trial(90, 3, 40, 4), True),
        (Trial(9, 0, 1, 0), Trial(90, 30, 40, 30), False),
        (Trial(9, 0, 1, 0), Trial(9, 0, 2, 0), False),
    ],
)
def test_few_places_tell_as_much_as_all_labels_do(label: Trial, whole: Trial, refuted: bool):
    assert label.refutes(whole) == refuted
