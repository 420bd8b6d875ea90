"""Paired differences of F1 between ways to teach a probe, with intervals that allow for the choice among several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_DRAWS = 4_000
"""How many times the greatest of several differences is drawn to learn how great chance makes it."""

_TAIL = 0.025
"""How likely a difference is beyond each end of its interval."""


@dataclass(frozen=True)
class Difference:
    """How far one way is above another, and how sure that is.

    Args:
        value: the difference of their F1.
        variance: of the value.
        freedom: degrees of freedom of the variance.
        influence: `(families,)`; what each family of texts adds to the value, beside what the mean one adds.
    """

    value: float
    variance: float
    freedom: float
    influence: np.ndarray


def count_f1(counts: np.ndarray) -> np.ndarray:
    """Returns the micro-averaged F1 of counts, `(..., 3)`: right, found, true; 0 if there is nothing.

    >>> count_f1(np.array([[1, 1, 2], [0, 0, 0]])).round(3).tolist()
    [0.667, 0.0]
    """
    shares: np.ndarray = 2 * counts[..., 0] / np.maximum(counts[..., 1] + counts[..., 2], 1e-9)
    return shares


def find_difference(one: np.ndarray, other: np.ndarray) -> Difference:
    """Returns how far one way is above another that was tested on the same texts in the same folds.

    What each family of texts adds in each fold is linear in its counts, near enough. These parts depend on each other
    if they are of one family, or of one fold, whose probe was taught once. So the variance is that of both kinds of
    clusters, less that of the single parts, which both have (Cameron, Gelbach and Miller 2011), and not less than that
    of families. Its degrees of freedom are put together as Satterthwaite (1946) did.

    Args:
        one: `(folds of all rounds, families, 3)` counts: right, found, true. A family is tested in one fold of a round,
            or in all of them.
        other: the same of the other.

    >>> better, worse = np.tile([2, 2, 2], (5, 30, 1)), np.tile([1, 2, 2], (5, 30, 1))
    >>> found = find_difference(better, worse)
    >>> found.value, round(found.variance, 6)
    (0.5, 0.0)
    """
    folds, families = one.shape[:2]
    parts = _linearise(one) - _linearise(other)
    influence = parts.sum(axis=0)
    by_family = float(influence @ influence) * families / max(1, families - 1)
    by_fold = float((parts.sum(axis=1) ** 2).sum()) * folds / max(1, folds - 1)
    more = max(0.0, by_fold - float((parts**2).sum()))
    variance = by_family + more
    freedom = variance**2 / max(1e-30, by_family**2 / max(1, families - 1) + more**2 / max(1, folds - 1))
    value = float(_sum_f1(one) - _sum_f1(other))
    return Difference(value, variance, max(1.0, freedom), influence)


def _linearise(counts: np.ndarray) -> np.ndarray:
    """Returns what each part adds to the F1 of all, `(folds, families)`, to the first order; all add up to 0."""
    whole = max(1.0, float(counts[..., 1:].sum()))
    parts: np.ndarray = (2 * counts[..., 0] - _sum_f1(counts) * counts[..., 1:].sum(axis=-1)) / whole
    return parts


def _sum_f1(counts: np.ndarray) -> float:
    return float(count_f1(counts.sum(axis=(0, 1))))


def find_chance(differences: Sequence[Difference], rng: np.random.Generator) -> float:
    """Returns how unlikely each end of an interval must be, so that all of them hold together 95 times in 100.

    All are compared with the same, and whoever looks for the greatest finds what chance made great. So each interval is
    as wide as that of the greatest of them all (Dunnett 1955), with the correlations that the texts show: two
    recipes that right the same texts are less than two chances.

    Args:
        differences: all that were tried.
        rng: draws the greatest difference.

    >>> rng = np.random.default_rng(1)
    >>> few = [Difference(0.0, 1.0, 1e6, row) for row in np.eye(4)]
    >>> find_chance(few[:1], rng), 0.004 < find_chance(few, rng) < 0.009
    (0.025, True)
    """
    from scipy.stats import norm

    rows = np.array([each.influence for each in differences])
    rows = rows / np.maximum(np.sqrt((rows**2).sum(axis=1, keepdims=True)), 1e-30)
    greatest = np.abs(rng.standard_normal((_DRAWS, rows.shape[1])) @ rows.T).max(axis=1)
    return min(_TAIL, float(norm.sf(np.quantile(greatest, 1 - 2 * _TAIL)))) if len(rows) > 1 else _TAIL


def find_reach(difference: Difference, chance: float) -> float:
    """Returns how far the interval of a difference reaches to either side, by Student's t.

    >>> round(find_reach(Difference(0.0, 4.0, 1e6, np.ones(1)), 0.025), 2)
    3.92
    """
    from scipy.stats import t

    return float(t.isf(chance, difference.freedom) * np.sqrt(difference.variance))
