"""Between a corpus and a Hugging Face dataset: its columns, both directions, and streams of corpora on disk."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from textsynth.corpus import SCHEMA, Corpus, order_names
from textsynth.corpus.classes import to_label_list
from textsynth.corpus.fields import FieldType, find_types, make_columns
from textsynth.corpus.tokens import encode_tags, list_tags, tokenize, warn_of_splits
from textsynth.errors import FormatError, OptionError, nearest
from textsynth.huggingface.columns import Columns
from textsynth.reading.foreign_table import keep_valid, read_table
from textsynth.reading.table_columns import NamedColumns, find_columns
from textsynth.reading.tagged_table import find_names, find_notation

if TYPE_CHECKING:
    import datasets

Task = Literal["token-classification", "text-classification"]
TASKS: tuple[Task, ...] = ("token-classification", "text-classification")
EVEN = 10_000
"""The number of rows of each table that is written or digested, whatever the batches were."""
_EVEN_BYTES = 1 << 27
"""Bytes of text that such a table has at most: of long texts it has fewer rows."""
_END = b"\xff\xff\xff\xff\0\0\0\0"
"""What stands at the end of a stream of Arrow."""


def dataset_columns(
    corpus_or_labels: Corpus | Sequence[str],
    classes: Sequence[str] | None = None,
    task: str | None = None,
    *,
    parent: bool | None = None,
    several: bool | None = None,
    fields: Sequence[FieldType] | None = None,
) -> Columns:
    """Returns the columns of a dataset.

    Args:
        corpus_or_labels: the labels of the spans in their order, or a corpus that has or declares them.
        classes: the class labels in their order; those of the corpus if None. Without any there is no column `label`.
        task: `"token-classification"` adds the columns `tokens` and `ner_tags`, in IOB2.
        parent: whether there is a column `parent`; if None, whether an example of the corpus has one.
        several: whether `label` is a list of classes; if None, whether an example of the corpus may have several.
        fields: the fields that are columns too, with their types; those of the corpus if None.

    Raises:
        OptionError: for another task, for `"text-classification"` without classes, or for a field that has the name of
            another column.

    >>> list(dataset_columns(["ORG"], ["news"], "token-classification").types)
    ['text', 'spans', 'label', 'origin', 'tokens', 'ner_tags']
    """
    corpus = corpus_or_labels if isinstance(corpus_or_labels, Corpus) else Corpus.empty()
    given = list_labels(corpus_or_labels) if isinstance(corpus_or_labels, Corpus) else corpus_or_labels
    labels = list(dict.fromkeys(given))
    names = list_classes(corpus) if classes is None else list(dict.fromkeys(classes))
    parent = has_parents(corpus) if parent is None else parent
    _check_task(task, names)
    several = corpus.several if several is None else several
    types: dict[str, pa.DataType] = {name: SCHEMA.field(name).type for name in ("text", "spans")}
    known: dict[str, Sequence[str]] = {}
    if names:
        types["label"] = pa.list_(pa.int64()) if several else pa.int64()
        known["label"] = names
    types |= {name: SCHEMA.field(name).type for name in ["origin"] + ["parent"] * parent}
    if task == "token-classification":
        types |= {"tokens": pa.list_(pa.string()), "ner_tags": pa.list_(pa.int64())}
        known["ner_tags"] = ["O", *(tag for label in labels for tag in list_tags([label])[1:])]
    own = list_fields(corpus) if fields is None else fields
    _check_free([each.name for each in own], types)
    types |= {each.name: pa.int64() if each.classes else each.type for each in own}
    known |= {each.name: each.classes for each in own if each.classes}
    return Columns(types, {name: tuple(each) for name, each in known.items()})


def list_labels(corpus: Corpus) -> list[str]:
    """Returns the labels that a corpus declares, in their order, and behind them others that it has."""
    return order_names(corpus.names.labels, corpus.labels)


def list_classes(corpus: Corpus) -> list[str]:
    """Returns the classes that a corpus declares, in their order, and behind them others that it has."""
    return order_names(corpus.names.classes, corpus.classes)


def list_fields(corpus: Corpus) -> tuple[FieldType, ...]:
    """Returns the fields that a corpus has, with their types: those that it declares, or else what its values are."""
    if not corpus.has_fields:
        return ()
    return corpus.names.fields or find_types(corpus.fields)


def has_parents(corpus: Corpus) -> bool:
    """Says whether an example knows what it was made from."""
    return bool(pc.any(pc.not_equal(corpus.table.column("parent"), "")).as_py())


def to_dataset(  # noqa: PLR0913
    corpus: Corpus,
    task: str | None = None,
    *,
    labels: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    parent: bool | None = None,
    several: bool | None = None,
    fields: Sequence[FieldType] | None = None,
) -> datasets.Dataset:
    """Returns a corpus as a dataset, without a copy of its texts and spans.

    Equal content gives an equal fingerprint, so what is cached for one dataset serves the other.

    Args:
        corpus: any corpus.
        task: as for `dataset_columns`.
        labels: the labels of the spans, if the corpus is a part of something that has more.
        classes: the class labels, likewise.
        parent: whether there is a column `parent`, likewise.
        several: whether `label` is a list of classes, likewise.
        fields: the fields that are columns, likewise.

    Raises:
        OptionError: as `dataset_columns`, and if the corpus has a label or class that is not among those given.
    """
    import datasets

    labels = list_labels(corpus) if labels is None else labels
    classes = list_classes(corpus) if classes is None else classes
    parent = has_parents(corpus) if parent is None else parent
    several = corpus.several if several is None else several
    fields = list_fields(corpus) if fields is None else fields
    columns = dataset_columns(labels, classes, task, parent=parent, several=several, fields=fields)
    table, splitting = _cast_columns(corpus, columns, fields)
    warn_of_splits("dataset", splitting)
    digest = _begin_digest(columns)
    for part in _serialize([table]):
        digest.update(part)
    info = datasets.DatasetInfo(features=columns.to_features())
    return datasets.Dataset(table, info, fingerprint=digest.hexdigest())


def from_dataset(dataset: datasets.Dataset, named: NamedColumns | None = None) -> Corpus:
    """Returns a dataset as a corpus, without a copy of texts and spans that are as `to_dataset` has them.

    Args:
        dataset: with `text` and `spans`, `label` or both (names or ClassLabel); or with `tokens` and their tags, which
            are joined by single spaces, or found in the text if there is one.
        named: the names of its columns, if they are not the usual ones.

    Raises:
        FormatError: says which columns there are and what must be, or which row, counted from 0, is wrong.
    """
    table = dataset.with_format("arrow")[:]
    columns = find_columns(table.schema, dataset.features.to_dict(), named or NamedColumns(), "dataset")
    notation = find_notation([table], columns, None, "dataset")
    return keep_valid(read_table(table, columns, notation), _refuse).with_names(find_names(columns, notation))


def encode(batches: Iterable[Corpus], columns: Columns, fields: Sequence[FieldType] = ()) -> Iterator[pa.Buffer]:
    """Yields what stands inside the Arrow file of a dataset, a table of `EVEN` rows at a time.

    So a stream may be encoded in parts if all but the last have a multiple of so many rows, and no table too much text.

    Args:
        batches: the stream.
        columns: as `dataset_columns` gives them.
        fields: the fields among the columns.

    Raises:
        OptionError: if a batch has a label or class that is not among those of the columns.
    """
    return _serialize(_cast_columns(batch, columns, fields)[0] for batch in batches)


def write_encoded(encoded: Iterable[pa.Buffer | mmap.mmap], file: Path, columns: Columns) -> str:
    """Writes an Arrow file of a dataset from what `encode` gave, and returns the fingerprint of the dataset."""
    digest = _begin_digest(columns)
    with file.open("wb") as opened:
        opened.write(columns.to_schema().serialize())
        for each in encoded:
            digest.update(each)
            opened.write(each)
        opened.write(_END)
    return digest.hexdigest()


def is_even(longest: int) -> bool:
    """Says whether tables of `EVEN` texts never have too much text, by the bytes of the longest."""
    return longest * EVEN <= _EVEN_BYTES


def _begin_digest(columns: Columns) -> xxhash.xxh3_64:
    """Returns what becomes 16 hexadecimal digits that stand for columns and content."""
    return xxhash.xxh3_64(str(columns).encode())


def _serialize(tables: Iterable[pa.Table]) -> Iterator[pa.Buffer]:
    for table in _cut_evenly(tables):
        for batch in table.to_batches():
            yield batch.serialize()


def _cut_evenly(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Cuts a stream into tables of one size that are no slices, so that equal content is written as equal bytes."""
    rest = None
    for table in tables:
        rest = table if rest is None else pa.concat_tables([rest, table])
        begin = 0
        for end in _find_cuts(rest):
            yield _copy(rest.slice(begin, end - begin))
            begin = end
        rest = rest.slice(begin)
    if rest is not None and rest.num_rows:
        yield _copy(rest)


