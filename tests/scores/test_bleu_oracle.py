"""Self-BLEU against sacrebleu, an implementation of BLEU by others than NLTK."""

from __future__ import annotations

import numpy as np
import pytest

from textsynth.foundation.seeding import child_rng
from textsynth.scores.bleu import bleu, self_bleu

BLEU = pytest.importorskip("sacrebleu.metrics").BLEU


def sentences(seed: int, count: int) -> list[list[str]]:
    rng = child_rng(seed)
    return [list(rng.choice(["a", "b", "c", "d", "e"], rng.integers(4, 9))) for _ in range(count)]


def score(hypothesis: list[str], references: list[list[str]], order: int) -> float:
    # "floor" is what NLTK calls method1: no match counts as a tenth of one.
    judge = BLEU(tokenize="none", smooth_method="floor", smooth_value=0.1, max_ngram_order=order, effective_order=False)
    return float(judge.sentence_score(" ".join(hypothesis), [" ".join(each) for each in references]).score) / 100


@pytest.mark.parametrize("order", [2, 3, 4])
def test_bleu_is_that_of_sacrebleu(order: int):
    made, real = sentences(1, 8), sentences(2, 12)
    expected = np.mean([score(each, real, order) for each in made])
    assert bleu(made, real, (order,))[order] == pytest.approx(expected, abs=1e-6)


def test_self_bleu_leaves_each_one_out():
    made = sentences(3, 10)
    expected = np.mean([score(each, made[:row] + made[row + 1 :], 3) for row, each in enumerate(made)])
    assert self_bleu(made, (3,))[3] == pytest.approx(expected, abs=1e-6)
