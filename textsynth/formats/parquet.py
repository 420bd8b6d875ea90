"""Parquet: one file, with the columns of a corpus or those of others."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, ClassVar, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from textsynth.components.format import Format, Part
from textsynth.conversion.spool import spool_file
from textsynth.corpus import SCHEMA, Corpus, Names, Tokenizer
from textsynth.corpus.classes import split_class_column
from textsynth.corpus.tag_notation import Scheme
from textsynth.errors import FormatError
from textsynth.foundation.disk import whole_file
from textsynth.reading.foreign_table import keep_valid, read_table, report_to
from textsynth.reading.multi_hot import check_hot_option, make_hot
from textsynth.reading.records import BATCH, Faults, open_binary
from textsynth.reading.table_columns import (
    HEAD,
    NamedColumns,
    TableColumns,
    check_hot_unread,
    find_columns,
    find_flags,
    find_unread,
)
from textsynth.reading.tagged_table import find_names, find_notation
from textsynth.reading.unread import Unread

MAGIC = "PAR1"
_LABEL = SCHEMA.get_field_index("label")
_LISTS = SCHEMA.set(_LABEL, pa.field("label", pa.list_(pa.string())))
"""The columns of a corpus whose texts have several classes."""


@dataclass(frozen=True, kw_only=True)
class Parquet(Format):
    """Parquet with `text`, `spans` and `label`; `tokens` with tags and integers for classes are read too.

    Integers get their names from the features that Hugging Face datasets writes into a file; without those, the
    class of a text is the number itself. Rows count from 1 in messages.

    Args:
        text: the column of the text; `text`, `sentence` or another usual name if it is not named. It is written as
            `text`.
        spans: the column of the spans, objects with start, end and label; `spans`, `entities` or another usual name
            if it is not named.
        label: the column of the class, or of a list of classes; `label`, `intent` or another usual name if it is not
            named. It is written as `label`.
        classes: columns of 0 and 1, one for each class and called like it; read and written instead of `label`.
        tags: the column of the tags, one a token; `ner_tags`, `tags` or `labels` if it is not named.
        scheme: the scheme of the tags; `auto` finds it out from all rows.
        ignore: columns that are passed over, whatever they look like, and not named.
    """

    text: str | None = None
    spans: str | None = None
    label: str | None = None
    classes: tuple[str, ...] = ()
    tags: str | None = None
    scheme: Literal["auto"] | Scheme = "auto"
    ignore: tuple[str, ...] = ()

    suffixes: ClassVar[tuple[str, ...]] = (".parquet", ".pq")
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin"})

    def __post_init__(self) -> None:
        super().__post_init__()
        check_hot_option(self.classes, self.label)

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows a parquet file by its first four bytes."""
        return 2 if head.startswith(MAGIC) else super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example a row, with bounded memory."""
        named = NamedColumns(self.text, self.spans, self.label, self.tags, self.classes)
        with open_binary(path) as file:
            parquet = _open(file, path)
            features, unread = _find_features(parquet), Unread(self.ignore)
            columns = find_columns(parquet.schema_arrow, features, named, str(path))
            find_unread(parquet.schema_arrow, features, columns, unread, str(path))
            flags = find_flags(parquet.schema_arrow, columns, unread)
            for head in itertools.islice(parquet.iter_batches(HEAD, columns=flags), bool(flags)):
                check_hot_unread(pa.Table.from_batches([head]), columns, unread, str(path))
            unread.log(path)
            scheme = None if self.scheme == "auto" else self.scheme
            notation = find_notation(_read_tables(parquet, columns, path), columns, scheme, str(path))
            names = find_names(columns, notation)
            if not names.classes and not names.labels:
                names = replace(Names.from_metadata(_merge_metadata(parquet)), several=names.several)
            first = 1
            for table in _read_tables(parquet, columns, path):
                reading = read_table(table, columns, notation)
                corpus = keep_valid(reading, report_to(path, faults, first))
                yield Corpus.from_trusted(corpus.table, _find_tokenizer(parquet) or reading.tokenizer, names)
                first += table.num_rows

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one row an example and one row group a batch; classes as lists if a text has several."""
        with whole_file(path) as partial:
            several = self._write_batches(batches, partial)
            if several and not self.classes:
                _turn_into_lists(partial)

    def _write_batches(self, batches: Iterable[Corpus], path: Path) -> bool:
        """Writes the columns of a corpus, and says whether a text has several classes: then they must be lists."""
        tokenizers, names, several = set(), set(), False
        with pq.ParquetWriter(path, _make_hot_schema(self.classes) if self.classes else SCHEMA) as writer:
            for batch in batches:
                tokenizers |= {batch.tokenizer} if len(batch) else set()
                names |= {batch.names} if len(batch) else set()
                several = several or batch.several
                writer.write_table(_make_hot_table(batch, self.classes) if self.classes else batch.table)
            tokenizer = tokenizers.pop() if len(tokenizers) == 1 else "words"
            writer.add_key_value_metadata({"tokenizer": tokenizer} | Names.shared(names).to_metadata())
        return several


