"""Paired differences: a known answer by hand, and how often intervals fail in data of which the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from textsynth.evaluation.paired import Difference, count_f1, find_chance, find_difference, find_reach
from textsynth.foundation.seeding import child_rng

FOLDS, FAMILIES, CANDIDATES = 10, 60, 4


def draw(rng: np.random.Generator, gains: list[float]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Draws what probes get right: some texts are hard for all of them, and each probe of a fold has its luck."""
    hard = rng.normal(0, 1, FAMILIES)
    fold = np.array([rng.permutation(FAMILIES) % 5 for _ in range(FOLDS // 5)])

    def taught(gain: float) -> np.ndarray:
        counts = np.zeros((FOLDS, FAMILIES, 3), np.int64)
        for number, folds in enumerate(fold):
            luck = rng.normal(0, 0.3, 5)[folds]
            right = hard + luck + rng.normal(0, 0.7, FAMILIES) + gain > 0
            counts[5 * number + folds, np.arange(FAMILIES)] = np.stack(
                [right, np.ones_like(right), np.ones_like(right)], 1
            )
        return counts

    return taught(0.0), [taught(gain) for gain in gains]


def helps(rng: np.random.Generator, gains: list[float]) -> list[bool]:
    """Says of which candidates the interval lies above 0."""
    alone, taught = draw(rng, gains)
    found = [find_difference(each, alone) for each in taught]
    chance = find_chance(found, rng)
    return [each.value - find_reach(each, chance) > 0 for each in found]


def test_a_difference_by_hand():
    """Two folds of two families: 3 of 4 right instead of 1 of 4, and the parts of each family."""
    one, other = np.ones((2, 2, 3), np.int64), np.ones((2, 2, 3), np.int64)
    one[0, 0, 0] = 0
    other[:, :, 0] = [[0, 0], [0, 1]]
    found = find_difference(one, other)
    assert found.value == count_f1(one.sum(axis=(0, 1))) - count_f1(other.sum(axis=(0, 1))) == 0.5
    # A part is (right - F1 of all) / 4: of the first family -.75 + .25 and .25 + .25, in quarters, and so on.
    assert found.influence.tolist() == pytest.approx([0.0, 0.0])


def test_of_several_that_do_nothing_one_seldom_seems_to_help():
    """Two-sided intervals of 95 % together: one of four lies above 0 in about 2.5 % of the draws, never often."""
    found = [any(helps(child_rng(seed, "null"), [0.0] * CANDIDATES)) for seed in range(40)]
    assert np.mean(found) <= 0.1


def test_a_large_gain_is_found():
    found = [helps(child_rng(seed, "gain"), [0.0, 1.2])[1] for seed in range(20)]
    assert np.mean(found) > 0.8


def test_candidates_that_right_the_same_texts_are_one_chance():
    rng = child_rng(1, "chance")
    same = Difference(0.0, 1.0, 50.0, np.arange(10.0))
    assert find_chance([same, same, same], rng) == pytest.approx(0.025, abs=0.004)
