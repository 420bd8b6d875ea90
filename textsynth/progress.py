"""Tells how far long work is: what a run calls, and the silence it calls by default."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Stage(Protocol):
    """One stage of a run, under way."""

    def advance(self, amount: int) -> None:
        """Notes that so much more is done."""


class Progress(Protocol):
    """Shows stages; the command line has one that draws bars."""

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Stage]:
        """Shows one stage while the block runs.

        Args:
            name: what is done.
            total: how much there is to do; None where nobody knows.
        """


class Silence:
    """Shows nothing."""

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Stage]:
        """Shows nothing."""
        yield self

    def advance(self, amount: int) -> None:
        """Notes nothing."""
