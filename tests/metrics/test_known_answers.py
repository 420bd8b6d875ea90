"""Corpora of which it is known what metrics must say."""

from __future__ import annotations

import functools
import importlib.util

import numpy as np
import pytest

from textsynth import metrics
from textsynth.corpus import Corpus
from textsynth.errors import MissingDependency
from textsynth.foundation.seeding import child_rng
from textsynth.metrics import Evidence, Score
from textsynth.metrics.embedding_likeness import compare_vectors
from textsynth.testing.corpora import join_parts

WOMEN, MEN = ("Anna", "Maria", "Julia", "Emma"), ("John", "Peter", "Paul", "James")
CITIES = ("Rome", "Oslo", "Lima", "Kyoto", "Bern", "Accra", "Quito", "Perth")
VERBS = ("flew to", "left", "loved", "drew", "painted", "described", "forgot", "sold")
ENDS = ("in May", "by train", "at night", "last year", "with joy", "for ever", "alone", "at once")


def build(rows: int, seed: int, names: tuple[str, ...] = WOMEN + MEN) -> Corpus:
    """Returns sentences about travels, all different as a rule."""
    rng = child_rng(seed, "travels")
    made = []
    for _ in range(rows):
        name, city, verb, end = (str(rng.choice(each)) for each in (names, CITIES, VERBS, ENDS))
        parts = [(name, "PERSON"), (f" {verb} ", ""), (city, "CITY"), (f" {end}, {rng.integers(1000)}.", "")]
        made.append((*join_parts(*parts), "trip" if verb in VERBS[:2] else "art"))
    texts, spans, labels = zip(*made, strict=True)
    return Corpus.from_columns(text=texts, spans=spans, label=labels)


ROWS = 120
SOURCE, HELDOUT = build(ROWS, 1), build(ROWS, 2)
DISJOINT = Corpus.from_columns(
    text=[f"Wir haben {row} Äpfel und Birnen mit Zucker gekocht" for row in range(2000, 2000 + ROWS)],
    spans=[[(15, 20, "FRUIT")] for _ in range(ROWS)],
)


