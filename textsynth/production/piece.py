"""Pieces of what is delivered: examples in memory, or those of a shard that are kept, which any process can read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from textsynth.corpus import Corpus
from textsynth.production.shard import read_shard


class Piece(Protocol):
    """Some examples."""

    def __len__(self) -> int: ...

    def mask(self, keep: np.ndarray) -> Piece:
        """Returns those for which `keep`, `(examples,)`, is true."""

    def read(self) -> Corpus:
        """Returns them in memory."""


@dataclass(frozen=True)
class Kept:
    """The examples of a shard that are kept.

    Args:
        path: the shard.
        rows: `(examples of the shard,)`; whether each is kept.
    """

    path: Path
    rows: np.ndarray

    def __len__(self) -> int:
        return int(self.rows.sum())

    def mask(self, keep: np.ndarray) -> Kept:
        """Returns those for which `keep` is true."""
        rows = np.zeros(len(self.rows), bool)
        rows[np.flatnonzero(self.rows)[keep]] = True
        return Kept(self.path, rows)

    def read(self) -> Corpus:
        """Reads the shard."""
        return read_shard(self.path).corpus.mask(self.rows)


@dataclass(frozen=True)
class InMemory:
    """Examples that are in memory."""

    corpus: Corpus

    def __len__(self) -> int:
        return len(self.corpus)

    def mask(self, keep: np.ndarray) -> InMemory:
        """Returns those for which `keep` is true."""
        return InMemory(self.corpus.mask(keep))

    def read(self) -> Corpus:
        """Returns them."""
        return self.corpus


def cut_pieces(pieces: Iterable[Piece], size: int) -> Iterator[tuple[Piece, ...]]:
    """Cuts a stream of pieces into groups that have so many examples together; the last may have fewer."""
    group: list[Piece] = []
    room = size
    for piece in pieces:
        begin = 0
        while begin < len(piece):
            end = min(begin + room, len(piece))
            place = np.arange(len(piece))
            group.append(piece if end - begin == len(piece) else piece.mask((begin <= place) & (place < end)))
            room -= end - begin
            begin = end
            if not room:
                yield tuple(group)
                group, room = [], size
    if group:
        yield tuple(group)
