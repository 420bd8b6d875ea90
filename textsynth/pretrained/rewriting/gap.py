"""Gaps: runs of words that are taken out of sentences."""

from __future__ import annotations

import itertools

import numpy as np

Run = tuple[int, int]
"""Tokens that follow on each other: the first, and the one after the last."""


def runs_of(rows: np.ndarray, free: np.ndarray) -> list[list[Run]]:
    """Returns for each example the longest runs of tokens that are free.

    Args:
        rows: `(examples + 1,)`; the tokens of example `i` are `rows[i]:rows[i + 1]`.
        free: `(tokens,)`.

    >>> runs_of(np.array([0, 3, 5]), np.array([True, False, True, True, True]))
    [[(0, 1), (2, 3)], [(3, 5)]]
    """
    # A run begins at a free token after one that is not, or at the first of an example; and ends likewise. One more
    # token at both edges, not free, saves a special case.
    inside = np.zeros(len(free) + 2, bool)
    inside[1:-1] = free
    starts = free & (~inside[:-2] | np.isin(np.arange(len(free)), rows))
    stops = free & (~inside[2:] | np.isin(np.arange(1, len(free) + 1), rows))
    firsts, lasts = np.flatnonzero(starts), np.flatnonzero(stops) + 1
    bounds = np.searchsorted(firsts, rows)
    runs = list(zip(firsts.tolist(), lasts.tolist(), strict=True))
    return [runs[low:high] for low, high in itertools.pairwise(bounds.tolist())]


def draw_gaps(runs: list[Run], words: int, length: float, most: int, rng: np.random.Generator) -> list[Run]:
    """Draws gaps in an example: no two of them touch.

    Args:
        runs: tokens that may go.
        words: how many go, at most.
        length: of a gap, on average, if there is room.
        most: gaps there may be.
        rng: draws their lengths and places.

    >>> draw_gaps([(0, 1), (4, 5)], 2, 3.0, 9, np.random.default_rng(0))
    [(0, 1), (4, 5)]
    """
    gaps: list[Run] = []
    free = list(runs)
    while words > 0 and free and len(gaps) < most:
        longest = max(stop - first for first, stop in free)
        size = min(1 + int(rng.poisson(length - 1)), words, longest)
        # In how many ways a gap of this size fits into each run; one of all these ways is drawn.
        rooms = np.array([max(0, stop - first - size + 1) for first, stop in free])
        place = int(rng.integers(rooms.sum()))
        chosen = int(np.searchsorted(np.cumsum(rooms), place, side="right"))
        first = free[chosen][0] + place - int(rooms[:chosen].sum())
        low, high = free.pop(chosen)
        gaps.append((first, first + size))
        free += [run for run in ((low, first - 1), (first + size + 1, high)) if run[0] < run[1]]
        words -= size
    return sorted(gaps)
