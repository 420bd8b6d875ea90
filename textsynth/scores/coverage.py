"""Coverage: how much of the real text has generated text near it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from textsynth.scores.vectors import check_pair

_BLOCK = 1 << 22
"""Distances held at once; of 8 bytes each, and three such arrays: 96 MiB."""

_ROUNDING = 1e-12
"""By which share of the squares a distance may be over the radius and still count as on the edge of the ball."""


def coverage(real: np.ndarray, generated: np.ndarray, neighbours: int = 5) -> float:
    """Returns the share of real vectors with a generated one no farther away than their k-th nearest real neighbour.

    It sees modes that are left out, and unlike recall does not reward outliers (Naeem et al. 2020, "Reliable Fidelity
    and Diversity Metrics for Generative Models"). Generated vectors from the real distribution, as many as the real
    ones, are expected to have about `1 - 1 / 2**neighbours`. The balls are closed; the authors' code has them
    open, but texts repeat, so that generated copies lie exactly on the edge of a ball, or in one of radius 0.

    Args:
        real: `(n, d)`.
        generated: `(m, d)`.
        neighbours: k; how many other real vectors a ball reaches.

    Raises:
        ValueError: there are not more real vectors than neighbours, neighbours are under 1, there are no generated
            vectors, the widths differ, or a number is not finite.

    >>> real = np.array([[0.0], [1.0], [2.0], [10.0]])  # radii 1, 1, 1 and 8 for k = 1
    >>> coverage(real, np.array([[0.5]]), neighbours=1)  # in the balls of 0 and 1
    0.5
    """
    real, generated = check_pair(real, generated)
    if not 1 <= neighbours < len(real):
        raise ValueError(f"neighbours are at least 1 and fewer than the {len(real)} real vectors, not {neighbours}")
    centre = real.mean(axis=0)  # differences of squares lose digits with the distance from the origin
    real, generated = real - centre, generated - centre
    return sum(_count_covered(block, real, generated, neighbours) for block in _blocks(real, len(generated))) / len(
        real
    )


def _count_covered(block: np.ndarray, real: np.ndarray, generated: np.ndarray, neighbours: int) -> int:
    """Counts the vectors of a block of the real ones that are covered."""
    # Every vector is itself among the real ones, at distance 0; so the k-th of the others has index k.
    radius = np.partition(_distances_squared(block, real), neighbours, axis=1)[:, neighbours]
    nearest = _distances_squared(block, generated).min(axis=1)
    return int(np.count_nonzero(nearest <= radius + _ROUNDING * (radius + _squares(block))))


def _blocks(real: np.ndarray, generated: int) -> Iterator[np.ndarray]:
    """Yields the real vectors in blocks whose distances to all others fit into the memory of `_BLOCK`."""
    rows = max(1, _BLOCK // max(len(real), generated))
    for start in range(0, len(real), rows):
        yield real[start : start + rows]


def _distances_squared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Returns `(n, m)` squared distances, which rounding may leave just under 0."""
    return _squares(a)[:, None] + _squares(b) - 2 * (a @ b.T)


def _squares(vectors: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", vectors, vectors)
