"""Which of several worker processes this one is."""

from __future__ import annotations

from typing import Any

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


def own_number() -> int | None:
    """Returns the number of this worker process, from 0; None if it is not one of several."""
    return _number
