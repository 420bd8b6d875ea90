"""Has fits and shards made by Ray, one plain task each.

A task that sees the run's directory works in it. On a machine that does not, what the task reads is brought by Ray's
object store and what it writes is brought back, and written by the process that the run belongs to. A process of Ray
does many tasks one after the other, so a sampler is loaded once in each and stays.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import platform
import secrets
import shutil
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from textsynth.components.component import Component, find_option
from textsynth.components.generator import Generator
from textsynth.components.preview import Accounted
from textsynth.components.versions import read_versions
from textsynth.errors import OutputError, TextsynthError
from textsynth.foundation.disk import PARTIAL, sole_use
from textsynth.production.engines.portable import Portable, move, pack, unpack
from textsynth.production.engines.ray_connection import MOST_KILLS, Connection, connect

_AHEAD = 3
"""Tasks under way for each core: so few that what they bring does not fill Ray's object store."""
_PREFIX, _AGE = "textsynth-ray-", 60.0
"""How the directories of processes of Ray are called; seconds after which one is sure to be locked, if it is in use."""

_locks = contextlib.ExitStack()

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def ray_engine(workers: int | None, directory: Path, versions: Mapping[str, str]) -> Iterator[RayEngine]:
    """Gives an engine while the block runs; its tasks end with the block, or are waited for if Ray stays.

    Args:
        workers: how many cores of this machine Ray takes, or of a cluster at most how many tasks are under way; None
            for all.
        directory: the run's.
        versions: of what decides the bytes; another machine must have the same.

    Raises:
        TextsynthError: if Ray cannot be had.
    """
    beacon = directory / f"{secrets.token_hex(16)}{PARTIAL}"
    with connect(workers) as connection:
        try:
            beacon.touch()
            yield RayEngine(_Home(beacon, dict(versions)), connection, workers if connection.has_others else None)
        finally:
            beacon.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Home:
    """What tells a process of Ray where it is.

    Args:
        beacon: a file of the run's directory with a name that is nowhere else: who sees it, sees the directory.
        versions: of what decides the bytes.
    """

    beacon: Path
    versions: Mapping[str, str]


@dataclass(frozen=True)
class _Done:
    """What a task brought.

    Args:
        result: what the function returned.
        files: what was written on a machine that does not see the run's directory; None on one that does.
        told: warnings.
    """

    result: Any
    files: Mapping[str, Any] | None
    told: tuple[str, ...]


