"""The Fréchet distance between two sets of vectors, each taken for a Gaussian."""

from __future__ import annotations

import numpy as np

from textsynth.scores.vectors import check_pair


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Returns the squared Fréchet distance between the Gaussians that two sets of vectors fit.

    This is d², as FID reports it, not its root (Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule
    Converge to a Local Nash Equilibrium"): `|mean(a) - mean(b)|² + trace(A + B - 2 (A B)^½)`, with the unbiased
    covariances A and B. The covariances may be singular: fewer rows than dimensions are fine, but the distance then
    depends much on their number, and compares only with distances of as many.

    Args:
        a: `(n, d)`, two rows or more.
        b: `(m, d)`, two rows or more.

    Raises:
        ValueError: a set has fewer than two vectors, their widths differ, or a number is not finite.

    >>> round(frechet_distance(np.array([[0.0], [2.0]]), np.array([[3.0], [7.0]])), 9)  # (1 - 5)² + 2 + 8 - 2 √(2 * 8)
    18.0
    """
    a, b = check_pair(a, b)
    if min(len(a), len(b)) < 2:
        raise ValueError("the Fréchet distance needs at least two vectors in each set")
    between = a.mean(axis=0) - b.mean(axis=0)
    first, second = _covariance(a), _covariance(b)
    # The eigenvalues of A B are the squared singular values of A^½ B^½; so no root is taken of what rounding made of 0.
    shared = np.linalg.svd(_root(first) @ _root(second), compute_uv=False).sum()
    return max(0.0, float(between @ between + np.trace(first) + np.trace(second) - 2 * shared))


def _covariance(vectors: np.ndarray) -> np.ndarray:
    centred = vectors - vectors.mean(axis=0)
    return centred.T @ centred / (len(vectors) - 1)


def _root(covariance: np.ndarray) -> np.ndarray:
    """Returns the symmetric square root of a matrix that is positive semi-definite up to rounding."""
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
