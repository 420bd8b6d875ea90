"""Tells how far long work is: what a run calls, and the silence it calls by default."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Stage(Protocol):
    """One stage of a run, under way."""

    def advance(self, amount: int) -> None:
        """Notes that this much more is done."""

    def expect(self, total: int | None) -> None:
        """Begins to count anew, up to a total that was not known before, or for the next part of a stage."""

    def tell(self, text: str) -> None:
        """Shows a few words beside the bar instead of those before, such as "loss 12.31, KL 6.2"."""


class Progress(Protocol):
    """Shows stages; the command line has one that draws bars."""

    def note(self, text: str) -> None:
        """Shows a line that stays, such as which model will be loaded."""

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Stage]:
        """Shows one stage while the block runs.

        Args:
            name: what is done.
            total: how much there is to do; None if nobody knows.
        """


class Silence:
    """Shows nothing."""

    def note(self, text: str) -> None:
        """Shows nothing."""

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Stage]:
        """Shows nothing."""
        yield self

    def advance(self, amount: int) -> None:
        """Notes nothing."""

    def expect(self, total: int | None) -> None:
        """Notes nothing."""

    def tell(self, text: str) -> None:
        """Shows nothing."""


_current: ContextVar[Stage] = ContextVar("stage")


@contextmanager
def watch(stage: Stage) -> Iterator[None]:
    """Has `current_stage` return this one while the block runs."""
    token = _current.set(stage)
    try:
        yield
    finally:
        _current.reset(token)


def current_stage() -> Stage:
    """Returns the stage under way, for work whose signature has no place for one, such as a component's `fit`.

    >>> current_stage().advance(1)  # nobody watches, so nobody is told
    """
    return _current.get(None) or Silence()
