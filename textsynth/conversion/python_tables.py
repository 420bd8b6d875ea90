"""Tables that Python programs hold: pandas' frames, Arrow's tables, Hugging Face datasets, dicts of columns."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.components import registry
from textsynth.components.component import build
from textsynth.conversion.python_items import describe, is_of, to_plain
from textsynth.conversion.spool import Alias, rename_path
from textsynth.corpus import SPAN, Corpus
from textsynth.errors import FormatError, InputError, OptionError, nearest
from textsynth.reading.keep import read_each
from textsynth.reading.records import BATCH, Faults

_SPLIT, _ALL = "split", "all"
_DATASETS = ("Dataset", "IterableDataset")
_ARROW_ERRORS = (pa.ArrowException, TypeError, ValueError, OverflowError)
_DICTS = ("DatasetDict", "IterableDatasetDict")


class _TableReader(Protocol):
    """The format `datasets`, which reads what is in memory as it reads what is on disk."""

    def read_rows(self, dataset: Any, path: Path, table: str, faults: Faults) -> Iterator[Corpus]:
        """Reads a dataset."""

    def read_tables(
        self,
        tables: Callable[[], Iterable[pa.Table]],
        features: Mapping[str, Any],
        path: Path,
        table: str,
        faults: Faults,
    ) -> Iterator[Corpus]:
        """Reads tables of the same columns."""


def is_table(value: Any) -> bool:
    """Says whether a value is a table; a dict is one of columns if none of its values is a single text or number."""
    if isinstance(value, Mapping) and not is_of(value, "datasets", *_DICTS):
        return bool(value) and all(_is_column(column) for column in value.values()) and not _is_record(value)
    return (
        isinstance(value, pa.Table | pa.RecordBatch)
        or is_of(value, "datasets", *_DATASETS, *_DICTS)
        or is_of(value, "pandas", "DataFrame")
    )


def read_table_object(source: Any, options: Mapping[str, Any] | None, faults: Faults) -> Iterator[Corpus]:
    """Reads a table; its rows count from 0 in messages.

    Args:
        source: what `is_table` says is one.
        options: those of the format `datasets`: the names of columns, and the split of a dict of several.
        faults: what happens with bad rows.

    Raises:
        FormatError: if no column can be the text; the message names those that there are.
        OptionError: if there are several splits and the option `split` names none of them.
    """
    options, empty = dict(options or {}), True
    name = type(source).__name__ if not isinstance(source, Mapping) or is_of(source, "datasets", *_DICTS) else "columns"
    alias = Alias(Path(name), name, "row")
    with rename_path(alias, faults):
        for batch in _read(source, options, alias.path, faults):
            empty = empty and not len(batch)
            yield batch
        if empty:
            raise FormatError(f"{name}: must have at least one example, there is none")


def read_tokens(rows: Iterator[Any], options: Mapping[str, Any] | None, faults: Faults) -> Iterator[Corpus]:
    """Reads dicts with tokens and their tags as the rows of a table."""
    alias = Alias(Path("items"), "items", "item")
    with rename_path(alias, faults):
        held = list(rows)
        reader = _reader(options or {})
        batches = reader.read_tables(lambda: _stream_tables(iter(held), "item"), {}, alias.path, "", faults)
        yield from map(_forget_types, batches)


def _read(source: Any, options: dict[str, Any], path: Path, faults: Faults) -> Iterator[Corpus]:
    if is_of(source, "datasets", *_DICTS):
        names = _choose_splits(source, options.pop(_SPLIT, None), str(path))
        yield from read_each(
            _read_dataset(source[name], options, path, name if len(names) > 1 else "", faults) for name in names
        )
        return
    if _SPLIT in options:
        raise OptionError(f"{path}: there are no splits to choose from, option 'split' was: {options[_SPLIT]!r}")
    if is_of(source, "datasets", *_DATASETS):
        yield from _read_dataset(source, options, path, "", faults)
        return
    table = _to_table(source)
    if table.num_rows:
        yield from _reader(options).read_tables(lambda: [table], {}, path, "", faults)


def _read_dataset(dataset: Any, options: dict[str, Any], path: Path, split: str, faults: Faults) -> Iterator[Corpus]:
    """Reads a dataset; the types of a stream without features are found out for some rows at a time."""
    if dataset.features is None:
        reader = _reader(options)
        batches = reader.read_tables(lambda: _stream_tables(iter(dataset), "row"), {}, path, split, faults)
        yield from map(_forget_types, batches)
    else:
        yield from _reader(options).read_rows(dataset, path, split, faults)


def _forget_types(batch: Corpus) -> Corpus:
    """Leaves out the types of columns that are kept: they were found out for some rows, and may not hold for others."""
    return batch.with_names(replace(batch.names, fields=()))


def _choose_splits(source: Any, split: Any, name: str) -> list[str]:
    splits = [str(each) for each in source]
    if split == _ALL or (split is None and len(splits) == 1):
        return splits
    if split is None:
        raise OptionError(
            f"{name}: must be read by split, has: {', '.join(splits) or 'none'}; "
            f'choose one with the option split, options={{"split": "train"}}, or "all"'
        )
    if split not in splits:
        raise OptionError(f"{name}: must have a split {split!r}; {nearest(str(split), splits)}; 'all' reads all")
    return [split]


def _reader(options: Mapping[str, Any]) -> _TableReader:
    return cast("_TableReader", build(registry.look_up("format", "datasets"), options, "options"))


def _to_table(source: Any) -> pa.Table:
    if isinstance(source, pa.Table):
        return source
    if isinstance(source, pa.RecordBatch):
        return pa.Table.from_batches([source])
    return _make_table({name: source[name] for name in source} if isinstance(source, Mapping) else _columns_of(source))


def _columns_of(frame: Any) -> dict[Any, Any]:
    """Returns the columns of a data frame; two of one name could not be told apart."""
    names = list(frame.columns)
    for name in names:
        if names.count(name) > 1:
            raise FormatError(f"DataFrame: there must be one column {name!r}, there are {names.count(name)}")
    return {name: frame[name] for name in names}


def _stream_tables(rows: Iterator[Any], unit: str) -> Iterator[pa.Table]:
    """Yields tables of dicts, each with all columns of those before it."""
    known: dict[str, None] = {}
    first = 0
    while chunk := list(itertools.islice(rows, BATCH)):
        columns = _turn(chunk, unit, first)
        columns = {name: columns.get(name, [None] * len(chunk)) for name in dict.fromkeys([*known, *columns])}
        known = dict.fromkeys(columns)
        yield _make_table(columns, unit, first)
        first += len(chunk)


def _turn(rows: Sequence[Any], unit: str, first: int) -> dict[str, list[Any]]:
    """Turns rows into columns; a row that lacks one has None there."""
    for number, row in enumerate(rows, first):
        if not isinstance(row, Mapping):
            raise FormatError(f"{unit} {number}: must be a dict as those before it are, was: {describe(row)}")
    return {name: [row.get(name) for row in rows] for name in dict.fromkeys(name for row in rows for name in row)}


def _make_table(columns: Mapping[Any, Any], unit: str = "row", first: int = 0) -> pa.Table:
    arrays = {}
    for name, values in columns.items():
        try:
            arrays[str(name)] = _make_array(values)
        except _Odd as odd:
            must = f"the column {str(name)!r} must hold values of one kind"
            hint = "leave it out if it is neither text nor labels"
            raise FormatError(f"{unit} {first + odd.row}: {must}, was: {odd.shown}; {hint}") from odd
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name!r} {length}" for name, length in lengths.items())
        raise InputError(f"columns must be of one length, are: {told}")
    return pa.table(arrays)


class _Odd(Exception):
    """A value that no column has room for beside those before it."""

    def __init__(self, row: int, shown: str) -> None:
        super().__init__(row)
        self.row, self.shown = row, shown


def _make_array(values: Any) -> pa.Array:
    dtype = getattr(values, "dtype", None)
    if dtype is None or str(dtype) == "object":
        return _infer_array([_name_offsets(to_plain(value)) for value in values])
    try:
        array = pa.array(values, from_pandas=True)
    except _ARROW_ERRORS:
        return _infer_array([to_plain(value) for value in values])
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    return _undo_floats(array)


def _undo_floats(array: pa.Array) -> pa.Array:
    """Returns whole numbers as such: pandas makes floats of them if one is missing."""
    if not pa.types.is_floating(array.type) or not array.null_count:
        return array
    whole = bool(pc.all(pc.equal(pc.floor(array), array)).as_py())
    return array.cast(pa.int64()) if whole else array


def _infer_array(values: list[Any]) -> pa.Array:
    try:
        return _undo_floats(pa.array(values))
    except _ARROW_ERRORS as error:
        raise _find_odd(values) from error


def _find_odd(values: Sequence[Any]) -> _Odd:
    """Finds the first value that is not of the kind of the first one there is."""
    first = next((value for value in values if value is not None), None)
    for row, value in enumerate(values):
        try:
            pa.array([first, value])
        except _ARROW_ERRORS:
            return _Odd(row, describe(value))
    return _Odd(0, describe(first))


def _name_offsets(value: Any) -> Any:
    """Returns a list of triples as one of objects: columns have no lists of numbers and strings side by side."""
    if isinstance(value, list) and value and all(_is_triple(each) for each in value):
        return [dict(zip(SPAN.names, each, strict=True)) for each in value]
    return value


def _is_triple(value: Any) -> bool:
    return isinstance(value, list) and [type(part) for part in value] == [int, int, str]


def _is_column(value: Any) -> bool:
    return isinstance(value, list | tuple | np.ndarray | pa.Array | pa.ChunkedArray) or is_of(value, "pandas", "Series")


def _is_record(value: Mapping[Any, Any]) -> bool:
    """Says whether a dict of lists is a sentence with its tokens and tags rather than columns of several."""
    tokens = value.get("tokens")
    return isinstance(tokens, list) and bool(tokens) and all(isinstance(token, str) for token in tokens)
