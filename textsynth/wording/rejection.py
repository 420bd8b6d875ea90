"""Rejection: why what a model wrote is no sentence, or not the one that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rejection:
    """Stands in for a sentence that was not made.

    Args:
        reason: why there is none, in a few words, such as "does not end"; rejected examples are counted by it.
    """

    reason: str


def reasons_of(results: Sequence[object]) -> list[str | None]:
    """Returns for each result why it was rejected, None if it was not.

    >>> reasons_of(["Ada flew.", Rejection("does not end")])
    [None, 'does not end']
    """
    return [each.reason if isinstance(each, Rejection) else None for each in results]
