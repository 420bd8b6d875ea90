"""Corpus: an immutable table of examples, columnar, whose invariants are checked all at once."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from textsynth.corpus.classes import (
    Label,
    have_marks,
    join_class_lists,
    join_classes,
    split_classes,
    to_label,
)
from textsynth.corpus.example import Example, Span
from textsynth.corpus.fields import FIELDS, read_fields, write_fields
from textsynth.corpus.invariants import find_faults
from textsynth.corpus.mapped import spool, take_rows
from textsynth.corpus.names import Names
from textsynth.corpus.span_columns import SPAN, SpanColumns, span_array, span_columns, span_list
from textsynth.corpus.tokenizer_name import Tokenizer, check_tokenizer, name_tokenizer
from textsynth.errors import InvalidExample
from textsynth.foundation.disk import whole_file

if TYPE_CHECKING:
    import datasets
    import pandas

SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("spans", pa.list_(SPAN)),
        ("label", pa.string()),
        ("origin", pa.string()),
        ("parent", pa.string()),
    ]
)
"""The columns of a corpus."""

_READ_AT_ONCE = 10_000
"""Rows of a parquet file that are in memory at a time if it is mapped."""


class Corpus:
    """An immutable table of examples.

    Iterates as `Example`s, slices to a `Corpus`, and holds its rows as one Arrow table.

    Args:
        table: columns as in `SCHEMA`; missing ones but `text` are filled with nothing. A column `fields` may have the
            fields of each example, a JSON object as text, or null.
        tokenizer: how its text falls into tokens when tokens are asked for.

    Raises:
        InvalidExample: with the first row that breaks an invariant of `Example`.

    >>> corpus = Corpus.from_columns(text=["Ada, hi", "hi"], spans=[[(0, 3, "PERSON")], []], label=["greet", "greet"])
    >>> len(corpus), corpus[0].mentions(), corpus.labels, corpus.classes
    (2, ('Ada',), ('PERSON',), ('greet',))
    """

    def __init__(self, table: pa.Table, *, tokenizer: Tokenizer = "words") -> None:
        self.table = _sort_spans(_conform(table))
        self.tokenizer = name_tokenizer(tokenizer)
        self.names = Names()
        self._sound = True
        for row, reason in find_faults(self.table).items():
            raise InvalidExample(f"example {row}: {reason}")

    @classmethod
    def from_trusted(cls, table: pa.Table, tokenizer: Tokenizer = "words", names: Names | None = None) -> Corpus:
        """Wraps a table that is known to hold the invariants, without a look at it."""
        corpus = cls.__new__(cls)
        corpus.table = table
        corpus.tokenizer = name_tokenizer(tokenizer)
        corpus.names = names or Names()
        corpus._sound = False
        return corpus

    @classmethod
    def from_checked(cls, table: pa.Table, tokenizer: Tokenizer = "words") -> Corpus:
        """Wraps a table whose invariants were checked, so that nobody who is told of it checks them again."""
        corpus = cls.from_trusted(table, tokenizer)
        corpus._sound = True
        return corpus

    @classmethod
    def empty(cls) -> Corpus:
        """Returns a corpus without examples."""
        return cls.from_trusted(SCHEMA.empty_table())

    @classmethod
    def from_columns(
        cls,
        *,
        text: Sequence[str] | pa.Array,
        spans: Sequence[Iterable[tuple[int, int, str]]] | pa.Array | None = None,
        label: Sequence[Label | None] | pa.Array | None = None,
        origin: Sequence[str] | pa.Array | None = None,
        tokenizer: Tokenizer = "words",
    ) -> Corpus:
        """Builds a corpus from one sequence or Arrow array a column.

        Args:
            text: the texts.
            spans: for each text its `(start, end, label)`, or an Arrow array of that type.
            label: for each text its class, a tuple of several, or None.
            origin: for each text the name of the step that made it.
            tokenizer: how the text falls into tokens.
        """
        if spans is not None and not isinstance(spans, pa.Array):
            spans = span_array(spans)
        if label is not None and not isinstance(label, pa.Array):
            label = list(map(join_classes, label))
        columns = {"text": text, "spans": spans, "label": label, "origin": origin}
        given = {
            name: pa.array(column, SCHEMA.field(name).type) for name, column in columns.items() if column is not None
        }
        return cls(pa.table(given), tokenizer=tokenizer)

    @classmethod
    def from_examples(cls, examples: Iterable[Example], *, tokenizer: Tokenizer = "words") -> Corpus:
        """Builds a corpus from examples."""
        rows = list(examples)
        columns = [
            pa.array([row.text for row in rows], pa.string()),
            span_array([[(span.start, span.end, span.label) for span in row.spans] for row in rows]),
            pa.array([join_classes(row.label) for row in rows], pa.string()),
            pa.array([row.origin for row in rows], pa.string()),
            pa.array([row.parent for row in rows], pa.string()),
        ]
        corpus = cls.from_trusted(pa.table(columns, schema=SCHEMA), tokenizer)
        if not any(row.fields for row in rows):
            return corpus
        return corpus.with_fields(pa.array([write_fields(row.fields) for row in rows], pa.string()))

    @classmethod
    def concat(cls, corpora: Iterable[Corpus]) -> Corpus:
        """Puts corpora one after the other, without a copy; one is as good as none.

        If they do not agree on the tokenizer, the result has `words`; if not on the names, it declares none. If some
        have fields, the examples of the others have none.
        """
        parts = list(corpora)
        if not parts:
            return cls.empty()
        tokenizer, names = _agree((part.tokenizer, part.names) for part in parts if len(part))
        if any(part.has_fields for part in parts):
            parts = [part if part.has_fields else part.with_fields(pa.nulls(len(part), pa.string())) for part in parts]
        corpus = cls.from_trusted(pa.concat_tables([part.table for part in parts]), tokenizer, names)
        corpus._sound = all(part._sound for part in parts)
        return corpus

    @classmethod
    def spool(cls, corpora: Iterable[Corpus], folder: Path) -> Corpus:
        """Puts corpora one after the other, as `concat` does, into a file without a name instead of into memory.

        Args:
            corpora: as they come; each is let go of.
            folder: on whose disk the file is.

        Raises:
            OutputError: if it cannot be written.
        """
        stream = iter(corpora)
        first = next(stream, cls.empty())
        told: list[tuple[str, Names]] = []
        some_fields, sound = False, True

        def tables() -> Iterator[pa.Table]:
            nonlocal some_fields, sound
            for part in itertools.chain([first], stream):
                told.extend([(part.tokenizer, part.names)] if len(part) else [])
                some_fields, sound = some_fields or part.has_fields, sound and part._sound
                yield part.table if part.has_fields else part.table.append_column(FIELDS, part.fields)

        schema = first.table.select(SCHEMA.names).schema.append(FIELDS)  # Parquet calls what a list has otherwise.
        table = spool(tables(), schema, folder)
        corpus = cls.from_trusted(table if some_fields else table.drop_columns([FIELDS.name]), *_agree(told))
        corpus._sound = sound
        return corpus

    @classmethod
    def map_parquet(cls, path: Path) -> Corpus:
        """Reads what `read_parquet` does, but into a file without a name beside it, as a source may have millions."""
        with pq.ParquetFile(path) as file:
            head = cls._with_metadata(file.schema_arrow.empty_table())
            batches = file.iter_batches(_READ_AT_ONCE, columns=head.table.column_names)
            return cls.spool(
                (head._with_table(pa.Table.from_batches([batch]).replace_schema_metadata(None)) for batch in batches),
                path.parent,
            )

    @classmethod
    def read_parquet(cls, path: Path) -> Corpus:
        """Reads what `write_parquet` wrote, without another check."""
        present = [name for name in (*SCHEMA.names, FIELDS.name) if name in pq.read_schema(path).names]
        table = pq.read_table(path, columns=present, partitioning=None)
        return cls._with_metadata(table)

    @classmethod
    def _with_metadata(cls, table: pa.Table) -> Corpus:
        """Wraps a table whose metadata says how `write_parquet` found it."""
        tokenizer = (table.schema.metadata or {}).get(b"tokenizer", b"words").decode()
        names = Names.from_metadata(table.schema.metadata or {})
        return cls.from_trusted(table.replace_schema_metadata(None), tokenizer, names)

    def write_parquet(self, path: Path) -> None:
        """Writes the corpus as one parquet file, whole or not at all."""
        with whole_file(path) as partial:
            metadata = {"tokenizer": self.tokenizer} | self.names.to_metadata()
            pq.write_table(self.table.replace_schema_metadata(metadata), partial)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[Example]:
        for batch in self.table.to_batches(max_chunksize=1000):
            for row in batch.to_pylist():
                yield _example(row)

    @overload
    def __getitem__(self, key: int) -> Example: ...
    @overload
    def __getitem__(self, key: slice) -> Corpus: ...
    def __getitem__(self, key: int | slice) -> Example | Corpus:
        if isinstance(key, int):
            index = range(len(self))[key]
            return _example(self.table.slice(index, 1).to_pylist()[0])
        start, stop, step = key.indices(len(self))
        if step == 1:
            return self._with_table(self.table.slice(start, max(0, stop - start)))
        return self.take(np.arange(start, stop, step))

    def __eq__(self, other: object) -> bool:
        """Equal texts, spans and class labels in the same order; where they came from plays no part."""
        if not isinstance(other, Corpus):
            return NotImplemented
        columns = ["text", "spans", "label"]
        return bool(self.table.select(columns).equals(other.table.select(columns)))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Corpus({len(self)} examples, labels {list(self.labels)}, classes {list(self.classes)})"

    def _repr_html_(self) -> str:
        """Shows the first examples in a notebook, their mentions marked."""
        from textsynth.corpus.notebook import to_html

        return to_html(self)

    def __add__(self, other: Corpus) -> Corpus:
        """Puts another corpus behind this one."""
        return Corpus.concat([self, other]) if isinstance(other, Corpus) else NotImplemented

    def in_batches(self, size: int = 10_000) -> Iterator[Corpus]:
        """Yields slices of the corpus, at least one; what is worked out for a slice takes little memory."""
        for begin in range(0, max(1, len(self)), size):
            yield self[begin : begin + size]

    def take(self, rows: np.ndarray) -> Corpus:
        """Returns the examples at these positions, in this order."""
        return self._with_table(take_rows(self.table, rows))

    def mask(self, keep: np.ndarray) -> Corpus:
        """Returns the examples for which `keep`, a boolean array of the corpus' length, is true."""
        if keep.all():
            return self
        return self._with_table(self.table.filter(pa.array(keep, pa.bool_())))

    def with_column(self, name: str, column: pa.Array) -> Corpus:
        """Returns the corpus with one column replaced; the caller answers for what it holds."""
        index = SCHEMA.get_field_index(name)
        corpus = self._with_table(self.table.set_column(index, SCHEMA.field(index), column))
        corpus._sound = self._sound and name in ("origin", "parent")
        return corpus

    def with_fields(self, fields: pa.Array | pa.ChunkedArray | None) -> Corpus:
        """Returns the corpus with other fields: for each example a JSON object as text, or null; None for no fields."""
        table = self.table.select(SCHEMA.names)
        table = table if fields is None else table.append_column(FIELDS, fields)
        return Corpus.from_trusted(table, self.tokenizer, replace(self.names, fields=()))

    def with_fields_of(self, source: Corpus, rows: np.ndarray) -> Corpus:
        """Returns the corpus with the fields of the examples that it has copies of.

        Args:
            source: those examples.
            rows: `(examples,)`; which of them each is a copy of.
        """
        if not source.has_fields:
            return self
        return self.with_fields(take_rows(source.table.select([FIELDS.name]), rows).column(0))

    def with_names(self, names: Names) -> Corpus:
        """Returns the corpus with other declared names."""
        return self._like(Corpus.from_trusted(self.table, self.tokenizer, names))

    def with_tokenizer(self, tokenizer: str) -> Corpus:
        """Returns the corpus with another tokenizer.

        Args:
            tokenizer: `words`, `whitespace`, or one of spaCy's: the name of a pipeline's package, its directory, or a
                language, as `spacy:ja`.

        Raises:
            MissingDependency: if spaCy, or what the pipeline needs, is not installed.
            OptionError: if there is no such tokenizer.
        """
        check_tokenizer(tokenizer)
        return Corpus.from_trusted(self.table, tokenizer, self.names)

    def with_origin(self, origin: str) -> Corpus:
        """Returns the corpus with every example ascribed to `origin`."""
        return self.with_column("origin", pa.repeat(pa.scalar(origin), len(self)))

    @property
    def texts(self) -> pa.StringArray:
        """The texts as one Arrow array."""
        return one_chunk(self.table.column("text"))

    @property
    def has_fields(self) -> bool:
        """Whether there is a column of fields, be it of nulls alone."""
        return FIELDS.name in self.table.column_names

    @property
    def fields(self) -> pa.StringArray:
        """The fields of each example, a JSON object as text, as one Arrow array of nulls if there are none."""
        return one_chunk(self.table.column(FIELDS.name)) if self.has_fields else pa.nulls(len(self), pa.string())

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the columns take."""
        return int(self.table.nbytes)

    @functools.cached_property
    def spans(self) -> SpanColumns:
        """All spans as columns."""
        return span_columns(one_chunk(self.table.column("spans")))

    @functools.cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels of its spans, sorted."""
        # A chunk at a time: what `spans` keeps of a source of millions would be many bytes a row.
        chunks = (span_columns(chunk).labels.unique() for chunk in self.table.column("spans").chunks)
        return tuple(sorted({label for chunk in chunks for label in chunk.to_pylist()}))

    @functools.cached_property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes of its examples, sorted."""
        return tuple(sorted({name for each in self.combinations for name in split_classes(each)}))

    @functools.cached_property
    def combinations(self) -> tuple[str, ...]:
        """What the column `label` holds, sorted: the classes that texts have together, as `join_classes` joins them."""
        return tuple(sorted(self.table.column("label").unique().drop_null().to_pylist()))

    @functools.cached_property
    def several(self) -> bool:
        """Whether a text has several classes or none of them, or it is declared that one may."""
        return self.names.several or bool(pc.any(have_marks(pa.array(self.combinations, pa.string()))).as_py())

    def to_pandas(self) -> pandas.DataFrame:
        """Returns the corpus as a data frame with the columns text, spans, label, origin and its fields, if it has any.

        Spans are lists of dicts with start, end and label; the label is a list if texts have several classes.
        `textsynth.read` takes such a frame back.
        """
        from textsynth.corpus.frame import to_pandas

        return to_pandas(self)

    def to_dataset(self, task: str | None = None) -> datasets.Dataset:
        """Returns the corpus as a Hugging Face dataset.

        Args:
            task: `"token-classification"` adds the columns `tokens` and `ner_tags`; None and
                `"text-classification"` add none.
        """
        from textsynth.huggingface.dataset import to_dataset

        return to_dataset(self, task)

    def find_faults(self) -> dict[int, str]:
        """Says which rows break an invariant of `Example`, and why; what was checked already is not looked at again."""
        return {} if self._sound else find_faults(self.table)

    def _with_table(self, table: pa.Table) -> Corpus:
        return self._like(Corpus.from_trusted(table, self.tokenizer, self.names))

    def _like(self, corpus: Corpus) -> Corpus:
        """Lets a corpus that has rows of this one pass for as sound."""
        corpus._sound = self._sound
        return corpus

    @classmethod
    def from_dataset(cls, dataset: datasets.Dataset) -> Corpus:
        """Builds a corpus from a dataset with `text` and `spans`, `tokens` and tags, or `text` and `label`."""
        from textsynth.huggingface.dataset import from_dataset

        return from_dataset(dataset)


def _agree(told: Iterable[tuple[str, Names]]) -> tuple[str, Names]:
    """Returns the tokenizer and the names of corpora that become one."""
    pairs = list(told)
    tokenizers = {tokenizer for tokenizer, _ in pairs}
    tokenizer = tokenizers.pop() if len(tokenizers) == 1 else "words"
    return tokenizer, Names.merge(names for _, names in pairs)


def _conform(table: pa.Table) -> pa.Table:
    """Casts to `SCHEMA`, with missing columns filled and nulls that mean "none" made so; fields are behind them."""
    if FIELDS.name in table.column_names:
        conformed = _conform(table.drop_columns([FIELDS.name]))
        return conformed.append_column(FIELDS, _check_fields(table.column(FIELDS.name)))
    if table.schema.equals(SCHEMA) and not table.column("spans").null_count:
        return table.replace_schema_metadata(None)
    rows = table.num_rows
    fills = {
        "spans": pa.ListArray.from_arrays(pa.array([0] * (rows + 1), pa.int32()), pa.array([], SPAN)),
        "label": pa.nulls(rows, pa.string()),
        "origin": pa.repeat(pa.scalar(""), rows),
        "parent": pa.repeat(pa.scalar(""), rows),
    }
    if "text" not in table.column_names:
        raise InvalidExample(f"a corpus must have a column 'text', has: {', '.join(table.column_names) or 'none'}")
    columns = [table.column(name) if name in table.column_names else fills[name] for name in SCHEMA.names]
    if pa.types.is_list(columns[2].type):
        columns[2] = join_class_lists(columns[2])
    try:
        conformed = pa.table(columns, names=SCHEMA.names).cast(SCHEMA)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, ValueError) as error:
        raise InvalidExample(f"a corpus must have the columns of its schema: {error}") from error
    if conformed.column("spans").null_count:
        raise InvalidExample("spans must be a list for each text, was null for some")
    return conformed


def _check_fields(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Returns a column of fields, each known to be a JSON object."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_null(column.type)):
        raise InvalidExample(f"the column 'fields' must hold JSON objects as text, holds {column.type}")
    for written in column.unique().to_pylist():
        read_fields(written)
    return column.cast(pa.string())


def _sort_spans(table: pa.Table) -> pa.Table:
    """Sorts the spans of each example by start, if they are not."""
    column = one_chunk(table.column("spans"))
    spans = span_columns(column)
    row = spans.row_of_span()
    if not np.any((row[1:] == row[:-1]) & (spans.starts[1:] < spans.starts[:-1])):
        return table
    order = np.lexsort((spans.ends, spans.starts, row))
    labels = spans.labels.take(pa.array(order))
    spans_sorted = span_list(spans.rows, spans.starts[order], spans.ends[order], labels)
    return table.set_column(1, SCHEMA.field(1), spans_sorted)


def one_chunk(column: pa.ChunkedArray) -> pa.Array:
    """Returns a column as one array, without a copy if it is one already."""
    if column.num_chunks == 1:
        return column.chunk(0)
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)


def _example(row: dict[str, Any]) -> Example:
    spans = tuple(Span(span["start"], span["end"], span["label"]) for span in row["spans"])
    fields = read_fields(row.get(FIELDS.name))
    return Example(row["text"], spans, to_label(row["label"]), row["origin"], row["parent"], fields)


def count_values(column: pa.Array | pa.ChunkedArray) -> dict[str, int]:
    """Returns how often each value stands in a column of strings without nulls, in order of first appearance.

    >>> count_values(pa.array(["b", "a", "b"]))
    {'b': 2, 'a': 1}
    """
    counts = pc.value_counts(column)
    return dict(zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True))
