"""Of findings that overlap, the longest."""

from __future__ import annotations

from collections.abc import Sequence

from textsynth.components.labeler import Finding


def choose_longest(found: Sequence[Finding]) -> list[Finding]:
    """Returns findings that do not overlap: longer ones go first, of equally long ones those that come first.

    >>> choose_longest([(0, 3, "GPE", 1.0), (0, 8, "ORG", 1.0), (9, 12, "GPE", 1.0)])
    [(0, 8, 'ORG', 1.0), (9, 12, 'GPE', 1.0)]
    """
    taken: list[Finding] = []
    for each in sorted(found, key=lambda finding: finding[0] - finding[1]):
        if all(each[1] <= other[0] or other[1] <= each[0] for other in taken):
            taken.append(each)
    return sorted(taken)
