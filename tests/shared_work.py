"""Work that one process of a suite does for all: models are trained once, and those that ask later find them.

What is made lies in a folder that this process and those that it starts have in common, and that vanishes with it.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

_HOME = "TEXTSYNTH_SHARED_WORK"


def build_once(name: str, build: Callable[[Path], object]) -> Path:
    """Returns the directory of this name; the process that asks first fills it by `build`, others wait for it.

    Nobody may write into it afterwards.
    """
    directory = home() / name
    with _alone(directory):
        if not directory.exists():
            unfinished = Path(tempfile.mkdtemp(dir=home()))
            build(unfinished)
            unfinished.rename(directory)
    return directory


def home() -> Path:
    """Returns the folder of this process and of those that it starts from now on."""
    if _HOME not in os.environ:
        os.environ[_HOME] = tempfile.mkdtemp(prefix="textsynth-tests-")
        atexit.register(_remove, os.environ[_HOME], os.getpid())
    return Path(os.environ[_HOME])


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Lets one process at a time build a directory."""
    with directory.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _remove(folder: str, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
