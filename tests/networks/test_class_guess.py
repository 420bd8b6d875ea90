from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toy import prepared, source

pytest.importorskip("torch")

from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged
from textsynth.networks.class_guess import ClassGuesser, _grams
from textsynth.wording.sentences import Sentences
from textsynth.wording.vocabulary import Vocabulary, parts_of


def written(corpus: Corpus, vocabulary: Vocabulary) -> list[list[int]]:
    sentences = Sentences.of(corpus, vocabulary)
    return [[*sentences.symbols_of(row), vocabulary.end] for row in range(len(sentences))]


def test_symbols_and_pairs_are_numbered_and_no_pair_reaches_over_two_sentences():
    """Of three symbols: pairs begin at 3, and the first of a sentence comes after the number 3, which is no symbol."""
    numbers, rows = _grams(Ragged.of_lists([[0, 2], [1, 2]]), 3)
    assert numbers.tolist() == [0, 2, 1, 2, (3 + 1) * 3 + 0, (0 + 1) * 3 + 2, (3 + 1) * 3 + 1, (1 + 1) * 3 + 2]
    assert rows.tolist() == [0, 0, 1, 1, 0, 0, 1, 1]


def test_sentences_read_like_their_class(tmp_path: Path):
    vocabulary, corpus = prepared().sentences.vocabulary, source()
    guesser = ClassGuesser.of(corpus, vocabulary)
    assert guesser.classes_of(written(corpus, vocabulary)).tolist() == [0] * 40 + [1] * 40
    guesser.write(tmp_path)
    again = ClassGuesser.read(tmp_path)
    assert again.classes_of(written(corpus, vocabulary)).tolist() == [0] * 40 + [1] * 40
    assert again.width == vocabulary.outputs


def test_the_weights_are_those_of_naive_bayes():
    corpus = Corpus.from_columns(text=["a a", "b"], label=["x", "y"])
    parts = [parts_of(example, "slots") for example in corpus]
    vocabulary = Vocabulary.learn(parts, ["x", "y"], 256, "slots")
    guesser = ClassGuesser.of(corpus, vocabulary)
    [[a, space, a_again, end], [b, _]] = written(corpus, vocabulary)
    assert a == a_again
    # Class x has a twice, a space, the end, and four pairs: 8 grams; class y has b, the end and two pairs: 4 grams.
    different = len({a, space, end, b}) + 4 + 2
    assert len(guesser.grams) == different
    weights = dict(zip(guesser.grams.tolist(), np.exp(guesser.weights).tolist(), strict=True))
    assert weights[a] == pytest.approx([2.1 / (8 + 0.1 * different), 0.1 / (4 + 0.1 * different)])
    assert weights[end] == pytest.approx([1.1 / (8 + 0.1 * different), 1.1 / (4 + 0.1 * different)])
    assert np.exp(guesser.shares) == pytest.approx([0.5, 0.5])


def test_what_nobody_has_seen_reads_like_the_most_frequent_class():
    vocabulary = prepared().sentences.vocabulary
    guesser = ClassGuesser.of(source()[:60], vocabulary)
    unseen = [symbol for symbol in range(vocabulary.outputs) if symbol not in guesser.grams][:3]
    assert guesser.classes_of([unseen, [], unseen[:1]]).tolist() == [0, 0, 0]
    assert guesser.classes_of([]).tolist() == []


def test_a_corpus_without_classes_reads_like_itself():
    corpus = Corpus.from_columns(text=["one", "two words", ""])
    vocabulary = Vocabulary.learn([parts_of(each, "slots") for each in corpus], [None] * 3, 256, "slots")
    assert ClassGuesser.of(corpus, vocabulary).classes_of(written(corpus, vocabulary)).tolist() == [0, 0, 0]
