"""Templates as columns: a `Template` is made of each when it is asked for."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Self, overload

import numpy as np
import pyarrow as pa

from textsynth.corpus import Corpus
from textsynth.corpus.classes import write_class_cell
from textsynth.corpus.code_points import text_buffers
from textsynth.corpus.mapped import read_mapped, write_mapped
from textsynth.corpus.ragged import find_first
from textsynth.corpus.table import one_chunk
from textsynth.extract.escape import escape
from textsynth.extract.template import HEADER, Template
from textsynth.extract.wording import list_wordings
from textsynth.foundation.disk import whole_file

_SCHEMA = pa.schema([("template", pa.string()), ("label", pa.string()), ("count", pa.int64())])
_AT_ONCE = 10_000
"""Templates that are Python objects at a time."""


class TemplateColumns(Sequence[Template]):
    """Templates as columns, as a sequence of templates; a source may have millions.

    Args:
        table: `template` as it is written, `label`, null for none, and `count`.

    >>> columns = TemplateColumns.of([Template.parse("Dear {PERSON}", "greet", 2)])
    >>> columns[0].to_text(), columns[0].label, columns[0].count
    ('Dear {PERSON}', 'greet', 2)
    """

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    @classmethod
    def of(cls, templates: Iterable[Template]) -> Self:
        """Takes templates; columns stay as they are."""
        if isinstance(templates, cls):
            return templates
        rows = [(each.to_text(), each.label, each.count) for each in templates]
        columns = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(pa.table(list(map(pa.array, columns, _SCHEMA.types)), schema=_SCHEMA))

    @classmethod
    def of_corpus(cls, corpus: Corpus) -> Self:
        """Returns the distinct templates of a corpus with their counts, in order of first appearance.

        Args:
            corpus: its parents are the fingerprints of its wordings.
        """
        first = find_first(number_fingerprints(corpus), number_labels(corpus.table.column("label")))
        rows, counts = np.unique(first, return_counts=True)
        parts = [(one_chunk(part.table.column("label")), list_wordings(part)) for part in _take_in_parts(corpus, rows)]
        labels, written = (pa.chunked_array(each, pa.string()) for each in zip(*parts, strict=True))
        return cls(pa.table([written, labels, pa.array(counts, pa.int64())], schema=_SCHEMA))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads what `write` wrote; the file stays mapped into memory."""
        return cls(read_mapped(path))

    def write(self, path: Path) -> None:
        """Writes the columns."""
        write_mapped(self.table.to_batches(), _SCHEMA, path)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @overload
    def __getitem__(self, key: int) -> Template: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Template, ...]: ...
    def __getitem__(self, key: int | slice) -> Template | tuple[Template, ...]:
        rows = range(len(self))[key]
        if isinstance(rows, range):
            return tuple(_parse(self.table.take(pa.array(rows, pa.int64()))))
        return next(_parse(self.table.slice(rows, 1)))

    def __iter__(self) -> Iterator[Template]:
        for batch in self.table.to_batches(_AT_ONCE):
            yield from _parse(batch)

    def __eq__(self, other: object) -> bool:
        return self.table.equals(other.table) if isinstance(other, TemplateColumns) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def written(self) -> Iterator[str]:
        """Yields each as it is written."""
        for batch in self.table.to_batches(_AT_ONCE):
            yield from batch.column("template").to_pylist()

    def mask(self, keep: np.ndarray) -> Self:
        """Returns those for which `keep`, `(templates,)`, is true."""
        return type(self)(self.table.filter(pa.array(keep, pa.bool_())))

    def write_lines(self, path: Path) -> None:
        """Writes them as tab-separated `count`, `label`, `template`, to look at and to edit."""
        write_label = functools.lru_cache(lambda label: escape(write_class_cell(label)))
        with whole_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
            file.write("\t".join(HEADER) + "\n")
            for batch in self.table.to_batches(_AT_ONCE):
                written, labels, counts = (column.to_pylist() for column in batch.columns)
                rows = zip(counts, map(write_label, labels), written, strict=True)
                file.writelines(f"{count}\t{label}\t{text}\n" for count, label, text in rows)


def number_fingerprints(corpus: Corpus) -> np.ndarray:
    """Returns the fingerprint of each example's wording, which is its parent, as a number, `(examples,)`."""
    parents = corpus.table.column("parent").chunks
    return np.concatenate([np.zeros(0, np.uint64), *map(_read_hexadecimal, parents)])


def number_labels(labels: pa.ChunkedArray) -> np.ndarray:
    """Returns the same number for equal labels, null among them, `(labels,)`."""
    codes = one_chunk(labels.dictionary_encode(null_encoding="encode")).indices
    return codes.to_numpy().astype(np.int64)


def _parse(columns: pa.Table | pa.RecordBatch) -> Iterator[Template]:
    return map(Template.parse, *(column.to_pylist() for column in columns.columns))


def _read_hexadecimal(written: pa.StringArray) -> np.ndarray:
    """Reads numbers of 16 hexadecimal digits."""
    digits = text_buffers(written)[1].tobytes().decode("ascii")
    return np.frombuffer(bytes.fromhex(digits), ">u8").astype(np.uint64)


def _take_in_parts(corpus: Corpus, rows: np.ndarray) -> Iterator[Corpus]:
    """Yields the examples at some positions, which rise, in parts, so that little is copied at a time."""
    begin = 0
    for part in corpus.in_batches(_AT_ONCE * 10):
        first, stop = np.searchsorted(rows, (begin, begin + len(part)))
        yield part.take(rows[first:stop] - begin)
        begin += len(part)