def _turn_into_lists(path: Path) -> None:
    """Writes a file again, with the classes of each text as a list, row group by row group."""
    with spool_file(path.name) as plain:
        shutil.move(path, plain)
        with pq.ParquetFile(plain) as parquet, pq.ParquetWriter(path, _LISTS) as writer:
            for number in range(parquet.num_row_groups):
                table = parquet.read_row_group(number)
                lists = split_class_column(table.column("label"))
                writer.write_table(table.set_column(_LABEL, _LISTS.field(_LABEL), lists).cast(_LISTS))
            kept = {key: value for key, value in (parquet.metadata.metadata or {}).items() if key != b"ARROW:schema"}
            writer.add_key_value_metadata(kept)


def _make_hot_schema(classes: Sequence[str]) -> pa.Schema:
    flags = [pa.field(name, pa.int8()) for name in classes]
    fields = [SCHEMA.field("text"), *flags, *(SCHEMA.field(name) for name in ("spans", "origin", "parent"))]
    return pa.schema(fields)


def _make_hot_table(batch: Corpus, classes: Sequence[str]) -> pa.Table:
    """Returns a batch with a column of 0 and 1 for each class instead of that of the class."""
    rows = [make_hot(classes, combination) for combination in batch.table.column("label").to_pylist()]
    flags = {name: pa.array([row[name] for row in rows], pa.int8()) for name in classes}
    columns = {name: batch.table.column(name) for name in ("text", "spans", "origin", "parent")} | flags
    schema = _make_hot_schema(classes)
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _open(file: IO[bytes], path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"{path}: must be a parquet file: {_cut_to_line(error)}") from error


def _read_tables(parquet: pq.ParquetFile, columns: TableColumns, path: Path) -> Iterator[pa.Table]:
    """Yields the rows, with the columns that are used, batch by batch."""
    made = [name for name in ("origin", "parent") if name in parquet.schema_arrow.names]
    try:
        for batch in parquet.iter_batches(BATCH, columns=[*columns.list_used(), *made]):
            yield pa.Table.from_batches([batch])
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"{path}: must be a whole parquet file: {_cut_to_line(error)}") from error


def _find_features(parquet: pq.ParquetFile) -> dict[str, Any]:
    """Returns the Hugging Face features that a file carries as plain data, or nothing."""
    raw = _merge_metadata(parquet).get(b"huggingface", b"{}")
    try:
        return dict(json.loads(raw)["info"]["features"])
    except (ValueError, KeyError, TypeError):
        return {}


def _find_tokenizer(parquet: pq.ParquetFile) -> Tokenizer | None:
    known: dict[bytes, Tokenizer] = {b"words": "words", b"whitespace": "whitespace"}
    return known.get(_merge_metadata(parquet).get(b"tokenizer", b""))


def _merge_metadata(parquet: pq.ParquetFile) -> dict[bytes, bytes]:
    return (parquet.schema_arrow.metadata or {}) | (parquet.metadata.metadata or {})


def _cut_to_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
