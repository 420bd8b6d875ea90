from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from edited import corpus_of, marked, mentions
from hypothesis import given
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.edits.mention import replace_mentions
from textsynth.edits.tokenised import Tokenised
from textsynth.extract import Gazetteer, Template
from textsynth.foundation.seeding import child_rng

SOURCE = corpus_of("[Ann](P) met [Bo](P) in [Rome](C).", "[Cy](P), [Oslo](C)", "[May](D)", "Nobody.")


def replaced(source: Corpus, *labels: str, gazetteer: Gazetteer | None = None, seed: int = 1) -> Corpus:
    may = np.array([label in labels for label in source.spans.labels.to_pylist()], bool)
    return replace_mentions(Tokenised.of(source), may, gazetteer or Gazetteer.of(source), child_rng(seed))


def test_by_hand():
    made = {marked(each) for seed in range(30) for each in replaced(SOURCE, "P", "D", seed=seed)}
    assert made == {
        *(f"[{first}](P) met [{second}](P) in [Rome](C)." for first in ("Bo", "Cy") for second in ("Ann", "Cy")),
        "[Ann](P), [Oslo](C)",
        "[Bo](P), [Oslo](C)",
        "[May](D)",
        "Nobody.",
    }


def test_every_other_mention_is_as_likely():
    source = corpus_of(*["[A](P)"] * 4000, *["[B](P)"] * 3, "[C](P)", "[D](P)", "[A](Q)")
    counts = Counter(each.text for each in list(replaced(source, "P", "Q"))[:4000])
    assert set(counts) == {"B", "C", "D"}
    assert all(count == pytest.approx(4000 / 3, rel=0.1) for count in counts.values())


def test_a_gazetteer_from_elsewhere():
    gazetteer = Gazetteer({"C": {"Lima": 1}, "D": {"May": 1}, "X": {"x": 1}})
    made = replaced(SOURCE, "P", "C", "D", "X", gazetteer=gazetteer)
    assert [marked(each) for each in made] == [
        "[Ann](P) met [Bo](P) in [Lima](C).",
        "[Cy](P), [Lima](C)",
        "[May](D)",
        "Nobody.",
    ]


def test_nothing_to_replace():
    assert replaced(SOURCE) == SOURCE
    assert replaced(SOURCE, "X") == SOURCE
    assert len(replaced(Corpus.empty(), "P", gazetteer=Gazetteer({"P": {"a": 1}}))) == 0


@given(corpora())
def test_all_but_the_mentions_stays(source: Corpus):
    labels = source.labels[::2]
    gazetteer = Gazetteer.of(source)
    made = replaced(source, *labels, gazetteer=gazetteer)
    assert Corpus(made.table) == made
    for before, after in zip(source, made, strict=True):
        assert Template.of(before).literals == Template.of(after).literals
        for (label, old), (same, new) in zip(mentions(before), mentions(after), strict=True):
            assert label == same
            others = set(gazetteer.mentions[label]) - {old}
            assert new in others if label in labels and others else new == old


def test_the_rng_decides():
    source = corpus_of(*["[A](P)[B](P)[C](P)"] * 20)
    first, second, other = (replaced(source, "P", seed=seed).texts for seed in (1, 1, 2))
    assert first == second
    assert first != other
    assert len(np.unique(first.to_pylist())) == 8
