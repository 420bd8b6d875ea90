"""What an engine is, and which there are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from textsynth.errors import MissingDependency, OptionError, UnknownName, nearest
from textsynth.foundation.distribution import find_missing, say_how_to_install
from textsynth.production.engines.local import Mapper, affordable, local_engine

PROCESS, RAY = "process", "ray"
ENGINES = (PROCESS, RAY)


@dataclass(frozen=True)
class EngineChoice:
    """Which engine is to do the work of a run.

    Args:
        engine: one of `ENGINES`.
        workers: how many tasks are worked on at a time; None for one process, or for as many as Ray has cores.
    """

    engine: str = PROCESS
    workers: int | None = None

    def check(self) -> None:
        """Checks that it is there, before anything is read.

        Raises:
            UnknownName: if there is no engine of that name.
            MissingDependency: if it is not installed.
            OptionError: for less than one worker, or if the cluster that it is to use cannot be reached.
        """
        if self.workers is not None and self.workers < 1:
            raise OptionError(f"workers must be at least 1, was: {self.workers}")
        if self.engine not in ENGINES:
            raise UnknownName(
                f"--engine: there is nothing of the name {self.engine!r}; {nearest(self.engine, ENGINES)}"
            )
        if self.engine == RAY:
            if find_missing("ray"):
                raise MissingDependency(f"--engine ray: Ray is not installed; {say_how_to_install('ray')}")
            from textsynth.production.engines.ray_connection import check_address

            check_address()


@dataclass(frozen=True)
class Engine:
    """What does the work of a run: functions that map over tasks and yield the results in the order of the tasks.

    Args:
        fit: maps over fits.
        make: maps over shards.
        write: maps over parts of what is delivered.
        workers: how many tasks are worked on at a time.
    """

    fit: Mapper
    make: Mapper
    write: Mapper
    workers: int


@contextlib.contextmanager
def open_engine(choice: EngineChoice, memory: int, directory: Path, versions: Mapping[str, str]) -> Iterator[Engine]:
    """Gives an engine; whatever ends the block ends its processes.

    Args:
        choice: which one, and with how many workers.
        memory: bytes that a worker takes; 0 if it is little.
        directory: the run's.
        versions: of what decides the bytes; another machine must have the same.

    Raises:
        TextsynthError: if it cannot be had.
    """
    if choice.engine == RAY:
        from textsynth.production.engines.ray import ray_engine

        with ray_engine(choice.workers, directory, versions) as ray:
            yield Engine(ray.run, ray.run, map, ray.workers)
        return
    count = affordable(1 if choice.workers is None else choice.workers, memory)
    with local_engine(count) as run_shards:
        yield Engine(map, run_shards, run_shards, count)