def _find_cuts(table: pa.Table) -> Iterator[int]:
    """Yields where the tables end that are full: have all rows of one, or would have too much text with the next."""
    sizes = pc.binary_length(table.column("text")).to_numpy()
    ends = np.cumsum(np.append(0, sizes.astype(np.int64)))
    begin = 0
    while begin < table.num_rows:
        fitting = int(np.searchsorted(ends, ends[begin] + _EVEN_BYTES, "right")) - 1
        end = min(begin + EVEN, max(begin + 1, fitting))
        if end > table.num_rows or (end == table.num_rows and end < begin + EVEN):
            return
        yield end
        begin = end


def _copy(table: pa.Table) -> pa.Table:
    return table.combine_chunks().take(pa.array(np.arange(table.num_rows)))


def _cast_columns(corpus: Corpus, wanted: Columns, fields: Sequence[FieldType]) -> tuple[pa.Table, int]:
    """Returns the columns of a corpus that are wanted, and how many spans split tokens if there are any."""
    splitting = 0
    columns = {name: corpus.table.column(name) for name in SCHEMA.names if name in wanted.types}
    classes = wanted.classes.get("label", ())
    _check_known("class", corpus.classes, classes)
    if "label" in wanted.types:
        columns["label"] = _encode_classes(columns["label"], classes, several=wanted.has_several())
    if "ner_tags" in wanted.types:
        names = wanted.classes["ner_tags"]
        _check_known("label", corpus.labels, sorted({name[2:] for name in names if name != "O"}))
        tokens = tokenize(corpus)
        splitting = tokens.splitting
        codes = pa.array(encode_tags(tokens, corpus, "iob2", names), pa.int64())
        columns["tokens"] = tokens.lists()
        columns["ner_tags"] = pa.ListArray.from_arrays(pa.array(tokens.rows, pa.int32()), codes)
    return pa.table(columns | make_columns(corpus.fields, fields)), splitting


