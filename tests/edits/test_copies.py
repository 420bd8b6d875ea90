from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from edited import corpus_of
from hypothesis import given
from hypothesis import strategies as st

from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.edits import copies
from textsynth.edits.copies import REPEATED, UNCHANGED, CopyingSampler, make_distinct_copies
from textsynth.edits.tokenised import Tokenised
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.edits.word_deletion import WordDeletion


class Scripted:
    """Makes copies with the texts that a script has for each example, one after the other, and then the last again."""

    def __init__(self, source: Corpus, *scripts: Sequence[str]) -> None:
        self.source, self.scripts = source, [list(script) for script in scripts]
        self.asked: list[list[int]] = []

    def __call__(self, chosen: np.ndarray) -> Corpus:
        self.asked.append(chosen.tolist())
        texts = [each.pop(0) if len(each := self.scripts[row]) > 1 else each[0] for row in chosen.tolist()]
        return self.source.take(chosen).with_column("text", pa.array(texts, pa.string()))


def test_by_hand():
    source = corpus_of("a", "b")
    make = Scripted(source, ["a", "a1", "a1", "a2"], ["b1", "b", "b2"])
    draft = make_distinct_copies(source, np.array([0, 1, 0, 1]), make)
    assert draft.corpus.texts.to_pylist() == ["a1", "b1", "a2", "b2"]
    assert draft.reasons == ()


def test_a_copy_made_again_like_a_later_one_is_no_loss():
    source = corpus_of("a")
    draft = make_distinct_copies(source, np.array([0, 0]), Scripted(source, ["a", "a1", "a1", "a2"]))
    assert sorted(draft.corpus.texts.to_pylist()) == ["a1", "a2"]
    assert draft.reasons == ()


def test_where_there_is_no_other_it_says_so():
    source = corpus_of("a", "b")
    make = Scripted(source, ["a1"], ["b"])
    draft = make_distinct_copies(source, np.array([0, 0, 0, 1]), make)
    assert draft.corpus.texts.to_pylist() == ["a1", "a1", "a1", "b"]
    assert draft.reasons == [None, REPEATED, REPEATED, UNCHANGED]
    assert sum(map(len, make.asked)) < 200


def test_what_cannot_be_changed_is_not_tried_again():
    source = corpus_of("a", "b")
    make = Scripted(source, ["a1", "a2"], ["b"])
    draft = make_distinct_copies(source, np.array([1, 0, 1, 0]), make, np.array([True, False]))
    assert draft.corpus.texts.to_pylist() == ["b", "a1", "b", "a2"]
    assert draft.reasons == [UNCHANGED, None, UNCHANGED, None]
    assert make.asked == [[0, 0, 1, 1]]


def test_equal_copies_of_different_examples_are_fine():
    source = corpus_of("a", "b")
    draft = make_distinct_copies(source, np.array([0, 1]), Scripted(source, ["x"], ["x"]))
    assert draft.reasons == ()


def test_a_sampler_names_what_came_out_unchanged_beside_the_reasons_of_its_maker():
    source = corpus_of("a", "b", "c", "never")

    def make(chosen: np.ndarray, rng: np.random.Generator) -> Draft:
        texts = [{"a": "a1", "b": "b", "c": "c"}[text] for text in source.take(chosen).texts.to_pylist()]
        made = source.take(chosen).with_column("text", pa.array(texts, pa.string()))
        return Draft(made, ["too bad" if text == "c" else None for text in texts])

    sampler = CopyingSampler(source, make, np.array([True, True, True, False]))
    draft = sampler(6, child_rng(1))
    assert isinstance(draft, Draft)
    outcomes = Counter(zip(draft.corpus.texts.to_pylist(), draft.reasons, strict=True))
    assert outcomes == {("a1", None): 2, ("b", UNCHANGED): 2, ("c", "too bad"): 2}
    assert len(sampler(0, child_rng(1)).texts) == 0  # type: ignore[union-attr]


def test_a_sampler_takes_the_examples_of_the_class_that_is_asked_for():
    source = Corpus.from_columns(text=["a", "b", "c"], label=["x", "y", None])
    changed = pa.array(["a1", "b1", "c1"])

    def make(chosen: np.ndarray, rng: np.random.Generator) -> Corpus:
        return source.take(chosen).with_column("text", changed.take(pa.array(chosen)))

    sampler = CopyingSampler(source, make, np.ones(3, bool))
    asked = {label: sampler(6, child_rng(1), label) for label in ("x", "y", "z", None)}
    texts = {label: set(made.texts.to_pylist()) for label, made in asked.items() if isinstance(made, Corpus)}
    assert texts == {"x": {"a1"}, "y": {"b1"}, "z": set(), None: {"a1", "b1", "c1"}}


