from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy import rng

torch = pytest.importorskip("torch")

from textsynth.corpus import Corpus  # noqa: E402
from textsynth.wording.sentences import Sentences  # noqa: E402
from textsynth.wording.vocabulary import Part, Vocabulary  # noqa: E402

PARTS = [
    [Part("ab")],
    [Part("a "), Part("", "P"), Part("", "P"), Part("", "C")],
    [],
    [Part("", "C")],
]
CLASSES = ["go", None, "go", "at"]


def encoded() -> Sentences:
    """Pieces of text are single bytes, the end is 256, C is 257 and 258, P 259 and 260; at, go, none are from 261."""
    return Sentences.encode(PARTS, CLASSES, Vocabulary.learn(PARTS, CLASSES, 256, "slots"))


def of_length(lengths: list[int]) -> Sentences:
    parts = [[Part("x" * length)] for length in lengths]
    return Sentences.encode(parts, [None] * len(parts), Vocabulary.learn(parts, [None], 256, "slots"))


def test_the_columns_by_hand():
    sentences = encoded()
    a, b = (sentences.vocabulary.encode([[Part(letter)]])[0][0] for letter in "ab")
    assert sentences.symbols.to_lists() == [[a, b, 256], [a, 260, 259, 257, 256], [256], [257, 256]]
    assert sentences.lengths.tolist() == [3, 5, 1, 2]
    assert sentences.classes.tolist() == [1, 2, 1, 0]
    assert sentences.bags.tolist() == [[0, 0], [1, 2], [0, 0], [1, 0]]
    assert [sentences.symbols_of(row) for row in range(4)] == [(a, b), (a, 260, 259, 257), (), (257,)]
    assert len(sentences) == 4


def test_a_batch_by_hand():
    sentences = encoded()
    a, b = (sentences.vocabulary.encode([[Part(letter)]])[0][0] for letter in "ab")
    batch = sentences.batch(np.array([3, 0, 2]))
    assert batch.inputs.tolist() == [[261, 257, 256], [262, a, b], [262, 256, 0]]
    assert batch.targets.tolist() == [[257, 256, -100], [a, b, 256], [256, -100, -100]]
    assert batch.lengths.tolist() == [2, 3, 1]
    assert batch.classes.tolist() == [0, 1, 1]
    assert batch.bags.tolist() == [[1, 0], [0, 0], [0, 0]]
    assert batch.bags.dtype == torch.float32
    moved = batch.to(torch.device("cpu"))
    assert all(torch.equal(*pair) for pair in zip(batch, moved, strict=True))


def test_linear_bags_count_marks_that_open():
    parts = [[Part("Ann", "P"), Part(" "), Part("Bo", "P"), Part(" "), Part("Rome", "C")]]
    sentences = Sentences.encode(parts, [None], Vocabulary.learn(parts, [None], 256, "linear"))
    assert sentences.bags.tolist() == [[1, 2]]


def test_a_corpus_without_labels_has_bags_without_columns():
    corpus = Corpus.from_columns(text=["ab", ""])
    sentences = Sentences.of(corpus, Vocabulary.learn([[Part("ab")]], [None], 256, "slots"))
    assert sentences.bags.shape == (2, 0)
    assert sentences.batch(np.array([0, 1])).bags.shape == (2, 0)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.data())
def test_what_is_taken(lengths: list[int], data: st.DataObject):
    sentences = of_length(lengths)
    rows = data.draw(st.lists(st.integers(0, len(lengths) - 1), max_size=20))
    taken = sentences.take(np.array(rows, np.int64))
    assert [taken.symbols_of(place) for place in range(len(rows))] == [sentences.symbols_of(row) for row in rows]
    assert taken.lengths.tolist() == [lengths[row] + 1 for row in rows]
    assert taken.bags.shape == (len(rows), 0)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=200), st.integers(1, 9), st.booleans())
def test_batches_have_every_row_once(lengths: list[int], size: int, random: bool):
    sentences = of_length(lengths)
    batches = list(sentences.batches(size, rng("batches") if random else None))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert {len(batch) for batch in batches} <= set(range(1, size + 1))
    assert sum(len(batch) < size for batch in batches) <= 1
    if not random:
        assert np.concatenate(batches).tolist() == np.argsort(np.add(lengths, 1), kind="stable").tolist()


def test_random_batches_have_like_lengths_and_another_order_each_time():
    lengths = rng("lengths").integers(1, 50, size=400).tolist()
    sentences, stream = of_length(lengths), rng("order")
    first, second = (list(sentences.batches(8, stream)) for _ in range(2))
    spread = np.mean([np.ptp(np.array(lengths)[batch]) for batch in first])
    assert spread < np.ptp(lengths) / 4
    assert [batch.tolist() for batch in first] != [batch.tolist() for batch in second]
    assert first[0].tolist() == next(sentences.batches(8, rng("order"))).tolist()
    means = np.array([np.mean(np.array(lengths)[batch]) for batch in first])
    assert (np.diff(means) < 0).any()
    assert (np.diff(means) > 0).any()
