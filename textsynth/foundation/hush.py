"""What other packages say and draw, kept quiet for a while: only the command line writes to the terminal."""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def hush(name: str) -> Iterator[None]:
    """Lets a logger, and those below it, tell of nothing but errors while the block runs.

    Args:
        name: of the logger: "textsynth", or what another package logs under.
    """
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextlib.contextmanager
def drop_stderr() -> Iterator[None]:
    """Drops what is written to the standard error, by whatever library in whatever language, while the block runs."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextlib.contextmanager
def hide_bars(shown: bool, hide: Callable[[], object], show: Callable[[], object]) -> Iterator[None]:
    """Keeps a package from drawing progress bars while the block runs.

    Args:
        shown: whether it draws them; if it does not, nothing is done, or a person who wants none would have them after.
        hide: makes it draw none; its warning that a variable of the environment is stronger is not passed on.
        show: makes it draw them again.
    """
    if not shown:
        yield
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hide()
    try:
        yield
    finally:
        show()
