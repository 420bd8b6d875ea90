"""Between a corpus and a Hugging Face dataset: its features, both directions, and streams of corpora on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from textsynth.corpus import SCHEMA, Corpus, order_names
from textsynth.corpus.classes import to_label_list
from textsynth.corpus.fields import FieldType, find_types, make_columns
from textsynth.corpus.tokens import encode_tags, list_tags, tokenize, warn_of_splits
from textsynth.errors import FormatError, OptionError, nearest
from textsynth.reading.foreign_table import keep_valid, read_table
from textsynth.reading.table_columns import NamedColumns, find_columns
from textsynth.reading.tagged_table import find_names, find_notation

if TYPE_CHECKING:
    import datasets

Task = Literal["token-classification", "text-classification"]
TASKS: tuple[Task, ...] = ("token-classification", "text-classification")
_EVEN = 10_000
"""The number of rows of each table that is written or digested, whatever the batches were."""


def dataset_features(
    corpus_or_labels: Corpus | Sequence[str],
    classes: Sequence[str] | None = None,
    task: str | None = None,
    *,
    parent: bool | None = None,
    several: bool | None = None,
    fields: Sequence[FieldType] | None = None,
) -> datasets.Features:
    """Returns the features of a dataset.

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

    >>> list(dataset_features(["ORG"], ["news"], "token-classification"))
    ['text', 'spans', 'label', 'origin', 'tokens', 'ner_tags']
    """
    import datasets

    corpus = corpus_or_labels if isinstance(corpus_or_labels, Corpus) else Corpus.empty()
    given = list_labels(corpus_or_labels) if isinstance(corpus_or_labels, Corpus) else corpus_or_labels
    labels = list(dict.fromkeys(given))
    names = list_classes(corpus) if classes is None else list(dict.fromkeys(classes))
    parent = has_parents(corpus) if parent is None else parent
    _check_task(task, names)
    text, offset = datasets.Value("string"), datasets.Value("int32")
    features: dict[str, Any] = {"text": text, "spans": datasets.List({"start": offset, "end": offset, "label": text})}
    several = corpus.several if several is None else several
    class_label = datasets.ClassLabel(names=names)
    features |= {"label": datasets.List(class_label) if several else class_label} if names else {}
    features |= {"origin": text} | ({"parent": text} if parent else {})
    if task == "token-classification":
        features |= {"tokens": datasets.List(text)}
        tags = ["O", *(tag for label in labels for tag in list_tags([label])[1:])]
        features |= {"ner_tags": datasets.List(datasets.ClassLabel(names=tags))}
    types = list_fields(corpus) if fields is None else fields
    _check_free([each.name for each in types], features)
    return datasets.Features(features | {each.name: _make_feature(each) for each in types})


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
        task: as for `dataset_features`.
        labels: the labels of the spans, if the corpus is a part of something that has more.
        classes: the class labels, likewise.
        parent: whether there is a column `parent`, likewise.
        several: whether `label` is a list of classes, likewise.
        fields: the fields that are columns, likewise.

    Raises:
        OptionError: as `dataset_features`, and if the corpus has a label or class that is not among those given.
    """
    labels = list_labels(corpus) if labels is None else labels
    classes = list_classes(corpus) if classes is None else classes
    parent = has_parents(corpus) if parent is None else parent
    several = corpus.several if several is None else several
    fields = list_fields(corpus) if fields is None else fields
    features = dataset_features(labels, classes, task, parent=parent, several=several, fields=fields)
    table, splitting = _cast_columns(corpus, features, fields)
    warn_of_splits("dataset", splitting)
    digest = _Digest(features)
    for part in _cut_evenly([table]):
        digest.add(part)
    return _make_dataset(table, digest, features)


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


