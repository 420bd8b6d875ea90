"""Quotas: whole numbers that add up."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence

from textsynth.corpus.classes import count_classes, split_classes

_PARTS = 100
"""A hundredth of what is left is given away at a time, so that the last ones are given one by one."""


def largest_remainders(total: int, weights: Sequence[float]) -> list[int]:
    """Divides a number by weights, so that the parts add up to it.

    >>> largest_remainders(10, [1, 1, 1])
    [4, 3, 3]
    """
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [math.floor(each) for each in exact]
    order = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return parts


def level_quotas(counts: Mapping[str, int], total: int | None, *, counted: bool = True) -> dict[str | None, int]:
    """Returns how many examples of each class make the classes as even as a total allows.

    Args:
        counts: examples of each class that are there already.
        total: examples to add; as many as fill every class up to the largest if None.
        counted: whether those that are there count; if not, what is added is even by itself.

    >>> level_quotas({"a": 5, "b": 2, "c": 1}, 4)
    {'b': 1, 'c': 3}
    >>> level_quotas({"a": 5, "b": 2, "c": 1}, 4, counted=False)
    {'a': 2, 'b': 1, 'c': 1}
    """
    if not counts:
        return {}
    top = max(counts.values())
    counts = counts if counted else dict.fromkeys(counts, 0)
    names = sorted(counts, key=lambda name: (counts[name], name))
    if total is None:
        return {name: top - counts[name] for name in sorted(names) if counts[name] < top}
    sizes = [counts[name] for name in names]
    below = list(itertools.accumulate(sizes, initial=0))
    filled = next(n for n in range(len(names), 0, -1) if n * sizes[n - 1] - below[n] <= total)
    level, over = divmod(total + below[filled], filled)
    quotas = {name: level + (place < over) - counts[name] for place, name in enumerate(names[:filled])}
    return {name: quotas[name] for name in sorted(quotas) if quotas[name] > 0}


def level_combinations(counts: Mapping[str, int], total: int | None, *, counted: bool = True) -> dict[str | None, int]:
    r"""Returns how many examples of each combination make the classes as even as a total allows, each class counted.

    The class that has the fewest gets the next examples, in combinations that it has in the source: those without one
    of the commonest classes come before those with one, and among equals they stay as common as they are. Texts
    without a class get none.

    Args:
        counts: examples of each combination that are there already, as `join_classes` joins classes.
        total: examples to add; as many as fill every class up to the largest, at least, if None.
        counted: whether those that are there count; if not, what is added is even by itself.

    >>> level_combinations({"joy": 5, "awe": 1, "awe\ufdd0joy": 1}, 4)
    {'awe': 4}
    >>> level_combinations({"joy": 5, "awe\ufdd0joy": 1, "fear\ufdd0joy": 2}, None)
    {'awe\ufdd0joy': 7, 'fear\ufdd0joy': 6}
    """
    combinations = {each: split_classes(each) for each in sorted(counts)}
    there = count_classes(counts)
    classes = Counter(there if counted else dict.fromkeys(there, 0))
    made: Counter[str] = Counter()
    top = max(there.values(), default=0)
    while classes:
        rarest = min(classes, key=lambda name: (classes[name], name))
        left = top - classes[rarest] if total is None else total - made.total()
        if left <= 0:
            break
        most = max(classes.values())

        def cost(combination: str, most: int = most) -> tuple[int, float, str]:
            common = sum(classes[name] == most for name in combinations[combination])
            return common, made[combination] / counts[combination], combination

        chosen = min((each for each, names in combinations.items() if rarest in names), key=cost)
        amount = max(1, left // _PARTS)
        made[chosen] += amount
        classes.update(dict.fromkeys(combinations[chosen], amount))
    return {each: made[each] for each in sorted(made)}
