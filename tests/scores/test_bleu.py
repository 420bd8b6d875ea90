from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsynth.scores import bleu, self_bleu

ORDERS = (1, 2, 3, 4, 5)

sentences = st.lists(st.sampled_from("abc"), max_size=8)
corpora = st.lists(sentences, min_size=1, max_size=6)

CAPTIONS = {
    "texygen_samples/mle.txt": (0.731, 0.497, 0.305, 0.189),
    "texygen_samples/leakgan.txt": (0.746, 0.528, 0.355, 0.230),
    "texygen_samples/seq.txt": (0.745, 0.498, 0.294, 0.180),
    "train.txt": (0.739, 0.519, 0.335, 0.217),
}
"""BLEU-2 to BLEU-5 as published, by Texygen for its samples."""


def test_counts_are_clipped_by_one_reference():
    # The two references have one "the" each, and together two; one of five is matched.
    references = ["the cat sat on it".split(), "the dog sat on it".split()]
    assert bleu([["the"] * 5], references, (1,)) == {1: pytest.approx(1 / 5)}


def test_no_match_of_an_order_counts_as_a_tenth():
    scores = bleu(["a b c d".split()], ["a c b d".split()], ORDERS)
    logs = np.log([4 / 4, 0.1 / 3, 0.1 / 2, 0.1 / 1, 0.1 / 1])  # too short for 5-grams, which count as 0 of 1
    assert scores == pytest.approx({n: math.exp(logs[:n].sum() / n) for n in ORDERS})


def test_a_copy_that_is_shorter_than_the_order_has_less_than_one():
    assert bleu([["a"]], [["a"]], (1, 2)) == pytest.approx({1: 1, 2: math.sqrt(0.1)})


def test_no_common_token_and_no_token_at_all_score_nothing():
    assert bleu([["x", "y"], []], [["a", "b"]], (1, 2)) == {1: 0, 2: 0}


@pytest.mark.parametrize(
    ("lengths", "score"),
    [
        ((6,), math.exp(1 - 6 / 4)),
        ((6, 9), math.exp(1 - 6 / 4)),
        ((2, 6), 1),  # as close as each other: 2 counts, and is no penalty
        ((4, 6), 1),
        ((1, 2, 3), 3 / 4),  # longer than all: no penalty, but only three matches
    ],
)
def test_the_closest_length_counts_and_the_shorter_of_two(lengths: tuple[int, ...], score: float):
    assert bleu([["a"] * 4], [["a"] * n for n in lengths], (1,)) == {1: pytest.approx(score)}


def test_scores_are_averaged_over_hypotheses():
    assert bleu([["a"], ["x"], ["a"], ["x"]], [["a"]], (1,)) == {1: 0.5}


def test_self_bleu_leaves_a_sentence_out_once():
    # Without itself, each "a b" has a copy; "a c c" has 1 of 3 tokens and the others' length, 2, is no penalty.
    assert self_bleu([["a", "b"], ["a", "b"], ["a", "c", "c"]], (1,)) == {1: pytest.approx((1 + 1 + 1 / 3) / 3)}


def test_self_bleu_measures_length_by_the_others():
    # The first has 1 of 1, but the others' length is 3; the second and third are copies.
    assert self_bleu([["a"], ["a"] * 3, ["a"] * 3], (1,)) == {1: pytest.approx((math.exp(-2) + 1 + 1) / 3)}


@given(st.lists(sentences, min_size=2, max_size=6))
def test_self_bleu_is_bleu_against_the_others(corpus: list[list[str]]):
    each = [bleu([one], corpus[:at] + corpus[at + 1 :], ORDERS) for at, one in enumerate(corpus)]
    assert self_bleu(corpus, ORDERS) == pytest.approx({n: np.mean([scores[n] for scores in each]) for n in ORDERS})


@given(corpora, corpora)
def test_bleu_is_that_of_nltk(hypotheses: list[list[str]], references: list[list[str]]):
    reference = pytest.importorskip("nltk.translate.bleu_score")
    smoothing = reference.SmoothingFunction().method1
    scores = bleu(hypotheses, references, ORDERS)
    for n in ORDERS:
        weights = (1 / n,) * n
        each = [reference.sentence_bleu(references, one, weights, smoothing_function=smoothing) for one in hypotheses]
        assert scores[n] == pytest.approx(np.mean(each), abs=1e-9)


@pytest.mark.parametrize(
    ("hypotheses", "references", "orders", "complaint"),
    [
        ([], [["a"]], (2,), "at least one hypothesis"),
        ([["a"]], [], (2,), "at least one reference"),
        ([["a"]], [["a"]], (), "at least one, not"),
        ([["a"]], [["a"]], (0, 2), "whole numbers from 1"),
    ],
)
def test_nothing_to_score_is_an_error(hypotheses: list, references: list, orders: tuple[int, ...], complaint: str):
    with pytest.raises(ValueError, match=complaint):
        bleu(hypotheses, references, orders)


def test_one_sentence_has_no_self_bleu():
    with pytest.raises(ValueError, match="at least two sentences"):
        self_bleu([["a"]])


@pytest.mark.slow
def test_published_scores_of_captions_are_reproduced(shared_data: Path):
    references = captions(shared_data / "coco_captions" / "test.txt")
    for name, published in CAPTIONS.items():
        scores = bleu(captions(shared_data / "coco_captions" / name), references)
        assert list(scores.values()) == pytest.approx(published, abs=0.005), name


def captions(path: Path) -> list[list[str]]:
    return [re.findall(r"\w+|[^\w\s]", line) for line in path.read_text("utf-8").splitlines()]
