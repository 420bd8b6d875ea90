"""Parquet: one file, with the columns of a corpus or those of others."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from textsynth.components.format import Part
from textsynth.components.table_format import TableFormat
from textsynth.conversion.spool import learn_types, spool_file
from textsynth.corpus import SCHEMA, Corpus, Names, Tokenizer
from textsynth.corpus.classes import split_class_column
from textsynth.corpus.fields import FieldType, make_columns
from textsynth.corpus.tokenizer_name import SPACY
from textsynth.errors import CarryError, FormatError
from textsynth.foundation.disk import whole_file
from textsynth.reading.foreign_table import check_whole, keep_valid, read_table, report_to
from textsynth.reading.multi_hot import make_hot
from textsynth.reading.records import BATCH, Faults, open_binary
from textsynth.reading.table_columns import (
    HEAD,
    check_cells,
    check_hot_unread,
    find_columns,
    find_flags,
    find_unread,
)
from textsynth.reading.tagged_table import find_names, find_notation
from textsynth.reading.unread import Unread

MAGIC = "PAR1"
_LABEL = SCHEMA.get_field_index("label")


@dataclass(frozen=True, kw_only=True)
class Parquet(TableFormat):
    """Parquet with `text`, `spans` and `label`; `tokens` with tags and integers for classes are read too.

    Integers get their names from the features that Hugging Face datasets writes into a file; without those, the
    class of a text is the number itself. Columns are written as `text`, `spans` and `label`, or under the names that
    options give them; if a text has several classes, `label` holds lists. Columns of 0 and 1 are written too, instead
    of `label`, if the option `classes` names them. Rows count from 1 in messages.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".parquet", ".pq")
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin", "fields"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows a parquet file by its first four bytes."""
        return 2 if head.startswith(MAGIC) else super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example a row, with bounded memory."""
        with open_binary(path) as file:
            parquet = _open(file, path)
            features, unread = _find_features(parquet), Unread(self.ignore)
            named = self.name_columns(str(path))
            columns = find_columns(parquet.schema_arrow, features, named, str(path))
            strings = find_unread(parquet.schema_arrow, features, columns, unread, str(path))
            check_cells(_read_tables(parquet, strings, path) if strings else (), strings, str(path))
            flags = find_flags(parquet.schema_arrow, columns, unread)
            for head in itertools.islice(parquet.iter_batches(HEAD, columns=flags), bool(flags)):
                check_hot_unread(pa.Table.from_batches([head]), columns, unread, str(path))
            unread.log(path)
            used = columns.list_used()
            notation = find_notation(_read_tables(parquet, used, path), columns, self.name_scheme(), str(path))
            names = find_names(columns, notation)
            if not names.classes and not names.labels:
                own = Names.from_metadata(_merge_metadata(parquet))
                names = replace(own, several=names.several, fields=names.fields)
            first = 1
            for table in _read_tables(parquet, [*used, *_list_made(parquet)], path):
                check_whole(table, str(path), columns.text)
                reading = read_table(table, columns, notation)
                corpus = keep_valid(reading, report_to(path, faults, first))
                yield Corpus.from_trusted(corpus.table, _find_tokenizer(parquet) or reading.tokenizer, names)
                first += table.num_rows
            named.keep.check()

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one row an example and one row group a batch; classes as lists if a text has several, fields last."""
        with learn_types(batches) as (types, stream), whole_file(path) as partial:
            several = self._write_batches(stream, partial, [replace(each, classes=()) for each in types])
            if several and not self.classes:
                _turn_into_lists(partial, self.label or "label")

    def _make_schema(self) -> pa.Schema:
        """Returns the columns under the names that options give them, with those of `classes` instead of the class."""
        fields = [field.with_name(getattr(self, field.name, None) or field.name) for field in SCHEMA]
        flags = [pa.field(name, pa.int8()) for name in self.classes]
        return pa.schema([*fields[:_LABEL], *flags, *fields[_LABEL + 1 :]] if flags else fields)

    def _write_batches(self, batches: Iterable[Corpus], path: Path, types: Sequence[FieldType]) -> bool:
        """Writes the columns of a corpus, and says whether a text has several classes: then they must be lists."""
        tokenizers, names, several = set(), set(), False
        own = self._make_schema()
        for each in types:
            if each.name in own.names:
                raise CarryError(f"the field {each.name!r} has the name of another column in 'parquet'")
        schema = pa.schema([*own, *(pa.field(each.name, each.type) for each in types)])
        with pq.ParquetWriter(path, schema) as writer:
            for batch in batches:
                tokenizers |= {batch.tokenizer} if len(batch) else set()
                names |= {replace(batch.names, fields=())} if len(batch) else set()
                several = several or batch.several
                columns = [*_list_columns(batch, self.classes), *make_columns(batch.fields, types).values()]
                writer.write_table(pa.table(columns, schema=schema))
            tokenizer = tokenizers.pop() if len(tokenizers) == 1 else "words"
            writer.add_key_value_metadata({"tokenizer": tokenizer} | Names.merge(names).to_metadata())
        return several


