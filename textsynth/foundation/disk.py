"""Files and directories that are written whole or not at all: temporary name, fsync, rename."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from textsynth.errors import OutputError, TextsynthError

try:
    import fcntl
except ImportError:  # There is none on Windows.
    fcntl = None  # type: ignore[assignment]

PARTIAL, UNFINISHED = ".partial", ".unfinished"
_locks: set[int] = set()


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Gives a temporary path beside `path` that takes its place if the block ends well, and vanishes if not.

    Raises:
        OutputError: where the place cannot be written to, or the disk is full.
    """
    partial = path.with_name(path.name + PARTIAL)
    with _output_errors(path, partial), make_parents(path):
        if path.exists() and not path.is_file():
            raise OutputError(f"{path}: must be a file to write, is a {'directory' if path.is_dir() else 'device'}")
        try:
            yield partial
            _fsync(partial)
            partial.replace(path)
            _fsync(path.parent)
        finally:
            partial.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_directory(path: Path) -> Iterator[Path]:
    """Gives a temporary directory that takes the place of `path` if the block ends well, and vanishes if not.

    A directory that stood at `path` before is replaced, if it has no files of other kinds than the new one, told by
    their suffixes: what was written here before may go, what somebody else put there may not.

    Raises:
        OutputError: where the place cannot be written to, holds something else, or the disk is full.
    """
    partial = path.with_name(path.name + PARTIAL)
    with _output_errors(path, partial), make_parents(path):
        _check_directory(path)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            yield partial
            _put_in_place(partial, path)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


@contextlib.contextmanager
def lasting_directory(path: Path) -> Iterator[Path]:
    """Gives a directory that takes the place of `path` if the block ends well, and outlives the block if not.

    So that long work can go on: after an error or a kill, the next call for `path` gives what was written until then,
    files that are half-written among it. `sweep` leaves it alone. An empty one vanishes with an error.

    Raises:
        OutputError: as `whole_directory`.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    with _output_errors(path, unfinished), make_parents(path):
        _check_directory(path)
        unfinished.mkdir(exist_ok=True)
        try:
            yield unfinished
        except BaseException:
            with contextlib.suppress(OSError):
                unfinished.rmdir()
            raise
        _put_in_place(unfinished, path)


def sweep(directory: Path) -> None:
    """Removes what a process that was killed left half-written anywhere under a directory."""
    for partial in [*directory.rglob(f"*{PARTIAL}"), *directory.rglob(f"*{PARTIAL}.old")]:
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        else:
            partial.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes a small file, whole or not at all."""
    raw = content.encode("utf-8") if isinstance(content, str) else content
    with whole_file(path) as partial:
        partial.write_bytes(raw)


@contextlib.contextmanager
def make_parents(path: Path) -> Iterator[None]:
    """Makes the directories above a path, and removes those it made if the block fails and leaves them empty.

    Raises:
        OutputError: where they cannot be made.
    """
    new = [parent for parent in path.parents if not parent.exists()]
    try:
        with _output_errors(path, path):
            path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for parent in new:
            with contextlib.suppress(OSError):
                parent.rmdir()
        raise


@contextlib.contextmanager
def sole_use(directory: Path) -> Iterator[None]:
    """Keeps other processes that ask for the same out of a directory while the block runs, where the system can.

    The lock vanishes with the process, however that ends.

    Raises:
        OutputError: where another process has it.
    """
    with contextlib.ExitStack() as stack:
        if fcntl:
            descriptor = os.open(directory, os.O_RDONLY)
            stack.callback(os.close, descriptor)
            stack.callback(_locks.discard, descriptor)
            _locks.add(descriptor)
            _lock(descriptor, directory)
        yield


def _lock(descriptor: int, directory: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OutputError(f"{directory}: must not be in use, another process is at work in it") from error
    except OSError:
        return  # A file system without locks, such as some network drives.


def _leave_locks() -> None:
    """Closes in a forked child what it inherited: it may outlive its parent, and the lock must not."""
    while _locks:
        os.close(_locks.pop())


if fcntl:
    os.register_at_fork(after_in_child=_leave_locks)


def _check_directory(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise OutputError(f"{path}: must be a directory to write, is a file")


def _put_in_place(done: Path, path: Path) -> None:
    """Lets a directory that is all written take the place of another."""
    _check_replaceable(path, done)
    for file in [*sorted(done.rglob("*")), done]:
        _fsync(file)
    _replace_directory(done, path)


def _check_replaceable(old: Path, new: Path) -> None:
    kinds = {file.suffix for file in new.rglob("*") if file.is_file()}
    for file in sorted(old.rglob("*")):
        if file.is_file() and file.suffix not in kinds and not file.name.startswith("."):
            raise OutputError(f"{old}: must be empty or hold nothing but what may be replaced, has {file.name!r}")


def _replace_directory(new: Path, path: Path) -> None:
    """Renames over what stood there; a rename cannot replace a full directory, so the old one steps aside first."""
    old = path.with_name(path.name + PARTIAL + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if path.exists():
        path.rename(old)
    new.rename(path)
    _fsync(path.parent)
    shutil.rmtree(old, ignore_errors=True)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _output_errors(path: Path, temporary: Path) -> Iterator[None]:
    """Tells the system's errors as ours, of the path that was asked for rather than of the temporary one."""
    try:
        yield
    except OutputError as error:
        if not str(error).startswith(str(temporary)):
            raise
        raise OutputError(f"{path}: cannot be written: {str(error).rpartition(': ')[2]}") from error
    except TextsynthError:
        raise
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    """Returns what the system says, in its own words also where a library puts them into more of its own."""
    number = re.search(r"\[errno (\d+)\]", str(error), re.IGNORECASE)
    return os.strerror(int(number[1])) if number else error.strerror or str(error)