def test_no_copies():
    assert len(make_distinct_copies(corpus_of("a"), np.zeros(0, np.int64), Scripted(corpus_of("a"), ["x"])).corpus) == 0


@pytest.mark.parametrize("copies", [1, 2, 5, 16])
def test_five_in_five_times_the_copies_out(tmp_path: Path, copies: int):
    source = corpus_of(*(" ".join(f"{letter}{number}" for number in range(12)) for letter in "abcde"))
    sampler = fitted(tmp_path, source, rate=0.2)
    draft = sampler.copies(np.tile(np.arange(5), copies), child_rng(2))
    made = list(draft.corpus)
    assert len(made) == 5 * copies
    assert draft.reasons == ()
    counts = Counter(each.text[0] for each in made)
    assert set(counts.values()) == {copies}
    assert len({each.text for each in made} | set(source.texts.to_pylist())) == 5 * copies + 5


def test_or_the_reasons(tmp_path: Path):
    """Of three words one may go: there are three other texts, so of five copies two are too many."""
    sampler = fitted(tmp_path, corpus_of("one two three", "!!!", "the of and", ""), rate=0.01)
    draft = sampler.copies(np.repeat(np.arange(4), 5), child_rng(2))
    assert len(draft.corpus) == len(draft.reasons) == 20
    assert Counter(draft.reasons) == {None: 6, REPEATED: 4, UNCHANGED: 10}
    kept = [each.text for each, reason in zip(draft.corpus, draft.reasons, strict=True) if reason is None]
    assert set(kept) == {"one two", "one three", "two three", "the of", "the and", "of and"}


def fitted(folder: Path, source: Corpus, **options: float) -> object:
    operation = WordDeletion(**options)  # type: ignore[arg-type]
    operation.fit(Resources.of(source), folder, child_rng(1))
    return operation.sampler(folder)


@given(st.lists(st.sampled_from(["a b", "c d e", "", "f", "c  d e"]), min_size=1, max_size=4), st.integers(0, 12))
def test_all_that_are_kept_differ(texts: list[str], copies: int):
    source = Corpus.from_examples([Example(text, ()) for text in texts])
    editor, chosen, operation = Tokenised.of(source), np.repeat(np.arange(len(texts)), copies), WordDeletion()
    rng = child_rng(3)
    maker = operation.maker(editor, Path())
    draft = make_distinct_copies(source, chosen, lambda rows: maker(rows, rng))
    made = draft.corpus.texts.to_pylist()
    assert len(made) == len(chosen)
    reasons = draft.reasons or [None] * len(made)
    kept = [(row, text) for row, text, reason in zip(chosen, made, reasons, strict=True) if reason is None]
    assert len(set(kept)) == len(kept)
    assert all(text != texts[row] for row, text in kept)
    for row, text, reason in zip(chosen.tolist(), made, reasons, strict=True):
        if reason == UNCHANGED:
            assert text == texts[row]
        if reason == REPEATED:
            assert (row, text) in kept


def test_of_long_texts_few_are_copied_at_a_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(copies, "_BYTES", 10)
    source = Corpus.from_columns(text=["abcd", "efgh"])
    asked: list[int] = []

    def make(chosen: np.ndarray, rng: np.random.Generator) -> Draft:
        asked.append(len(chosen))
        numbers = rng.integers(99, size=len(chosen)).tolist()
        texts = [f"{source[int(row)].text}{number}" for row, number in zip(chosen, numbers, strict=True)]
        reasons = ["even" if number % 2 == 0 else None for number in numbers]
        return Draft(Corpus.from_columns(text=texts), reasons)

    draft = CopyingSampler(source, make, np.ones(2, bool))(20, child_rng(1))
    assert isinstance(draft, Draft)
    assert len(draft.corpus) == 20
    assert max(asked) <= 3
    even = [int(each.text[4:]) % 2 == 0 for each in draft.corpus]
    assert [reason == "even" for reason in draft.reasons] == even
    assert any(even)