def _turn_into_lists(path: Path, label: str) -> None:
    """Writes a file again, with the classes of each text as a list, row group by row group."""
    with spool_file(path.name) as plain:
        shutil.move(path, plain)
        with pq.ParquetFile(plain) as parquet:
            at = parquet.schema_arrow.get_field_index(label)
            schema = parquet.schema_arrow.set(at, pa.field(label, pa.list_(pa.string()))).remove_metadata()
            with pq.ParquetWriter(path, schema) as writer:
                for number in range(parquet.num_row_groups):
                    table = parquet.read_row_group(number)
                    lists = split_class_column(table.column(label))
                    writer.write_table(table.set_column(at, schema.field(at), lists).cast(schema))
                kept = parquet.metadata.metadata or {}
                writer.add_key_value_metadata({key: value for key, value in kept.items() if key != b"ARROW:schema"})


def _list_columns(batch: Corpus, classes: Sequence[str]) -> list[Any]:
    """Returns the columns of a batch, with one of 0 and 1 for each class that is named instead of that of the class."""
    columns = list(batch.table.select(SCHEMA.names).columns)
    if not classes:
        return columns
    rows = [make_hot(classes, combination) for combination in columns[_LABEL].to_pylist()]
    flags = [pa.array([row[name] for row in rows], pa.int8()) for name in classes]
    return [*columns[:_LABEL], *flags, *columns[_LABEL + 1 :]]


def _open(file: IO[bytes], path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"{path}: must be a parquet file: {_cut_to_line(error)}") from error


def _read_tables(parquet: pq.ParquetFile, columns: Sequence[str], path: Path) -> Iterator[pa.Table]:
    """Yields the rows with some of the columns, batch by batch."""
    try:
        for batch in parquet.iter_batches(BATCH, columns=list(columns)):
            yield pa.Table.from_batches([batch])
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"{path}: must be a whole parquet file: {_cut_to_line(error)}") from error


def _list_made(parquet: pq.ParquetFile) -> list[str]:
    """Returns the columns that say where an example comes from."""
    return [name for name in ("origin", "parent") if name in parquet.schema_arrow.names]


def _find_features(parquet: pq.ParquetFile) -> dict[str, Any]:
    """Returns the Hugging Face features that a file carries as plain data, or nothing."""
    raw = _merge_metadata(parquet).get(b"huggingface", b"{}")
    try:
        return dict(json.loads(raw)["info"]["features"])
    except (ValueError, KeyError, TypeError):
        return {}


def _find_tokenizer(parquet: pq.ParquetFile) -> Tokenizer | None:
    """Returns the tokenizer that a file names; other programs may mean something else by that word."""
    name = _merge_metadata(parquet).get(b"tokenizer", b"").decode("utf-8", "replace")
    return name if name in ("words", "whitespace") or name.startswith(SPACY) else None


def _merge_metadata(parquet: pq.ParquetFile) -> dict[bytes, bytes]:
    return (parquet.schema_arrow.metadata or {}) | (parquet.metadata.metadata or {})


def _cut_to_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