class RayEngine:
    """Maps over tasks; Ray is connected.

    Args:
        home: goes with every task.
        connection: to Ray; other machines may not see the run's directory.
        most: how many tasks may be under way; None for as many as keep all cores busy.
    """

    def __init__(self, home: _Home, connection: Connection, most: int | None) -> None:
        import ray

        # Of a task that wants a GPU, Ray would end the process when it is done, and the model with it.
        self._work = ray.remote(max_calls=0, max_retries=MOST_KILLS - 1)(_work)
        self._home, self._connection, self._most = home, connection, most
        self._packed: dict[tuple[Path, tuple[str, ...]], Any] = {}
        self._resources: dict[tuple[type, int], dict[str, Any]] = {}

    @property
    def workers(self) -> int:
        """How many tasks are worked on at a time, by what there is now."""
        import ray

        return min(max(1, int(ray.cluster_resources().get("CPU", 0))), self._most or sys.maxsize)

    def run(self, function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
        """Yields what a function returns for tasks that are `Portable`, in their order.

        The function is called again here with what came from elsewhere; it finds that all is done.
        """
        import ray

        shared, coming = ray.put(function), iter(tasks)
        under_way: deque[tuple[Any, Any]] = deque()
        try:
            while True:
                for task in islice(coming, max(0, self._find_room() - len(under_way))):
                    under_way.append((task, self._begin(shared, task)))
                if not under_way:
                    return
                task, reference = under_way[0]
                result = self._end(function, task, _get(task, reference))
                under_way.popleft()
                del reference  # Only then does the object store let go of it.
                yield result
        finally:
            # Not cancelled: Ray 2.60 aborts this process if a task ends just then ("task that was not pending").
            if under_way and self._connection.stays and ray.is_initialized():
                ray.wait([reference for _, reference in under_way], num_returns=len(under_way))

    def _find_room(self) -> int:
        return min(self.workers * _AHEAD, self._most or sys.maxsize)

    def _begin(self, function: Any, task: Portable) -> Any:
        packed = [self._pack(task)] if self._connection.has_others and task.reads else []
        key = type(task), id(task.component)
        if key not in self._resources:
            self._resources[key] = _find_resources(task)
        options = self._resources[key]
        return self._work.options(name=str(task), **options).remote(function, task, self._home, packed)

    def _pack(self, task: Portable) -> Any:
        import ray

        key = task.directory, task.reads
        if key not in self._packed:
            self._packed[key] = ray.put(pack(*key))
        return self._packed[key]

    def _end(self, function: Callable[[Any], Any], task: Portable, done: _Done) -> Any:
        for each in done.told:
            logger.warning("%s", each)
        if done.files is None:
            return done.result
        unpack(done.files, task.directory, task.writes)
        return function(task)


def _get(task: Portable, reference: Any) -> _Done:
    import ray
    from ray.exceptions import RayError, RayTaskError

    try:
        done: _Done = ray.get(reference)
    except RayError as error:
        cause = error.cause if isinstance(error, RayTaskError) else error
        if not isinstance(cause, RayError):
            raise cause from error
        raise TextsynthError(f"{task}: {_tell(cause)}; the same command goes on, what is done is kept") from error
    return done


def _tell(error: Exception) -> str:
    """Says in one line what went wrong with Ray."""
    from ray.exceptions import NodeDiedError, OutOfMemoryError, WorkerCrashedError

    if isinstance(error, NodeDiedError | OutOfMemoryError | WorkerCrashedError):
        lost = f"was lost {MOST_KILLS} times, for lack of memory perhaps"
        return f"a process of Ray must live until its work is done, {lost}"
    return f"Ray must have it done, could not: {str(error).strip().splitlines()[0][:300]}"


def _find_resources(task: Portable) -> dict[str, Any]:
    """Returns what a task takes of a machine, and no more than some machine has: else it would wait for ever."""
    import ray

    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    cores, gpus, memory = (max((each.get(name, 0) for each in nodes), default=0) for name in ("CPU", "GPU", "memory"))
    takes = task.component.memory() if isinstance(task.component, Generator) else 0
    return {
        "num_cpus": max(1, min(task.threads, cores)),
        "num_gpus": 1 if gpus >= 1 and _uses_gpu(task.component, takes) else 0,
        "memory": int(min(takes, memory)) or None,
    }


def _uses_gpu(component: Component, memory: int) -> bool:
    """Says whether a component has a network or model, and may run it where it likes."""
    has_network = memory > 0 or bool({"torch", "models"} & set(component.extras))
    return has_network and find_option(component, "device") != "cpu"


def _work(function: Callable[[Any], Any], task: Any, home: _Home, packed: list[Any]) -> _Done:
    """Does a task in a process of Ray."""
    _check_versions(tuple(home.versions.items()))
    with _warnings_heard() as told:
        if home.beacon.exists():
            return _Done(function(task), None, tuple(told))
        if isinstance(task.component, Accounted):
            raise TextsynthError(
                f"{task}: must see {task.directory}, as paid answers are kept there, {platform.node()} does not; "
                "take a disk that all machines share, or --engine process"
            )
        with _elsewhere(task, packed) as place:
            function(move(task, place))
            return _Done(None, pack(place, task.writes), tuple(told))


_brought: dict[str, Path] = {}
"""The directories of what was brought to this process, by the name that it has in the object store."""


@contextlib.contextmanager
def _elsewhere(task: Portable, packed: list[Any]) -> Iterator[Path]:
    """Gives a directory of this process with what a task reads; what the task writes there goes at the end."""
    import ray

    if not packed:
        with tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
            yield Path(folder)
        return
    name = packed[0].hex()
    if name not in _brought:
        place = _make_place() / name
        unpack(ray.get(packed[0]), place, task.reads)
        _brought[name] = place
    try:
        yield _brought[name]
    finally:
        for each in task.writes:
            (_brought[name] / each).unlink(missing_ok=True)


@functools.cache
def _make_place() -> Path:
    """Makes a directory that this process has until Ray kills it; those that others had until then go."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, OutputError):
            if time.time() - left.stat().st_mtime > _AGE:
                with sole_use(left):
                    shutil.rmtree(left)
    place = Path(tempfile.mkdtemp(prefix=_PREFIX))
    _locks.enter_context(sole_use(place))
    return place


@contextlib.contextmanager
def _warnings_heard() -> Iterator[list[str]]:
    """Gives a list that has what is warned of while the block runs; a process of Ray has nobody who reads it."""
    told: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    ours = logging.getLogger("textsynth")
    ours.addHandler(handler)
    try:
        yield told
    finally:
        ours.removeHandler(handler)


@functools.cache
def _check_versions(versions: tuple[tuple[str, str], ...]) -> None:
    """Checks that this machine has the versions of the run: with others a shard would come out otherwise."""
    expected = dict(versions)
    here = read_versions(expected)
    for name, version in expected.items():
        if here.get(name) != version:
            raise TextsynthError(
                f"{platform.node()}: must have {name} {version} as the machine of the run, has {here.get(name, 'none')}"
            )
