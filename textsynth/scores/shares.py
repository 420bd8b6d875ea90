"""How far two shares lie apart, and how sure that is, if what is counted comes in groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_WIDTH = 1.96
_LEAST = 2
"""Groups that a variance can be told from."""


@dataclass(frozen=True)
class Share:
    """A share of things that come in groups, such as mentions of one wording.

    Args:
        value: the share; None if there are no things.
        variance: of the value; None with fewer than two groups.
    """

    value: float | None
    variance: float | None


def find_share(hits: np.ndarray, groups: np.ndarray) -> Share:
    """Returns which share of things is hit, with its variance by linearisation of a ratio over groups.

    Without a hit the variance would be 0, as would be that of few hits nearly; so it is never less than that of the
    rule of three (Hanley and Lippman-Hand 1983).

    Args:
        hits: `(things,)` booleans.
        groups: `(things,)` numbers from 0; things of one group depend on each other.

    >>> find_share(np.array([True, False]), np.array([0, 1])).value
    0.5
    """
    if not len(hits):
        return Share(None, None)
    share = float(hits.mean())
    _, group = np.unique(groups, return_inverse=True)
    count = int(group.max()) + 1
    if count < _LEAST:
        return Share(share, None)
    residuals = np.bincount(group, hits - share)
    variance = float((residuals**2).sum()) / len(hits) ** 2 * count / (count - 1)
    return Share(share, max(variance, (3 / count / _WIDTH) ** 2))


def compare_shares(one: Share, other: Share) -> tuple[float | None, float | None]:
    """Returns the ends of the 95 % interval of `one - other`; None if it cannot be told."""
    if one.value is None or other.value is None or one.variance is None or other.variance is None:
        return None, None
    reach = _WIDTH * float(np.sqrt(one.variance + other.variance))
    return one.value - other.value - reach, one.value - other.value + reach
