"""Parquet: one file, with the columns of a corpus or those of others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from textsynth.components.format import Part
from textsynth.components.table_format import TableFormat
from textsynth.conversion.spool import learn_types
from textsynth.corpus import SCHEMA, Corpus, Names, Tokenizer
from textsynth.corpus.fields import make_columns
from textsynth.corpus.table import SPACY
from textsynth.errors import CarryError, FormatError
from textsynth.foundation.disk import whole_file
from textsynth.reading.foreign_table import keep_valid, read_table, report_to
from textsynth.reading.records import BATCH, Faults, open_binary
from textsynth.reading.table_columns import check_cells, find_columns, find_unread
from textsynth.reading.tagged_table import find_names, find_notation
from textsynth.reading.unread import Unread

MAGIC = "PAR1"


@dataclass(frozen=True, kw_only=True)
class Parquet(TableFormat):
    """Parquet with `text`, `spans` and `label`; `tokens` with tags and integers for classes are read too.

    Integers get their names from the features that Hugging Face datasets writes into a file; without those, the
    class of a text is the number itself. Columns are written as `text`, `spans` and `label`, or under the names that
    options give them. Rows count from 1 in messages.
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
            unread.log(path)
            used = columns.list_used()
            notation = find_notation(_read_tables(parquet, used, path), columns, self.name_scheme(), str(path))
            names = find_names(columns, notation)
            if not (names.classes or names.labels):
                names = replace(Names.from_metadata(_merge_metadata(parquet)), fields=names.fields)
            first = 1
            for table in _read_tables(parquet, [*used, *_list_made(parquet)], path):
                reading = read_table(table, columns, notation)
                corpus = keep_valid(reading, report_to(path, faults, first))
                yield Corpus.from_trusted(corpus.table, _find_tokenizer(parquet) or reading.tokenizer, names)
                first += table.num_rows
            named.keep.check()

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one row an example and one row group a batch; fields are columns behind the others."""
        tokenizers, names = set(), set()
        own = [getattr(self, name, None) or name for name in SCHEMA.names]
        columns = [field.with_name(name) for field, name in zip(SCHEMA, own, strict=True)]
        with learn_types(batches) as (types, stream), whole_file(path) as partial:
            types = tuple(replace(each, classes=()) for each in types)  # Classes are written by their names.
            for each in types:
                if each.name in own:
                    raise CarryError(f"the field {each.name!r} has the name of another column in 'parquet'")
            schema = pa.schema([*columns, *(pa.field(each.name, each.type) for each in types)])
            with pq.ParquetWriter(partial, schema) as writer:
                for batch in stream:
                    tokenizers |= {batch.tokenizer} if len(batch) else set()
                    names |= {replace(batch.names, fields=())} if len(batch) else set()
                    held = make_columns(batch.fields, types)
                    table = batch.table.select(SCHEMA.names)
                    writer.write_table(pa.table([*table.columns, *held.values()], schema=schema))
                tokenizer = tokenizers.pop() if len(tokenizers) == 1 else "words"
                writer.add_key_value_metadata({"tokenizer": tokenizer} | Names.shared(names).to_metadata())


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
