"""How sure a number about a corpus is: its variance, by leaving groups of examples out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Statistic = Callable[[np.ndarray], Sequence[float]]
"""Gives numbers about the rows at these positions of one corpus, always in the same order; NaN if one is not known."""

BLOCKS = 20
"""How many blocks of groups there are; each is left out once. With fewer groups than that there is no interval."""

_WIDTH = 2.093
"""Standard deviations to either side within which Student's t with `BLOCKS - 1` degrees lies 95 times in 100."""


@dataclass(frozen=True)
class Estimate:
    """Numbers about a corpus, and how far each may be off.

    Args:
        values: `(numbers,)`; NaN for what is not known.
        variances: `(numbers,)`; NaN for what is not known.
    """

    values: np.ndarray
    variances: np.ndarray


def estimate(statistic: Statistic, groups: np.ndarray, rng: np.random.Generator) -> Estimate:
    """Returns the numbers about a corpus, each with its variance by the delete-a-group jackknife.

    The groups are dealt out at random to 20 blocks, and each block is left out once (Kott 2001, "The Delete-a-Group
    Jackknife"). No row comes twice, as it would in a bootstrap, which repeats texts and so spoils each number that
    counts what is different. It is an approximation: the numbers must change smoothly with the rows, and a group that
    is much larger than the others makes it rough.

    Args:
        statistic: gives the numbers.
        groups: `(rows,)` numbers from 0; rows of one group depend on each other, as those of one parent do.
        rng: deals out the groups.

    >>> found = estimate(lambda rows: [rows.mean()], np.arange(100), np.random.default_rng(1))
    >>> found.values.tolist(), bool(2 < found.variances[0] ** 0.5 < 4)  # the deviation of this mean is 2.9
    ([49.5], True)
    """
    rows = np.arange(len(groups))
    values = np.asarray(statistic(rows), float)
    count = int(groups.max(initial=-1)) + 1
    if count < BLOCKS:
        return Estimate(values, np.full(len(values), np.nan))
    block = rng.permutation(count)[groups] % BLOCKS
    left = np.array([statistic(rows[block != each]) for each in range(BLOCKS)], float)
    return Estimate(values, (BLOCKS - 1) * left.var(axis=0))


def difference_interval(one: Estimate, other: Estimate) -> tuple[np.ndarray, np.ndarray]:
    """Returns the ends of the 95 % intervals of `one - other`, two corpora that do not depend on each other.

    >>> low, high = difference_interval(Estimate(np.ones(1), np.ones(1)), Estimate(np.zeros(1), np.zeros(1)))
    >>> low.tolist(), high.tolist()
    ([-1.093], [3.093])
    """
    difference = one.values - other.values
    reach = _WIDTH * np.sqrt(one.variances + other.variances)
    return difference - reach, difference + reach
