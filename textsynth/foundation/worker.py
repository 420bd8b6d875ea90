"""Which of several worker processes this one is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

Thing = TypeVar("Thing")

_number: int | None = None


def take_number(taken: Any) -> None:
    """Gives this process the next number.

    Args:
        taken: how many have one, a `multiprocessing.Value` that all of them share.
    """
    global _number
    with taken.get_lock():
        _number = taken.value
        taken.value += 1


def choose_own(things: Sequence[Thing]) -> Thing | None:
    """Returns the one of several things that this worker process has to itself, as far as there are enough.

    Args:
        things: such as the GPUs of a machine; one at least.

    Returns:
        None if this process is not one of several.
    """
    return None if _number is None else things[_number % len(things)]
