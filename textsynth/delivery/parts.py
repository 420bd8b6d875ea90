"""What is delivered, in parts that any process can count or write; what they brought is put together in order."""

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus import Corpus
from textsynth.corpus.classes import count_classes
from textsynth.corpus.fields import FieldType, TypeSearch
from textsynth.corpus.table import count_values
from textsynth.delivery.split import parents_of
from textsynth.huggingface.columns import Columns
from textsynth.huggingface.dataset import encode
from textsynth.production.piece import Piece


@dataclass
class Counts:
    """What is counted of examples.

    Args:
        repeats: how many have a text that is known.
        longest: bytes of the longest text.
        parents: how often each parent comes.
        labels: how often each label.
        combinations: how often each class, or each of several together.
        fields: which fields they have.
    """

    repeats: int = 0
    longest: int = 0
    parents: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    combinations: Counter[str] = field(default_factory=Counter)
    fields: TypeSearch = field(default_factory=TypeSearch)

    @classmethod
    def of(cls, corpora: Iterable[Corpus], known: pa.StringArray) -> Counts:
        """Counts examples.

        Args:
            corpora: the examples.
            known: texts in small letters, whose repeats are counted.
        """
        counts = cls()
        for corpus in corpora:
            if corpus.has_fields:
                counts.fields.add(corpus.fields)
            if len(known):
                counts.repeats += pc.sum(pc.is_in(pc.utf8_lower(corpus.texts), known)).as_py() or 0
            counts.longest = max(counts.longest, pc.max(pc.binary_length(corpus.texts)).as_py() or 0)
            counts.parents.update(count_values(parents_of(corpus)))
            counts.labels.update(count_values(corpus.spans.labels))
            counts.combinations.update(count_values(corpus.table.column("label").drop_null()))
        return counts

    def add(self, others: Counts) -> None:
        """Adds what was counted of the examples that come next."""
        self.repeats += others.repeats
        self.longest = max(self.longest, others.longest)
        self.parents.update(others.parents)
        self.labels.update(others.labels)
        self.combinations.update(others.combinations)
        self.fields.add_types(others.fields)

    @property
    def classes(self) -> dict[str, int]:
        """Examples by class."""
        return count_classes(self.combinations)

    def splits(self, sides: Mapping[str, str]) -> Counter[str]:
        """Returns examples by split."""
        splits: Counter[str] = Counter()
        for parent, count in self.parents.items():
            splits[sides[parent]] += count
        return splits


@dataclass(frozen=True)
class Counted:
    """Examples to count.

    Args:
        piece: the examples.
        known: texts in small letters, whose repeats are counted.
    """

    piece: Piece
    known: pa.StringArray

    def __str__(self) -> str:
        """Names it, for messages."""
        return "the count of a shard"


def count_part(part: Counted) -> Counts:
    """Counts the examples of a part."""
    return Counts.of([part.piece.read()], part.known)


@dataclass(frozen=True)
class Encoded:
    """Examples to encode for a dataset.

    Args:
        pieces: the examples.
        file: where to write them.
        columns: those of the dataset.
        fields: the fields among them.
        parent: whether examples keep what they were made from.
    """

    pieces: Sequence[Piece]
    file: Path
    columns: Columns
    fields: Sequence[FieldType]
    parent: bool

    def __len__(self) -> int:
        return sum(map(len, self.pieces))

    def __str__(self) -> str:
        """Names it, for messages."""
        return f"{self.file.name} of the dataset"


def encode_part(part: Encoded) -> Encoded:
    """Writes the examples of a part as they stand inside an Arrow file."""
    corpora = (piece.read() for piece in part.pieces)
    batches = corpora if part.parent else map(_without_parents, corpora)
    with part.file.open("wb") as file:
        file.writelines(encode(batches, part.columns, part.fields))
    return part


def take_part(part: Encoded) -> Iterator[mmap.mmap]:
    """Yields what a part has written, and removes it."""
    with part.file.open("rb") as file:
        if part.file.stat().st_size:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                yield mapped
    part.file.unlink()


def _without_parents(batch: Corpus) -> Corpus:
    """Leaves out what has done its work with the division, so that the dataset has the columns its users know."""
    return batch.with_column("parent", pa.repeat(pa.scalar(""), len(batch)))
