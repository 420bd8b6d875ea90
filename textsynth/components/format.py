"""Format: what every component that reads and writes a kind of file is; which parts of an example it carries.

A format reads a path as a stream of corpora and writes such a stream. What it cannot carry it leaves out of `carries`;
nothing is dropped without being asked for.
"""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from textsynth.components.component import Component
from textsynth.corpus import Corpus
from textsynth.reading.records import Faults

Part = Literal["spans", "label", "origin", "fields"]
PARTS: tuple[Part, ...] = ("spans", "label", "origin", "fields")


@dataclass(frozen=True, kw_only=True)
class Format(Component, abc.ABC):
    """One file format. Reading and writing stream, so that memory is bounded by a batch if the format allows."""

    suffixes: ClassVar[tuple[str, ...]] = ()
    """Endings of file names that mean this format, such as `.jsonl`; the first is used for exports."""

    carries: ClassVar[frozenset[Part]] = frozenset()
    """The parts of an example that the format can write and read back, beside the text."""

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Says how surely a path is of this format: 0 no, 1 by its name, 2 or more by its content.

        Where several formats know a file by its content, the surest reads it: one that knows more of its fields
        says a greater number.

        Args:
            path: a file or directory that is there, or that is to be written.
            head: the first characters of the file, with at least one whole record; empty for a directory and for
                what is to be written.
        """
        return int(path.name.lower().endswith(cls.suffixes)) if cls.suffixes else 0

    @abc.abstractmethod
    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads a path, batch by batch.

        Args:
            path: what to read.
            faults: takes the bad records; with `on_error="stop"` the first one raises.

        Raises:
            FormatError: `file:line`, what must hold and what it was.
            InputError: if the path cannot be read.
        """

    @abc.abstractmethod
    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes a stream of corpora, whole or not at all; parts it does not carry have been dropped before.

        Raises:
            CarryError: for a text the format has no way to write.
            OutputError: if the path cannot be written.
        """
