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


_MEMORY = Path("/dev/shm")
_ROOM = 2 << 30
"""Bytes that must be free in memory for what a suite writes; it writes some hundred megabytes."""


def use_memory() -> None:
    """Has what tests write lie in memory, if there is room: they write, sync and delete files by the thousand.

    Whoever sets TMPDIR has said where they lie.
    """
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return
    runs_programs = not os.statvfs(_MEMORY).f_flag & getattr(os, "ST_NOEXEC", 0)
    if runs_programs and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


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
