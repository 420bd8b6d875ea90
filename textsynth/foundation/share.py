"""How sure a share is that was counted."""

from __future__ import annotations

import math

NORMAL = 1.959964
"""Standard deviations to either side of a normal distribution within which it lies 95 times in 100."""


def find_wilson(found: float, of: int, width: float = NORMAL) -> tuple[float, float]:
    """Returns the ends of the interval of a share (Wilson 1927).

    Args:
        found: how many were found.
        of: of how many, at least one.
        width: standard deviations to either side.

    >>> [round(end, 3) for end in find_wilson(9, 10)]
    [0.596, 0.982]
    """
    share, square = found / of, width * width / of
    middle = share + square / 2
    spread = math.sqrt(square * (share * (1 - share) + square / 4))
    low, high = (middle - spread) / (1 + square), (middle + spread) / (1 + square)
    return max(0.0, low), min(1.0, high)
