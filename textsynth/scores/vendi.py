"""How many different things a set of vectors amounts to."""

from __future__ import annotations

import numpy as np


def vendi_score(vectors: np.ndarray) -> float:
    """Returns the Vendi score: the effective number of different vectors, from 1 to the smaller of rows and width.

    Friedman and Dieng 2023, "The Vendi Score: A Diversity Evaluation Metric for Machine Learning": the exponential of
    the entropy of the eigenvalues of the similarity matrix over its size. With cosine similarities these are those of
    the small matrix of width times width, its dual, so that the rows cost no more than their sum.

    Args:
        vectors: `(n, d)`; rows of zeros are left out.

    Returns:
        The score; NaN if there are no vectors but zeros.

    >>> round(vendi_score(np.eye(3)), 9), round(vendi_score(np.ones((3, 2))), 9)
    (3.0, 1.0)
    """
    lengths = np.linalg.norm(vectors, axis=1)
    unit = vectors[lengths > 0] / lengths[lengths > 0, None]
    if not len(unit):
        return float("nan")
    values = np.linalg.eigvalsh(unit.T @ unit / len(unit))
    values = values[values > 1e-12]
    return float(np.exp(-(values * np.log(values)).sum()))