@functools.cache
def score(name: str, kind: str) -> dict[str, Score]:
    synthetic = {
        "copy": SOURCE,
        "shuffled": SOURCE.take(child_rng(3).permutation(ROWS)),
        "half": SOURCE[: ROWS // 2] + HELDOUT[ROWS // 2 :],
        "disjoint": DISJOINT,
        "doubled": build(ROWS // 2, 4) + build(ROWS // 2, 4),
        "real": build(ROWS, 5),
        "few": SOURCE.take(np.arange(ROWS) % 8),
        "women": build(ROWS, 6, WOMEN),
    }[kind]
    metric = getattr(metrics, name)()
    return metric.measure(Evidence(synthetic, SOURCE, HELDOUT), child_rng(7)).scores


def value(name: str, kind: str, number: str) -> float:
    found = score(name, kind)[number].value
    assert found is not None
    return found


def test_order_plays_no_part():
    for name in ("Likeness", "NerNumbers", "Bias", "LabelErrors"):
        assert {number: each.value for number, each in score(name, "shuffled").items()} == pytest.approx(
            {number: each.value for number, each in score(name, "copy").items()}
        )


def test_a_copy_is_the_source_in_everything_and_has_nothing_new():
    kind = "copy"
    divergences = {name: each.value for name, each in score("Likeness", kind).items() if "divergence" in name}
    assert len(divergences) == 5
    assert divergences == pytest.approx(dict.fromkeys(divergences, 0.0))
    assert value("NerNumbers", kind, "leakage ratio") == 1
    assert value("NerNumbers", kind, "unseen-entity ratio") == 0
    assert value("EmbeddingLikeness", kind, "frontier") == pytest.approx(1.0)
    assert value("EmbeddingLikeness", kind, "Fréchet distance") == pytest.approx(0, abs=1e-9)
    assert value("Discriminator", kind, "discriminator AUC") == pytest.approx(0.5)
    assert value("Variety", kind, "new wordings") == 0
    assert value("Bias", kind, "divergence of labels by gender") == pytest.approx(0)


def test_labels_of_a_copy_are_no_worse_than_those_of_held_out_text():
    for kind in ("copy", "half"):
        for name, found in score("LabelErrors", kind).items():
            assert found.low is not None, name
            assert found.low <= 0, name
        assert value("LabelErrors", kind, "variation") == 0


def test_of_half_a_copy_half_is_found():
    assert value("NerNumbers", "half", "leakage ratio") == 0.5
    found = score("NerNumbers", "half")["leakage ratio"]
    assert found.heldout == 0
    assert 0.2 < found.low < 0.5 < found.high < 0.8


def test_disjoint_text_shares_nothing():
    assert value("Likeness", "disjoint", "divergence of tokens") == pytest.approx(1)
    assert value("Likeness", "disjoint", "divergence of labels") == pytest.approx(1)
    assert value("NerNumbers", "disjoint", "unseen-entity ratio") == 1
    assert value("EmbeddingLikeness", "disjoint", "frontier") < 0.1
    assert value("Discriminator", "disjoint", "discriminator AUC") == 1
    for new in ("new wordings", "new mentions", "new contexts"):
        assert value("Variety", "disjoint", new) == 1
    assert value("LabelErrors", "disjoint", "disputed mentions") == 1  # the source has no such label
    assert score("LabelErrors", "disjoint")["disputed classes"].value is None


def test_other_real_text_is_not_told_from_the_held_out_text():
    outside = [
        (name, number)
        for name in ("Likeness", "NerNumbers", "EmbeddingLikeness", "Discriminator", "Bias")
        for number, each in score(name, "real").items()
        if each.low is not None and not each.low <= 0 <= each.high
    ]
    assert len(outside) <= 3  # of 21, each with its chance of 1 in 20


def test_a_doubled_corpus_is_seen():
    assert value("NerNumbers", "doubled", "redundancy") == 0.5
    assert value("Variety", "doubled", "xz ratio") > 1.5 * value("Variety", "copy", "xz ratio")
    assert value("Variety", "doubled", "self-BLEU-3") == pytest.approx(1)


def test_few_texts_repeated_are_seen():
    assert value("EmbeddingLikeness", "few", "frontier") < 0.2
    assert value("Variety", "few", "distinct wordings") <= 8 / ROWS
    assert value("Variety", "few", "largest wording") >= 1 / 8
    assert value("Variety", "few", "Vendi score") < 9
    assert score("Variety", "few")["Vendi score"].low is None  # eight wordings are too few for an interval


def test_names_of_women_alone_are_seen():
    found = score("Bias", "women")
    assert found["women's names"].value == 1
    assert found["women's names"].low > 0
    assert found["divergence of labels by gender"].low > 0


def test_numbers_by_hand():
    corpus = Corpus.from_columns(
        text=["Ada saw Rome", "Rome saw Ada", "hi", "hi"],
        spans=[[(0, 3, "PER"), (8, 12, "LOC")], [(0, 4, "ORG")], [], []],
    )
    known = Corpus.from_columns(text=["Ada saw Rome"], spans=[[(0, 3, "PER")]])
    found = metrics.NerNumbers().measure(Evidence(corpus, known, Corpus.empty()), child_rng(1)).scores
    assert {name: each.value for name, each in found.items()} == pytest.approx(
        {
            "redundancy": 1 / 4,
            "leakage ratio": 1 / 4,
            "unseen-entity ratio": 2 / 3,  # Rome as LOC and as ORG
            "ambiguity degree": 1 / 2,  # Rome, and not Ada
            "density": 3 / 8,
            "imbalance degree": 0,
            "null rate": 1 / 2,
        }
    )
    assert {each.heldout for each in found.values()} == {None}


def test_any_encoder_is_taken():
    def count_letters(texts: list[str]) -> np.ndarray:
        return np.array([[text.count("a"), text.count("e"), len(text)] for text in texts])

    found = compare_vectors(count_letters, Evidence(SOURCE, SOURCE, HELDOUT), child_rng(1), ROWS)
    assert found.scores["frontier"].value == pytest.approx(1)
    assert found.scores["Fréchet distance"].value == pytest.approx(0, abs=1e-6)


def test_large_corpora_are_sampled_and_a_note_says_so():
    found = metrics.NerNumbers(sample=50).measure(Evidence(HELDOUT, SOURCE, HELDOUT), child_rng(1))
    assert found.notes == (
        "of the synthetic text, 50 of 120 rows are looked at",
        "of the held-out text, 50 of 120 rows are looked at",
    )


def test_what_is_not_installed_is_one_line_that_says_how(monkeypatch: pytest.MonkeyPatch):
    usual = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "sklearn" else usual(name))
    with pytest.raises(
        MissingDependency, match=r"^metric 'discriminator': sklearn must be installed; pip install .*metrics"
    ):
        metrics.Discriminator().measure(Evidence(SOURCE, SOURCE, HELDOUT), child_rng(1))
