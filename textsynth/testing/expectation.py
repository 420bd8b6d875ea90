"""How a check says what must hold and what it found."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

_SHOWN = 300
"""Characters of a found value that a message shows."""


def expect(holds: Any, must: str, found: object = None) -> None:
    """Raises an AssertionError that says what must hold and what was found, unless it holds.

    It is no `assert`, which `python -O` leaves out.

    >>> expect(1 == 1, "one must be one")
    >>> expect(1 == 2, "the sampler must give 2 examples", 1)
    Traceback (most recent call last):
    AssertionError: the sampler must give 2 examples, found: 1
    """
    if not holds:
        shown = "" if found is None else f", found: {_shorten(str(found))}"
        raise AssertionError(must + shown)


def _shorten(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def read_bytes(directory: Path) -> dict[str, bytes]:
    """Returns the bytes of all files below a directory by their relative paths."""
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


def expect_same_files(first: Mapping[str, bytes], second: Mapping[str, bytes], must: str) -> None:
    """Expects two directories, as `read_bytes` gives them, to be the same, and names the files that differ."""
    different = sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
    expect(not different, must, f"differences in {different}")


def read_global_state() -> tuple[object, ...]:
    """Returns the states of Python's, numpy's and, if it is loaded, torch's global generators."""
    torch = sys.modules.get("torch")
    tensor = torch.get_rng_state().tolist() if torch is not None else None
    return random.getstate(), str(np.random.get_state(legacy=False)), tensor


@contextlib.contextmanager
def seed_global_generators(seed: int) -> Iterator[None]:
    """Seeds the global generators, and gives them back their states at the end."""
    torch = sys.modules.get("torch")
    states = random.getstate(), np.random.get_state(), torch.get_rng_state() if torch is not None else None
    random.seed(seed)
    np.random.seed(seed)
    if torch is not None:
        torch.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        if torch is not None:
            torch.set_rng_state(states[2])
