"""Tasks that another machine can do: what they read is sent there, and what they write comes back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from textsynth.components.component import Component
from textsynth.foundation.disk import whole_directory, write_whole
from textsynth.foundation.sums import list_files


class Portable(Protocol):
    """A task that reads and writes below one directory alone; a dataclass whose text, `str(task)`, names it."""

    @property
    def directory(self) -> Path:
        """All that it reads and writes is below."""

    @property
    def component(self) -> Component:
        """What does the work; its options say what that needs."""

    @property
    def threads(self) -> int:
        """How many threads it keeps busy."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The files and directories that it reads, from `directory` on."""

    @property
    def writes(self) -> tuple[str, ...]:
        """The files and directories that it writes; if the last one stands, all is done."""


Task = TypeVar("Task", bound=Portable)


def move(task: Task, directory: Path) -> Task:
    """Returns the same task below another directory."""
    moved: Any = task
    return dataclasses.replace(moved, directory=directory)


def pack(directory: Path, names: Iterable[str]) -> dict[str, pa.Buffer]:
    """Reads files and directories, all files of each, with their names below a directory."""
    packed: dict[str, pa.Buffer] = {}
    for name in names:
        place = directory / name
        files = [f"{name}/{each}" for each in list_files(place)] if place.is_dir() else [name]
        packed |= {
            each: pa.py_buffer((directory / each).read_bytes()) for each in files if (directory / each).is_file()
        }
    return packed


def unpack(packed: Mapping[str, pa.Buffer], directory: Path, names: Iterable[str]) -> None:
    """Writes what `pack` has read below another directory, each of the names whole or not at all."""
    for name in names:
        if name in packed:
            write_whole(directory / name, packed[name])
            continue
        with whole_directory(directory / name) as partial:
            for each in packed:
                if each.startswith(f"{name}/"):
                    path = partial / each.removeprefix(f"{name}/")
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(packed[each])
