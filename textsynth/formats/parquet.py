"""Parquet: one file, with the columns of a corpus or those of others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, ClassVar, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from textsynth.components.format import Format, Part
from textsynth.conversion.spool import learn_types
from textsynth.corpus import SCHEMA, Corpus, Names, Tokenizer
from textsynth.corpus.fields import FieldType, make_columns
from textsynth.corpus.tag_notation import Scheme
from textsynth.errors import FormatError
from textsynth.foundation.disk import whole_file
from textsynth.reading.foreign_table import keep_valid, read_table, report_to
from textsynth.reading.keep import Keep, KeptNames
from textsynth.reading.records import BATCH, Faults, open_binary
from textsynth.reading.table_columns import NamedColumns, TableColumns, find_columns, find_unread
from textsynth.reading.tagged_table import find_names, find_notation
from textsynth.reading.unread import Unread

MAGIC = "PAR1"


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
        label: the column of the class; `label`, `intent` or another usual name if it is not named. It is written as
            `label`.
        tags: the column of the tags, one a token; `ner_tags`, `tags` or `labels` if it is not named.
        scheme: the scheme of the tags; `auto` finds it out from all rows.
        keep: columns that travel with an example to all that is made of it, and to what is written, with their types;
            "*" for all that nothing reads. Of a ClassLabel, the names are kept.
        ignore: columns that are passed over, whatever they look like, and not named.
    """

    text: str | None = None
    spans: str | None = None
    label: str | None = None
    tags: str | None = None
    scheme: Literal["auto"] | Scheme = "auto"
    keep: KeptNames = ()
    ignore: tuple[str, ...] = ()

    suffixes: ClassVar[tuple[str, ...]] = (".parquet", ".pq")
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin", "fields"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows a parquet file by its first four bytes."""
        return 2 if head.startswith(MAGIC) else super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example a row, with bounded memory."""
        keep = Keep(self.keep, self.ignore, str(path))
        named = NamedColumns(text=self.text, spans=self.spans, label=self.label, tags=self.tags, keep=keep)
        with open_binary(path) as file:
            parquet = _open(file, path)
            features, unread = _find_features(parquet), Unread(self.ignore)
            columns = find_columns(parquet.schema_arrow, features, named, str(path))
            find_unread(parquet.schema_arrow, features, columns, unread, str(path))
            unread.log(path)
            scheme = None if self.scheme == "auto" else self.scheme
            notation = find_notation(_read_tables(parquet, columns, path), columns, scheme, str(path))
            names = find_names(columns, notation)
            if not (names.classes or names.labels):
                names = replace(Names.from_metadata(_merge_metadata(parquet)), fields=names.fields)
            first = 1
            for table in _read_tables(parquet, columns, path):
                reading = read_table(table, columns, notation)
                corpus = keep_valid(reading, report_to(path, faults, first))
                yield Corpus.from_trusted(corpus.table, _find_tokenizer(parquet) or reading.tokenizer, names)
                first += table.num_rows
            keep.check()

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one row an example and one row group a batch; fields are columns behind the others."""
        tokenizers, names = set(), set()
        with learn_types(batches) as (types, stream), whole_file(path) as partial:
            schema = pa.schema([*SCHEMA, *(pa.field(each.name, _unclassed(each).type) for each in types)])
            with pq.ParquetWriter(partial, schema) as writer:
                for batch in stream:
                    tokenizers |= {batch.tokenizer} if len(batch) else set()
                    names |= {replace(batch.names, fields=())} if len(batch) else set()
                    columns = make_columns(batch.fields, [_unclassed(each) for each in types])
                    table = batch.table.select(SCHEMA.names)
                    writer.write_table(pa.table([*table.columns, *columns.values()], schema=schema))
                tokenizer = tokenizers.pop() if len(tokenizers) == 1 else "words"
                writer.add_key_value_metadata({"tokenizer": tokenizer} | Names.shared(names).to_metadata())


def _unclassed(type: FieldType) -> FieldType:
    """Returns the type of a field whose classes are written by their names."""
    return replace(type, classes=())


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
