from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.extract.heldout import split_heldout, without_repeats, without_wordings
from textsynth.extract.template import Template
from textsynth.foundation.seeding import child_rng

shares = st.sampled_from([0.05, 0.2, 0.5, 0.9])


def name(word: str, rest: str, label: str = "PERSON", cls: str | None = None) -> Example:
    """An example that begins with a mention."""
    return Example(f"{word} {rest}", (Span(0, len(word), label),), cls)


def keys(corpus: Corpus) -> set[str]:
    """What no two parts may share."""
    wordings = (Template.of(example).to_text() for example in corpus)
    return {" ".join(each.casefold().split()) for each in (*wordings, *corpus.texts.to_pylist())}


@given(corpora(), shares, st.integers(0, 3))
def test_every_example_is_in_one_part_and_no_wording_or_text_in_both(corpus: Corpus, share: float, seed: int):
    learnt, heldout = split_heldout(corpus, share, child_rng(seed))
    assert Counter(map(repr, [*learnt, *heldout])) == Counter(map(repr, corpus))
    assert not keys(learnt) & keys(heldout)
    assert learnt.labels == corpus.labels
    assert learnt.classes == corpus.classes
    assert len(without_repeats(learnt, heldout)) == len(learnt)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), shares, st.integers(0, 3))
def test_each_class_has_its_share_give_or_take_one(sizes: list[int], share: float, seed: int):
    rows = [Example(f"text {cls} {row}", label=f"class {cls}") for cls, size in enumerate(sizes) for row in range(size)]
    _, heldout = split_heldout(Corpus.from_examples(rows), share, child_rng(seed))
    found = Counter(heldout.table.column("label").to_pylist())
    for cls, size in enumerate(sizes):
        assert abs(found[f"class {cls}"] - share * size) < 1 or found[f"class {cls}"] == size - 1


def test_rare_labels_have_their_share_too():
    rows = [name("Ada", f"likes number {row}") for row in range(180)]
    rows += [name("Rome", f"saw number {row}", "CITY") for row in range(20)]
    _, heldout = split_heldout(Corpus.from_examples(rows), 0.25, child_rng(1))
    assert Counter(heldout.spans.labels.to_pylist()) == {"PERSON": 45, "CITY": 5}


def test_what_would_fill_a_small_part_by_itself_stays():
    rows = [name(f"Ada{row}", "left") for row in range(30)] + [name("Bo", f"ate {row}") for row in range(70)]
    for seed in range(20):
        learnt, heldout = split_heldout(Corpus.from_examples(rows), 0.2, child_rng(seed))
        assert sum(text.endswith("left") for text in learnt.texts.to_pylist()) == 30
        assert len(heldout) in (13, 14, 15)


def test_the_order_of_the_source_plays_no_part_but_the_seed_does():
    rows = [name("Ada", f"likes number {row}", cls="ab"[row % 2]) for row in range(50)]
    parts = [split_heldout(Corpus.from_examples(each), 0.2, child_rng(1))[1] for each in (rows, rows[::-1])]
    assert sorted(parts[0].texts.to_pylist()) == sorted(parts[1].texts.to_pylist())
    assert split_heldout(Corpus.from_examples(rows), 0.2, child_rng(2))[1] != parts[0]


@pytest.mark.parametrize(
    ("example", "stays"),
    [
        (name("Bo", "left"), False),  # the wording
        (name("Bo", "LEFT "[:-1]), False),  # in another case
        (Example("Ada  left"), False),  # the text, its mention unmarked
        (name("Ada", "stayed"), True),
    ],
)
def test_what_repeats_a_held_out_example_is_left_out(example: Example, stays: bool):
    heldout = Corpus.from_examples([name("Ada", "left")])
    assert len(without_repeats(Corpus.from_examples([example]), heldout)) == stays
    if example.spans:
        assert len(without_wordings([Template.of(example)], heldout)) == stays
