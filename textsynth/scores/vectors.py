"""What scores on vectors ask of them."""

from __future__ import annotations

import numpy as np


def check_pair(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns two sets of vectors as doubles.

    Args:
        a: `(n, d)`.
        b: `(m, d)`.

    Raises:
        ValueError: they are not matrices of the same width, one has no rows, or a number is not finite.

    >>> [each.dtype.name for each in check_pair(np.zeros((2, 3), np.float32), np.ones((1, 3), int))]
    ['float64', 'float64']
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"vectors are rows of two matrices of the same width, not of shapes {a.shape} and {b.shape}")
    if a.size == 0 or b.size == 0:
        raise ValueError(f"there are no vectors in a matrix of two of shapes {a.shape} and {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("vectors hold a number that is not finite")
    return a, b
