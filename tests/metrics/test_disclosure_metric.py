from __future__ import annotations

import numpy as np

from textsynth.components.metric import Evidence, Measured
from textsynth.corpus import Corpus
from textsynth.foundation.seeding import child_rng
from textsynth.metrics import Disclosure

WORDS = ("plum", "kite", "moss", "harp", "fern", "dusk", "opal", "rune", "silt", "wren")


def corpus(*names: int | str, rows: int = 60) -> Corpus:
    """Random words with a mention at the front, so that hardly a run comes twice."""
    rng = child_rng(5, *names)
    texts = [" ".join(["Ada", *(f"{word}{rng.integers(9)}" for word in rng.choice(WORDS, 7))]) for _ in range(rows)]
    return Corpus.from_columns(text=texts, spans=[[(0, 3, "PERSON")]] * rows)


def measure(synthetic: Corpus, source: Corpus, heldout: Corpus) -> Measured:
    return Disclosure().measure(Evidence(synthetic, source, heldout), child_rng(1))


def test_a_copy_of_half_the_source():
    source, heldout, other = corpus("s"), corpus("h"), corpus("o")
    measured = measure(source[:30] + other[30:], source, heldout)
    excess = measured.scores["excess"]
    assert excess.value is not None
    assert excess.low is not None
    assert excess.value >= 0.5
    assert excess.low > 0.2
    assert measured.scores["p"].value < 1e-6
    assert measured.scores["share closer to source"].value > 0.6
    listing = measured.tables[1]
    assert listing.private
    assert len(listing.rows) == 10
    assert all(row[2] == row[3] in source.texts.to_pylist() for row in listing.rows)


def test_a_copy_discloses_all_and_disjoint_text_nothing():
    source, heldout = corpus("s"), corpus("h")
    found = measure(source, source, heldout).scores
    assert found["excess"].value > 0.95
    assert found["share closer to source"].value == 1
    assert measure(source.take(np.arange(60)[::-1]), source, heldout).scores["excess"] == found["excess"]
    disjoint = Corpus.from_columns(text=[f"Birnen {row} Birnen" for row in range(60)])
    found = measure(disjoint, source, heldout).scores
    assert found["excess"].value == 0
    assert found["share closer to source"].value == 0.5


def test_other_text_discloses_nothing_that_stands_out():
    measured = measure(corpus("o"), corpus("s"), corpus("h"))
    excess = measured.scores["excess"]
    assert excess.low <= 0 <= excess.high
    assert measured.scores["p"].value > 0.05
    assert len(measured.tables[0].rows) == 22


def test_what_cannot_be_told_is_not_told():
    some, none = corpus("s", rows=1), Corpus.empty()
    assert measure(some, some, some).scores["excess"].value == 0
    for synthetic, source, heldout in ((none, some, some), (some, none, some), (some, some, none)):
        measured = measure(synthetic, source, heldout)
        assert not measured.scores
        assert len(measured.notes) == 1
    wordless = Corpus.from_columns(text=["!", "?"])
    assert measure(wordless, wordless, wordless).scores["nearest neighbour ratio"].value is None


def test_the_same_for_the_same_stream():
    evidence = corpus("o"), corpus("s"), corpus("h")
    assert measure(*evidence) == measure(*evidence)
