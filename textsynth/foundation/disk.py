"""Files and directories that are written whole or not at all: temporary name, fsync unless asked not to, rename."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import filelock

from textsynth.errors import OutputError, StrangersError, TextsynthError
from textsynth.foundation.sums import SUMS, find_strangers, list_files, read_sums, write_sums

PARTIAL, UNFINISHED, LOCK = ".textsynth-partial", ".unfinished", ".textsynth-lock"
"""Endings of what is being written, and of what a cut-off fit has written; the file that a run has locked.

What is swept away or written over has a name that nobody else gives to a file.
"""


@contextlib.contextmanager
def whole_file(path: Path, *, forced: bool = True) -> Iterator[Path]:
    """Gives a temporary path beside `path` that takes its place if the block ends well, and vanishes if not.

    Args:
        path: the file.
        forced: whether it is forced to disk, so that it is sure to be there and whole after a power failure; if not, a
            checksum must tell whether it is.

    Raises:
        OutputError: if the place cannot be written to, or the disk is full.
    """
    partial = path.with_name(path.name + PARTIAL)
    with _output_errors(path, partial), make_parents(path):
        if path.exists() and not path.is_file():
            raise OutputError(f"{path}: must be a file to write, is a {'directory' if path.is_dir() else 'device'}")
        try:
            yield partial
            if forced:
                _fsync(partial)
            partial.replace(path)
            if forced:
                _fsync(path.parent)
        finally:
            partial.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_directory(path: Path) -> Iterator[Path]:
    """Gives a temporary directory that takes the place of `path` if the block ends well, and vanishes if not.

    A directory that stood at `path` before is replaced, if it has no files but those that were written here before, as
    its checksums tell: what somebody else has put there, or has changed, may not go.

    Raises:
        OutputError: if the place cannot be written to, holds something else, or the disk is full.
    """
    partial = path.with_name(path.name + PARTIAL)
    with _output_errors(path, partial), make_parents(path):
        _check_directory(path)
        _check_replaceable(path)
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


@contextlib.contextmanager
def merged_directory(path: Path) -> Iterator[Path]:
    """Gives a place for a directory whose files go into `path` if the block ends well, beside those of others there.

    What was written there before goes; a file of others goes only if a new one has its name.

    Raises:
        OutputError: if the place cannot be written to, or the disk is full.
    """
    partial = path.with_name(path.name + PARTIAL)
    with _output_errors(path, partial), make_parents(path):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            yield partial / path.name
            if not (partial / path.name).is_dir():
                raise OutputError(f"{path}: must be a file to write, is a directory")
            _move_into(partial / path.name, path)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _move_into(new: Path, path: Path) -> None:
    """Moves the files of a directory into another, its checksums last."""
    strangers = set(find_strangers(path))
    for name in set(read_sums(path) or {}) - strangers:
        (path / name).unlink(missing_ok=True)
    for name in [*list_files(new), SUMS]:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (new / name).replace(path / name)
    _fsync(path)


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
        OutputError: if they cannot be made.
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
    """Keeps other processes that ask for the same out of a directory while the block runs.

    The lock is on the file `.textsynth-lock` in the directory, which stays there, since a lock file that is removed
    while another process opens it would let two in. Only if the directory has nothing else in the end does it go. The
    system lets go of the lock when the process ends, however that ends.

    Raises:
        OutputError: if another process has it, with its number, or the lock file cannot be written.
    """
    file = directory / LOCK
    lock = filelock.FileLock(file, blocking=False)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(lock)
        except filelock.Timeout as error:
            raise OutputError(f"{directory}: must not be in use, {_tell_holder(file)} is at work in it") from error
        except OSError as error:
            raise OutputError(f"{directory}: cannot be written: {error.strerror}") from error
        try:
            with contextlib.suppress(OSError):  # Some systems let nobody write into a locked file.
                file.write_text(str(os.getpid()), encoding="utf-8")
            yield
        finally:
            if [each.name for each in directory.iterdir()] == [LOCK]:
                file.unlink(missing_ok=True)


def _tell_holder(file: Path) -> str:
    """Returns who has locked a file, as far as it says so."""
    try:
        return f"the process {int(file.read_text(encoding='utf-8'))}"
    except (OSError, ValueError):
        return "another process"


def cache_folder() -> Path:
    """Returns where what is fetched or unpacked is kept: in the folder of TEXTSYNTH_CACHE, or in the user's cache."""
    folder = os.environ.get("TEXTSYNTH_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "textsynth"
    return Path(folder).expanduser().absolute()


def check_absent(directory: Path, names: Iterable[str]) -> None:
    """Checks that a directory has none of the files that are about to be written there.

    Raises:
        OutputError: if it has one, which somebody may have edited.
    """
    for name in names:
        if (directory / name).exists():
            raise OutputError(f"{directory / name}: must not exist yet, or be given up with --overwrite")


def prefer_directory(folder: Path, name: str) -> str:
    """Returns the path of a directory in a folder of that name, else the name: a package's, say."""
    directory = folder / name
    return str(directory) if directory.is_dir() else name


def holds_nothing(directory: Path) -> bool:
    """Says whether a directory is empty but for its lock."""
    return all(each.name == LOCK for each in directory.iterdir())


def _check_directory(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise OutputError(f"{path}: must be a directory to write, is a file")


def _put_in_place(done: Path, path: Path) -> None:
    """Lets a directory that is all written take the place of another."""
    _check_replaceable(path)
    write_sums(done)
    for file in [*sorted(done.rglob("*")), done]:
        _fsync(file)
    _replace_directory(done, path)


def _check_replaceable(path: Path) -> None:
    strangers = find_strangers(path)
    if strangers:
        raise StrangersError(
            f"{path}: must be empty or hold nothing but what was written here before, has {strangers[0]!r}"
        )


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
    """Returns the system's own words, also if a library has put them into a longer message."""
    number = re.search(r"\[errno (\d+)\]", str(error), re.IGNORECASE)
    return os.strerror(int(number[1])) if number else error.strerror or str(error)
