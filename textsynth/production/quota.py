"""Quotas: whole numbers that add up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def largest_remainders(total: int, weights: Sequence[float]) -> list[int]:
    """Divides a number by weights, so that the parts add up to it.

    >>> largest_remainders(10, [1, 1, 1])
    [4, 3, 3]
    """
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [math.floor(each) for each in exact]
    order = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return parts


def level_quotas(counts: Mapping[str, int], total: int | None) -> dict[str | None, int]:
    """Returns how many examples of each class make the classes as even as a total allows.

    Args:
        counts: examples of each class that are there already.
        total: examples to add; as many as fill every class up to the largest if None.

    >>> level_quotas({"a": 5, "b": 2, "c": 1}, 4)
    {'b': 1, 'c': 3}
    """
    if not counts:
        return {}
    names = sorted(counts, key=lambda name: (counts[name], name))
    if total is None:
        top = max(counts.values())
        return {name: top - counts[name] for name in sorted(names) if counts[name] < top}
    sizes = [counts[name] for name in names]
    filled = next(n for n in range(len(names), 0, -1) if n * sizes[n - 1] - sum(sizes[:n]) <= total)
    level, over = divmod(total + sum(sizes[:filled]), filled)
    quotas = {name: level + (place < over) - counts[name] for place, name in enumerate(names[:filled])}
    return {name: quotas[name] for name in sorted(quotas) if quotas[name] > 0}
