"""What all sections share: one core, rates per CPU second, and the rows of the table."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "ARROW_IO_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1",  # a peer draws a progress bar, which would count against it
}


@dataclass(frozen=True, slots=True)
class Effort:
    """How long things are measured.

    Args:
        seconds: the CPU seconds that each repeat takes at least.
        repeats: the median of so many counts, after a warm-up.
        rows: the rows of the large files.
    """

    seconds: float = 1.0
    repeats: int = 5
    rows: int = 1_000_000

    def rate(self, run: Callable[[], object], size: int) -> float:
        """Returns what is made in a CPU second.

        Args:
            run: makes `size` of them at a call, and is called until the seconds are over.
            size: made at a call.
        """
        run()
        return median(self._once(run, size) for _ in range(self.repeats))

    def _once(self, run: Callable[[], object], size: int) -> float:
        calls, seconds = 0, 0.0
        begin = time.process_time()
        while seconds < self.seconds:
            run()
            calls += 1
            seconds = time.process_time() - begin
        return size * calls / seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table.

    Args:
        name: what ran.
        rate: units per CPU second; None where it could not run.
        unit: what is counted.
        note: what else is to be said, for people.
        beside: for a peer, the name of our row that does the same.
        figures: what else was measured, for programs.
    """

    name: str
    rate: float | None = None
    unit: str = "sentences"
    note: str = ""
    beside: str | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)


def on_one_core() -> None:
    """Starts this program anew with one thread for all libraries, and pins it to one core where that is possible."""
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ONE_THREAD)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def cpu_seconds(run: Callable[[], object]) -> float:
    """Returns the CPU seconds that one call takes."""
    begin = time.process_time()
    run()
    return time.process_time() - begin


def percent(share: float) -> str:
    """Writes a share; only all of it is 100 %.

    >>> percent(1), percent(0.99999), percent(0.945)
    ('100 %', '99.99 %', '94.5 %')
    """
    if share == 1:
        return "100 %"
    return f"{min(share * 100, 99.99):.4g} %"
