"""Padding: rows of symbols of different length as one array."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def pad(rows: Sequence[Sequence[int]], filler: int, *, left: bool = False) -> np.ndarray:
    """Returns rows as long as the longest, `(rows, longest)`.

    Args:
        rows: symbols of each.
        filler: what stands in positions that have no symbol.
        left: whether that is before a row, rather than behind it.

    >>> pad([[1, 2], [3]], 0).tolist(), pad([[1, 2], [3]], 0, left=True).tolist()
    ([[1, 2], [3, 0]], [[1, 2], [0, 3]])
    """
    longest = max(map(len, rows))
    array = np.full((len(rows), longest), filler, np.int64)
    for place, row in enumerate(rows):
        array[place, longest - len(row) if left else 0 : longest if left else len(row)] = row
    return array


def attention_mask(rows: Sequence[Sequence[int]], *, left: bool = False) -> np.ndarray:
    """Returns 1 for the symbols of a padded row and 0 for its padding, `(rows, longest)`."""
    return pad([[1] * len(row) for row in rows], 0, left=left)
