"""What is put into files for a while, which messages do not name: what is no file, and streams that are read twice."""

from __future__ import annotations

import contextlib
import itertools
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from textsynth.corpus import Corpus
from textsynth.corpus.fields import FieldType, TypeSearch
from textsynth.errors import CarryError, TextsynthError, UnknownField
from textsynth.reading.path_name import set_name
from textsynth.reading.records import Fault, Faults


@dataclass(frozen=True, slots=True)
class Alias:
    """What messages say instead of a path that a user has never seen.

    Args:
        path: the path.
        name: what it is called, such as `"standard input"`.
        unit: what its records are called, such as `"item"`: they then count from 0, as in Python, and are named
            instead of the whole. If empty, they are lines, which count from 1.
    """

    path: Path
    name: str
    unit: str = ""

    def rename(self, message: str) -> str:
        """Returns a message about the path as one about what it stands for.

        >>> Alias(Path("x.jsonl"), "the items", "item").rename("x.jsonl:3: the text must be a string")
        'item 2: the text must be a string'
        >>> Alias(Path("/spool/x"), "standard input").rename("/spool/x:3: the text must be a string")
        'standard input:3: the text must be a string'
        """
        if self.unit:
            place = re.compile(re.escape(str(self.path)) + r":(?:\w+ )?(\d+): ")
            message = place.sub(lambda found: f"{self.unit} {int(found[1]) - 1}: ", message)
        return message.replace(str(self.path), self.name)

    def rename_fault(self, fault: Fault) -> Fault:
        """Returns a fault with the number of its record as the user counts."""
        number = re.search(r"\d+$", str(fault.line))
        return replace(fault, line=int(number[0]) - 1) if self.unit and number else fault


@contextlib.contextmanager
def rename_path(alias: Alias, faults: Faults) -> Iterator[None]:
    """Renames a path in the errors, the log and the rejected records of a block."""
    before = len(faults.rejected)
    set_name(alias.path, alias.name)
    try:
        yield
    except TextsynthError as error:
        renamed = alias.rename(str(error))
        names = [error.names] if isinstance(error, UnknownField) else []
        raise type(error)(renamed, *names) from error
    finally:
        set_name(alias.path, None)
        faults.rejected[before:] = [
            (Path(alias.name), alias.rename_fault(fault)) if path == alias.path else (path, fault)
            for path, fault in faults.rejected[before:]
        ]


@contextlib.contextmanager
def spool_file(name: str) -> Iterator[Path]:
    """Gives the path of a file to write in a folder that vanishes with the block."""
    with tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
        yield Path(folder) / name


@contextlib.contextmanager
def learn_types(batches: Iterable[Corpus]) -> Iterator[tuple[tuple[FieldType, ...], Iterator[Corpus]]]:
    """Gives the types of the fields of a stream, and the stream.

    If it has fields whose types it does not declare, it goes through the disk, so that all are seen before the first
    is written.

    Args:
        batches: the stream; it is read once.

    Raises:
        CarryError: if its first examples have no fields and later ones do.
    """
    stream = iter(batches)
    head: list[Corpus] = []
    for batch in stream:
        head.append(batch)
        if len(batch):
            break
    first = head[-1] if head else Corpus.empty()
    whole = itertools.chain(head, stream)
    if first.names.fields or not first.has_fields:
        yield first.names.fields, whole if first.names.fields else map(_refuse_fields, whole)
        return
    search = TypeSearch()
    with spool_file("batches") as folder:
        for number, batch in enumerate(whole):
            search.add(batch.fields)
            batch.write_parquet(folder / f"{number:08d}.parquet")
        yield search.types(), map(Corpus.read_parquet, sorted(folder.iterdir()))


def _refuse_fields(batch: Corpus) -> Corpus:
    """Lets a batch through that has no fields."""
    if batch.fields.null_count < len(batch):
        raise CarryError(
            "some examples have fields, and those before them have no column of fields; read all with keep"
        )
    return batch