def _check_free(names: Iterable[str], taken: Iterable[str]) -> None:
    for name in names:
        if name in taken:
            raise OptionError(f"the field {name!r} has the name of another column; give it another in the source")


def _encode_classes(column: pa.ChunkedArray, classes: Sequence[str], *, several: bool) -> pa.Array | pa.ChunkedArray:
    """Returns the numbers of classes, one a text or a list of them; null if nothing is said."""
    if not several:
        return pc.index_in(column, pa.array(classes, pa.string()), skip_nulls=True).cast(pa.int64())
    number = {name: place for place, name in enumerate(classes)}
    lists = [to_label_list(each) for each in column.to_pylist()]
    numbers = [None if names is None else sorted(number[name] for name in names) for names in lists]
    return pa.array(numbers, pa.list_(pa.int64()))


def _check_task(task: str | None, classes: Sequence[str]) -> None:
    if task is not None and task not in TASKS:
        raise OptionError(f"there is no task {task!r}; {nearest(task, TASKS)}")
    if task == "text-classification" and not classes:
        raise OptionError("the task 'text-classification' must have a corpus with classes, this one has none")


def _check_known(kind: str, present: Iterable[str], known: Sequence[str]) -> None:
    held = set(known)
    for name in present:
        if name not in held:
            raise OptionError(f"there is no {kind} {name!r} among those given; {nearest(name, known)}")


def _refuse(row: int, reason: str) -> None:
    raise FormatError(f"dataset: row {row}: {reason}")
