"""How far two distributions lie apart."""

from __future__ import annotations

import numpy as np


def jensen_shannon(one: np.ndarray, other: np.ndarray) -> float:
    """Returns the Jensen-Shannon divergence of two histograms in bits: 0 if they are equal, 1 if nothing is shared.

    Lin 1991, "Divergence Measures Based on the Shannon Entropy". It is the divergence and not its root. Two samples of
    one distribution do not have 0: the fewer rows and the more different values, the farther they lie apart. Compare
    with other real text of the same size.

    Args:
        one: `(values,)` counts.
        other: `(values,)` counts.

    Returns:
        The divergence; NaN if both are empty, 1 if one of them is.

    >>> jensen_shannon(np.array([2, 0]), np.array([0, 3])), jensen_shannon(np.array([2, 2]), np.array([3, 3]))
    (1.0, 0.0)
    """
    if not one.sum() or not other.sum():
        return 1.0 if one.sum() or other.sum() else float("nan")
    p, q = one / one.sum(), other / other.sum()
    return max(0.0, float(_entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2))


def _entropy(shares: np.ndarray) -> float:
    positive = shares[shares > 0]
    return float(-(positive * np.log2(positive)).sum())


def frontier(one: np.ndarray, other: np.ndarray, scale: float = 5.0, points: int = 25) -> float:
    """Returns the area under the divergence frontier of two histograms, between 0 and 1, 1 if they are equal.

    Pillutla et al. 2021, "MAUVE: Measuring the Gap Between Neural Text and Human Text using Divergence Frontiers":
    for each mixture R of both, the point `exp(-scale KL(q|R)), exp(-scale KL(p|R))`.

    Args:
        one: `(values,)` counts.
        other: `(values,)` counts.
        scale: how strongly a divergence counts.
        points: mixtures that are tried.

    >>> frontier(np.array([2, 2]), np.array([4, 4])), round(frontier(np.array([1, 0]), np.array([0, 1])), 3)
    (1.0, 0.004)
    """
    if not one.sum() or not other.sum():
        return float("nan")
    p, q = one / one.sum(), other / other.sum()
    share = np.linspace(1e-6, 1 - 1e-6, points)  # of the pure ones a divergence may be infinite
    mixed = np.outer(share, p) + np.outer(1 - share, q)
    x, y = (np.exp(-scale * _relative_entropies(each, mixed)) for each in (q, p))
    # The frontier goes on to where it meets the axes.
    x, y = np.concatenate([[0.0], x[::-1], [1.0]]), np.concatenate([[1.0], y[::-1], [0.0]])
    return min(1.0, float(np.trapezoid(y, x)))


def _relative_entropies(p: np.ndarray, mixtures: np.ndarray) -> np.ndarray:
    """Returns the relative entropy of a distribution to each of several mixtures that have all of its values."""
    there = p > 0
    return (p[there] * np.log(p[there] / mixtures[:, there])).sum(axis=1)
