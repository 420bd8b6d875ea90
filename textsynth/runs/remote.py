"""Runs in storage that a URL names: a local directory stands for it while the run is at work.

What is there is got first, and what changes is put every few seconds and at the end. What is about to be put or deleted
is written down before, so that a directory that came half, as its process was killed, is not got but made again.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import platform
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from textsynth.errors import OutputError
from textsynth.foundation.disk import LOCK, PARTIAL
from textsynth.foundation.storage import Storage, is_url, to_path

PERIOD = 5.0
"""Seconds between two looks for what has changed."""

PATIENCE = 30.0
"""Seconds after which a process that has not renewed its lease is taken for dead."""

_LEASES, _INTENT = ".textsynth-lease", ".textsynth-intent"
_STREAMS = 8
"""Objects that are put or got at a time."""

logger = logging.getLogger(__name__)


@contextmanager
def open_place(place: str | Path, wait: Callable[[float], object] = time.sleep) -> Iterator[Path]:
    """Gives the directory of a run: the path itself, or one that stands for a URL while the block runs.

    Args:
        place: a path, or a URL as `Storage` takes it.
        wait: waits for so many seconds.

    Raises:
        OutputError: if the storage cannot be reached, another process is at work there, or takes it over meanwhile.
    """
    if not is_url(place):
        yield to_path(place)
        return
    storage = Storage(str(place))
    with Lease.take(storage, wait).hold() as lease, tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
        mirror = Mirror(storage, lease, Path(folder) / "run")
        mirror.get_all()
        try:
            with _repeat(mirror.put_all):
                yield mirror.directory
        finally:
            mirror.put_all()


@contextmanager
def _repeat(work: Callable[[], None]) -> Iterator[None]:
    """Does something every few seconds while the block runs; what fails is told, and tried again."""
    stop = threading.Event()

    def follow() -> None:
        told = ""
        while not stop.wait(PERIOD):
            try:
                work()
            except OutputError as error:
                if str(error) != told:
                    logger.warning("%s", error)
                told = str(error)

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@dataclass
class Lease:
    """The right to write under a URL: an object that its holder renews, each taker's with the next number.

    Only one process can create the object of a number, so of several that find the last holder dead, one goes on; and a
    holder that was only slow finds the next number, and stops.

    Args:
        storage: what it is for.
        number: which lease of all that were taken.
        token: what its object has beside the holder's name, so that nobody else's looks the same.
        beats: how often it was renewed.
    """

    storage: Storage
    number: int
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    beats: int = 0

    @classmethod
    def take(cls, storage: Storage, wait: Callable[[float], object]) -> Lease:
        """Takes the lease, if nobody has it, or who has it is dead.

        Raises:
            OutputError: if another process has it, or was quicker.
        """
        last = _find_last(storage)
        if last:
            holder = storage.read(_name_lease(last))
            if not _is_dead(holder):
                logger.warning(
                    "%s: %s was at work in it; it is seen in %.0f s whether it still is",
                    *(storage.url, _tell_holder(holder), PATIENCE),
                )
                wait(PATIENCE)
                if storage.read(_name_lease(last)) != holder:
                    raise OutputError(f"{storage.url}: must not be in use, {_tell_holder(holder)} is at work in it")
        lease = cls(storage, last + 1)
        if not storage.create(_name_lease(lease.number), lease._tell()):
            raise OutputError(f"{storage.url}: must not be in use, another process has just begun to work in it")
        for number in range(max(1, last - 1), last + 1):
            storage.delete(_name_lease(number))
        return lease

    def renew(self) -> None:
        """Says that its holder is alive.

        Raises:
            OutputError: if another process has taken it for dead.
        """
        self.check()
        self.beats += 1
        self.storage.put(_name_lease(self.number), self._tell())

    def check(self) -> None:
        """Checks that nobody else has taken over.

        Raises:
            OutputError: if somebody has.
        """
        if _find_last(self.storage) > self.number:
            raise OutputError(f"{self.storage.url}: must not be in use, another process has taken it over")

    @contextmanager
    def hold(self) -> Iterator[Lease]:
        """Renews it while the block runs, and gives it back at its end."""
        try:
            with _repeat(self.renew):
                yield self
        finally:
            self.storage.delete(_name_lease(self.number))

    def _tell(self) -> bytes:
        who = {"host": platform.node(), "process": os.getpid(), "token": self.token, "beats": self.beats}
        return json.dumps(who).encode()


def _name_lease(number: int) -> str:
    return f"{_LEASES}/{number:06d}"


def _find_last(storage: Storage) -> int:
    return max((int(name.rpartition("/")[2]) for name in storage.list(_LEASES)), default=0)


def _is_dead(holder: bytes) -> bool:
    """Says whether the holder of a lease surely lives no more: it was on this machine, or has given it back."""
    try:
        who = json.loads(holder)
        if who["host"] != platform.node():
            return False
        os.kill(int(who["process"]), 0)
    except ProcessLookupError:
        return True
    except (ValueError, KeyError, TypeError, OSError):
        return not holder
    return False


def _tell_holder(holder: bytes) -> str:
    try:
        who = json.loads(holder)
        return f"the process {int(who['process'])} of {who['host']}"
    except (ValueError, KeyError, TypeError):
        return "another process"


@dataclass
class Mirror:
    """A local directory and the objects that stand for its files.

    Args:
        storage: where the objects are.
        lease: the right to write them.
        directory: the local one.
        known: what was got or put so far, each file as it was then.
    """

    storage: Storage
    lease: Lease
    directory: Path
    known: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def get_all(self) -> None:
        """Gets what is there, after what was begun and not ended is gone."""
        self._undo()
        names = [name for name in self.storage.list() if not name.startswith(f"{_LEASES}/")]
        for name in names:
            (self.directory / name).parent.mkdir(parents=True, exist_ok=True)
        _at_once(lambda name: self.storage.get(name, self.directory / name), names)
        self.known = self._find_marks()

    def put_all(self) -> None:
        """Puts what has changed, and deletes what is gone.

        Raises:
            OutputError: if the storage refuses, or another process has taken it over.
        """
        marks = self._find_marks()
        changed = [name for name, mark in marks.items() if self.known.get(name) != mark]
        gone = [name for name in self.known if name not in marks]
        if not changed and not gone:
            return
        self.lease.check()
        self._intend([name for name in changed if name not in self.known])
        self._put(changed, marks)
        self._intend(gone)
        self._delete(gone)
        self.storage.delete(_INTENT)

    def _intend(self, names: Sequence[str]) -> None:
        """Writes down what must be deleted if this process is killed before it intends something else."""
        self.storage.put(_INTENT, json.dumps(list(names)).encode())

    def _undo(self) -> None:
        """Deletes what a process that was killed had not put whole, or not yet deleted."""
        self._delete(json.loads(self.storage.read(_INTENT) or b"[]"))
        self.storage.delete(_INTENT)

    def _find_marks(self) -> dict[str, tuple[int, int, int]]:
        """Returns the files that are whole, each with what changes if it does."""
        return {name: mark for name, mark in _list_marks(str(self.directory)) if PARTIAL not in name and name != LOCK}

    def _put(self, names: Iterable[str], marks: dict[str, tuple[int, int, int]]) -> None:
        def put(name: str) -> None:
            try:
                self.storage.put(name, self.directory / name)
            except FileNotFoundError:  # It was renamed since the look; the next one sees it.
                return
            self.known[name] = marks[name]

        _at_once(put, names)

    def _delete(self, names: Iterable[str]) -> None:
        _at_once(self.storage.delete, names)
        for name in names:
            self.known.pop(name, None)


def _list_marks(folder: str, within: str = "") -> Iterator[tuple[str, tuple[int, int, int]]]:
    """Yields the files below a folder, each with what changes if it does; a run of many shards has many."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _list_marks(entry.path, f"{within}{entry.name}/")
                continue
            with contextlib.suppress(FileNotFoundError):  # It was renamed since the look; the next one sees it.
                found = entry.stat()
                yield within + entry.name, (found.st_ino, found.st_size, found.st_mtime_ns)


def _at_once(work: Callable[[str], None], names: Iterable[str]) -> None:
    """Works on several names at a time; the first error is raised."""
    with ThreadPoolExecutor(_STREAMS) as pool:
        list(pool.map(work, names))
