from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.extract.folds import deal_folds, number_families

EXAMPLES = st.lists(
    st.builds(
        Example,
        text=st.sampled_from(["a", "A ", "b", "c", "d", "e"]),
        label=st.sampled_from(["x", "y", None]),
        parent=st.sampled_from([None, "p", "q"]),
    ),
    min_size=1,
    max_size=12,
)


@given(EXAMPLES, st.integers(0, 5))
def test_what_belongs_together_is_in_one_fold(examples: list[Example], seed: int):
    corpus = Corpus.from_examples(examples)
    families = number_families(corpus)
    folds = deal_folds(corpus, families, 3, np.random.default_rng(seed))
    for one, other in np.ndindex(len(examples), len(examples)):
        first, second = examples[one], examples[other]
        if first.text.strip().lower() == second.text.strip().lower() or first.parent == second.parent is not None:
            assert families[one] == families[other]
        if families[one] == families[other]:
            assert folds[one] == folds[other]
    assert sorted(set(families.tolist())) == list(range(families.max() + 1))


def test_each_class_is_dealt_out_evenly():
    rare, common = [Example(f"r {n}", label="rare") for n in range(10)], [Example(f"c {n}") for n in range(40)]
    common = [dataclasses.replace(each, label="common") for each in common]
    corpus = Corpus.from_examples([*common, *rare])
    folds = deal_folds(corpus, number_families(corpus), 5, np.random.default_rng(1))
    assert np.bincount(folds[40:]).tolist() == [2] * 5
    assert np.bincount(folds[:40]).tolist() == [8] * 5
