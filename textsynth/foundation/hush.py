"""Warnings kept quiet for a while."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator


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
