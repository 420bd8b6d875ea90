"""Vectors that are worked out once, for those who ask for the same ones again and again."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np


class Recall:
    """Keeps the vectors of lists of texts.

    A list is known as a whole, and no text by itself: beside other texts the last digits of its vectors may be others,
    and what comes out of a fit may not depend on which fits the process has done before.

    Args:
        most: vectors that are kept at most; if there would be more, all others are forgotten.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[Hashable, np.ndarray] = {}

    def get(self, key: Hashable, work_out: Callable[[], np.ndarray]) -> np.ndarray:
        """Returns what was worked out for this key before, or works it out."""
        if key in self._known:
            return self._known[key]
        vectors = work_out()
        if len(vectors) + sum(map(len, self._known.values())) > self._most:
            self._known.clear()
        if len(vectors) <= self._most:
            self._known[key] = vectors
        return vectors