def map_batches(
    batches: Iterable[Corpus],
    file: Path,
    features: datasets.Features,
    split: str | None = None,
    fields: Sequence[FieldType] = (),
) -> datasets.Dataset:
    """Writes a stream of corpora to an Arrow file, and returns it as a dataset that is mapped to memory.

    Args:
        batches: the stream.
        file: where to write; it must stay there while the dataset is used.
        features: as `dataset_features` gives them.
        split: the name of the split.
        fields: the fields among the features.

    Raises:
        OptionError: if a batch has a label or class that is not among those of the features.
    """
    from datasets.table import MemoryMappedTable

    digest = _Digest(features)
    with pa.ipc.new_stream(str(file), features.arrow_schema) as writer:
        for table in _cut_evenly(_cast_columns(batch, features, fields)[0] for batch in batches):
            digest.add(table)
            writer.write_table(table)
    return _make_dataset(MemoryMappedTable.from_file(str(file)), digest, features, split)


def _make_dataset(
    table: Any, digest: _Digest, features: datasets.Features, split: str | None = None
) -> datasets.Dataset:
    import datasets

    name = datasets.NamedSplit(split) if split else None
    info = datasets.DatasetInfo(features=features)
    return datasets.Dataset(table, info, split=name, fingerprint=digest.hexdigest())


class _Digest:
    """16 hexadecimal digits that stand for content and features: of tables as `_cut_evenly` gives them."""

    def __init__(self, features: datasets.Features) -> None:
        self._digest = xxhash.xxh3_64(repr(features).encode())

    def add(self, table: pa.Table) -> None:
        """Takes in the next table."""
        for batch in table.to_batches():
            self._digest.update(batch.serialize())

    def hexdigest(self) -> str:
        """Returns the digits."""
        return self._digest.hexdigest()


def _cut_evenly(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Cuts a stream into tables of one size that are no slices, so that equal content is written as equal bytes."""
    rest = None
    for table in tables:
        rest = table if rest is None else pa.concat_tables([rest, table])
        for begin in range(0, rest.num_rows - _EVEN + 1, _EVEN):
            yield _copy(rest.slice(begin, _EVEN))
        rest = rest.slice(rest.num_rows - rest.num_rows % _EVEN)
    if rest is not None and rest.num_rows:
        yield _copy(rest)


def _copy(table: pa.Table) -> pa.Table:
    return table.combine_chunks().take(pa.array(np.arange(table.num_rows)))


def _cast_columns(corpus: Corpus, features: datasets.Features, fields: Sequence[FieldType]) -> tuple[pa.Table, int]:
    """Returns the columns of a corpus that the features have, and how many spans split tokens if there are any."""
    splitting = 0
    columns = {name: corpus.table.column(name) for name in SCHEMA.names if name in features}
    classes = list_class_names(features)
    _check_known("class", corpus.classes, classes)
    if "label" in features:
        columns["label"] = _encode_classes(columns["label"], classes, several=has_several(features))
    if "ner_tags" in features:
        names = features["ner_tags"].feature.names
        _check_known("label", corpus.labels, sorted({name[2:] for name in names if name != "O"}))
        tokens = tokenize(corpus)
        splitting = tokens.splitting
        codes = pa.array(encode_tags(tokens, corpus, "iob2", names), pa.int64())
        columns["tokens"] = tokens.lists()
        columns["ner_tags"] = pa.ListArray.from_arrays(pa.array(tokens.rows, pa.int32()), codes)
    return pa.table(columns | make_columns(corpus.fields, fields)), splitting


def _make_feature(field: FieldType) -> Any:
    import datasets

    if field.classes:
        return datasets.ClassLabel(names=list(field.classes))
    return datasets.Features.from_arrow_schema(pa.schema([(field.name, field.type)]))[field.name]


def _check_free(names: Iterable[str], taken: Iterable[str]) -> None:
    for name in names:
        if name in taken:
            raise OptionError(f"the field {name!r} has the name of another column; give it another in the source")


def has_several(features: datasets.Features) -> bool:
    """Says whether the column `label` of a dataset is a list of classes."""
    return "label" in features and not hasattr(features["label"], "names")


def list_class_names(features: datasets.Features) -> list[str]:
    """Returns the names of the classes in a dataset, in their order; none if it has no column `label`."""
    if "label" not in features:
        return []
    label = features["label"].feature if has_several(features) else features["label"]
    return list(label.names)


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
