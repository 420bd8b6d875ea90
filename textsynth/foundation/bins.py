"""Numbers looked up among sorted bounds, millions of them among a few thousand."""

from __future__ import annotations

import numpy as np

_CELLS = 4
"""Cells for each bound."""
_STEPS = 6
"""Bounds that are passed one by one; what is not there then is searched for."""


class Bins:
    """Sorted bounds between which many numbers are looked up, by a guide table (Chen and Asau 1974).

    The table says for each of many equal cells which bound is the first to come, so that a step or two lead to the
    right one; a binary search takes a dozen.

    Args:
        bounds: at least one, sorted, finite.
    """

    def __init__(self, bounds: np.ndarray) -> None:
        self._bounds = np.append(bounds, np.inf)
        self._low, width = float(bounds[0]), float(bounds[-1] - bounds[0])
        cells = _CELLS * len(bounds)
        # Bounds that are all but one number have one cell.
        self._scale = cells / width if width > cells * np.finfo(float).tiny else 0.0
        # Each cell has the guide of the one before it, so that a number that rounding moved by a cell is found too.
        edges = self._low + (np.arange(cells + 1) - 1) * (width / cells)
        self._guide = np.searchsorted(bounds, edges, "right")
        self._guide[0] = 0

    def find(self, numbers: np.ndarray) -> np.ndarray:
        """Returns for each number how many bounds are at most as large, as `np.searchsorted` with "right" does.

        >>> Bins(np.array([0.1, 0.1, 0.5])).find(np.array([0.0, 0.1, 0.3, 0.5, 0.7])).tolist()
        [0, 2, 2, 3, 3]
        """
        cell = ((numbers - self._low) * self._scale).astype(np.int64)
        place = self._guide[np.clip(cell, 0, len(self._guide) - 1)]
        for _ in range(_STEPS):
            on = self._bounds[place] <= numbers
            if not on.any():
                return place
            place += on
        far = np.flatnonzero(self._bounds[place] <= numbers)
        place[far] = np.searchsorted(self._bounds[:-1], numbers[far], "right")
        return place
