"""What is unpacked once for all processes of a user, as it takes longer than what they do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import filelock

from textsynth.errors import OutputError
from textsynth.foundation.disk import cache_folder, whole_directory
from textsynth.foundation.sums import find_damaged

logger = logging.getLogger(__name__)


def unpack_once(name: str, write: Callable[[Path], None]) -> Path | None:
    """Returns a folder of the user's cache with what a function has written there, now or for an earlier process.

    Args:
        name: of the folder; another version of its content must have another.
        write: writes the content into a folder.

    Returns:
        None if the cache cannot be written, or is damaged: what is there is then of no use.
    """
    folder = cache_folder() / name
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder.with_name(f"{name}.lock")):  # Two processes may begin at the same time.
            if not folder.exists():
                with whole_directory(folder) as partial:
                    write(partial)
            damaged = find_damaged(folder)
    except (OSError, OutputError) as error:
        logger.info("%s: cannot be kept there, it is unpacked each time: %s", folder, error)
        return None
    if damaged:
        logger.warning("%s: is damaged and not used; remove it and it is made again", folder)
    return None if damaged else folder
