"""Tables that others made, as a corpus, with what is wrong with which row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus import SCHEMA, SPAN, Corpus, Tokenizer, find_faults, span_array, span_columns, span_list
from textsynth.corpus.classes import find_label_fault, have_marks, join_classes
from textsynth.corpus.fields import FIELDS
from textsynth.corpus.ragged import bounds_of
from textsynth.corpus.tag_notation import TagNotation
from textsynth.errors import FormatError
from textsynth.reading.class_name import read_class_names, tidy_class
from textsynth.reading.field_names import looks_like_annotation
from textsynth.reading.kept_columns import read_kept
from textsynth.reading.multi_hot import read_hot
from textsynth.reading.records import Fault, Faults, make_label
from textsynth.reading.table_columns import TableColumns, is_string, name_parts
from textsynth.reading.tagged_table import read_tagged
from textsynth.reading.unread import explain_unread


@dataclass(frozen=True, slots=True)
class Reading:
    """What a table says, not yet checked.

    Args:
        table: the columns of a corpus.
        faults: what is wrong with which row, for rows that could not be read at all.
        tokenizer: how its texts fall into tokens.
    """

    table: pa.Table
    faults: dict[int, str]
    tokenizer: Tokenizer


def read_table(table: pa.Table, columns: TableColumns, notation: TagNotation) -> Reading:
    """Reads the rows of a table; one that cannot be read is an empty text, and is listed in `faults`."""
    if columns.spans is None and columns.tokens is not None and columns.tags is not None:
        tagged = read_tagged(table, columns, columns.tokens, columns.tags, notation)
        texts, spans, faults = pa.array(tagged.texts, pa.string()), span_array(tagged.spans), tagged.faults
    else:
        texts, faults = _read_texts(table.column(columns.text))
        spans = _read_spans(table, columns)
    label, label_faults = _read_classes(table, columns)
    origin, parent = (_read_strings(table, name) for name in ("origin", "parent"))
    tokenizer: Tokenizer = "whitespace" if columns.text is None else "words"
    read = pa.table([texts, spans, label, origin, parent], schema=SCHEMA)
    if columns.kept:
        read = read.append_column(FIELDS, read_kept(table, columns.list_kept(), columns.class_names))
    return Reading(read, label_faults | faults, tokenizer)


def check_whole(batch: pa.Table | pa.RecordBatch, where: str, text: str | None = None) -> None:
    """Checks that the arrays of a table are what Arrow promises, before anything looks into them: a file may lie.

    Args:
        batch: the table.
        where: begins the message.
        text: the column whose text may be no UTF-8; that is told row by row.

    Raises:
        FormatError: for the first column that is not whole, or has text that is no UTF-8.
    """
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        plain = column.cast(pa.binary()) if name == text and pa.types.is_string(column.type) else column
        try:
            plain.validate(full=True)
        except pa.ArrowException as error:
            line = str(error).partition("\n")[0]
            raise FormatError(f"{where}: the column {name!r} must be whole, and its text UTF-8: {line}") from error


def keep_valid(reading: Reading, complain: Callable[[int, str], None]) -> Corpus:
    """Returns the rows that hold the invariants of an example.

    Args:
        reading: what a table says.
        complain: is called with each other row, counted from 0, and what is wrong with it.
    """
    faults = find_faults(reading.table) | reading.faults
    for row in sorted(faults):
        complain(row, faults[row])
    corpus = Corpus.from_trusted(reading.table, reading.tokenizer)
    if not faults:
        return corpus
    keep = np.ones(len(corpus), bool)
    keep[list(faults)] = False
    return corpus.mask(keep)


def report_to(path: Path, faults: Faults, first: int, table: str = "") -> Callable[[int, str], None]:
    """Returns what `keep_valid` calls for rows of a file, which are counted from 1.

    Args:
        path: the file or directory, for messages.
        faults: what happens with bad records.
        first: the number of the first row.
        table: the name of the table, if there are several.
    """

    def complain(row: int, reason: str) -> None:
        faults.add(path, Fault(reason, f"{table} row {first + row}".strip()))

    return complain


def _read_texts(column: pa.ChunkedArray) -> tuple[Any, dict[int, str]]:
    """Reads texts without a copy if none is null and all are UTF-8."""
    faults: dict[int, str] = {}
    texts = column.cast(pa.string())
    if texts.null_count:
        missing = np.flatnonzero(texts.is_null().to_numpy()).tolist()
        faults = dict.fromkeys(missing, "the text must not be null")
        texts = pc.fill_null(texts, "")
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        raw = texts.cast(pa.binary()).to_pylist()
        broken = {row: text for row, text in enumerate(raw) if not _is_utf8(text)}
        faults |= {row: f"the text must be UTF-8, was: {text!r}" for row, text in broken.items()}
        texts = pa.array(["" if row in broken else text.decode() for row, text in enumerate(raw)], pa.string())
    return texts, faults


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read_spans(table: pa.Table, columns: TableColumns) -> Any:
    if columns.spans is None:
        return _make_no_spans(table.num_rows)
    names = columns.class_names.get(columns.spans)
    chunks = [_convert_spans(chunk, names) for chunk in table.column(columns.spans).chunks]
    return pa.chunked_array(chunks, pa.list_(SPAN))


def _make_no_spans(count: int) -> pa.ListArray:
    return span_list(np.zeros(count + 1, np.int32), [], [], pa.array([], pa.string()))


def _convert_spans(spans: Any, names: Sequence[str] | None) -> pa.ListArray:
    """Returns spans as a corpus has them, in order, without a copy if they already are; a null list is an empty one."""
    spans = _turn(spans) if pa.types.is_struct(spans.type) else spans
    flat = spans.flatten()
    if pa.types.is_null(flat.type):
        return _make_no_spans(len(spans))
    start, end, label = (pc.struct_field(flat, name) for name in name_parts(flat.type))
    if spans.type != pa.list_(SPAN) or spans.null_count or start.null_count or end.null_count:
        rows = bounds_of(pc.fill_null(pc.list_value_length(spans), 0).to_numpy(zero_copy_only=False))
        spans = span_list(rows, _fill_offsets(start), _fill_offsets(end), _look_up_names(label, names))
    return _sort_spans(spans)


def _turn(spans: Any) -> Any:
    """Returns an object of lists, as datasets once stored lists of objects, as a list of objects."""
    columns = [spans.field(at) for at in range(spans.type.num_fields)]
    lengths = [pc.fill_null(pc.list_value_length(column), 0) for column in columns]
    if any(not length.equals(lengths[0]) for length in lengths):
        raise FormatError("the lists of a column of spans must be of one length, are not")
    names = [field.name for field in spans.type]
    flat = pa.StructArray.from_arrays([column.flatten() for column in columns], names)
    return pa.ListArray.from_arrays(bounds_of(lengths[0].to_numpy(zero_copy_only=False)).astype(np.int32), flat)


def _fill_offsets(column: pa.Array) -> np.ndarray:
    """Returns offsets as a corpus has them; one that is missing is -1, which is outside of any text."""
    offsets = pc.fill_null(column.cast(pa.int64(), safe=False), -1).to_numpy(zero_copy_only=False)
    return np.clip(offsets, -1, 2**31 - 1).astype(np.int32)


def _sort_spans(spans: pa.ListArray) -> pa.ListArray:
    flat = span_columns(spans)
    order = np.lexsort((flat.ends, flat.starts, flat.row_of_span()))
    if np.array_equal(order, np.arange(len(order))):
        return spans
    return span_list(flat.rows, flat.starts[order], flat.ends[order], flat.labels.take(pa.array(order)))


def _look_up_names(column: Any, names: Sequence[str] | None) -> Any:
    """Returns strings as they are, and for integers the names they stand for; null if they stand for none."""
    if names is None or not pa.types.is_integer(column.type):
        return column.cast(pa.string())
    known = pc.and_(pc.greater_equal(column, 0), pc.less(column, len(names)))
    return pa.array(names, pa.string()).take(pc.if_else(known, column, pa.scalar(None, column.type)))


def _read_classes(table: pa.Table, columns: TableColumns) -> tuple[Any, dict[int, str]]:
    """Reads the classes of each row; the number -1 is none, as ClassLabel has it; others without a name are faults."""
    if columns.hot:
        return _join_rows(table.num_rows, _read_hot_rows(table, columns.hot))
    if columns.label is not None and columns.several:
        return _join_rows(table.num_rows, _read_class_lists(table.column(columns.label), columns))
    if columns.label is None:
        return pa.nulls(table.num_rows, pa.string()), {}
    column, names = table.column(columns.label).combine_chunks(), columns.class_names.get(columns.label)
    if pa.types.is_floating(column.type):
        return _read_numbers(columns.label, column)
    classes = _look_up_names(column, names)
    marked = np.flatnonzero(have_marks(classes).to_numpy(zero_copy_only=False)).tolist()
    if marked:
        return classes, {row: find_label_fault(classes[row].as_py()) or "" for row in marked}
    if names is None or not pa.types.is_integer(column.type):
        return _tidy(classes), {}
    lost = pc.and_(classes.is_null(), pc.fill_null(pc.not_equal(column, -1), False))
    rows = np.flatnonzero(lost.to_numpy(zero_copy_only=False)).tolist()
    must = f"the label must be the number of a class, 0 to {len(names) - 1}"
    return classes, {row: f"{must}, was: {column[row]}" for row in rows}


def _read_numbers(name: str, column: Any) -> tuple[Any, dict[int, str]]:
    """Reads numbers, such as those that pandas makes of integers some of which are missing, by the rule for classes."""
    read = [read_class_names(name, value) for value in column.to_pylist()]
    faults = {row: each.reason for row, each in enumerate(read) if isinstance(each, Fault)}
    return pa.array([each[0] if isinstance(each, list) and each else None for each in read], pa.string()), faults


def _join_rows(count: int, rows: Iterable[str | Fault | None]) -> tuple[Any, dict[int, str]]:
    """Returns the column `label` for what each row says of its classes, and what is wrong with which row."""
    read = list(rows)
    faults = {row: label.reason for row, label in enumerate(read) if isinstance(label, Fault)}
    return pa.array([None if isinstance(label, Fault) else label for label in read], pa.string()), faults


def _read_hot_rows(table: pa.Table, hot: Sequence[str]) -> Iterator[str | Fault | None]:
    for row in table.select(hot).to_pylist():
        yield read_hot(hot, row)


def _read_class_lists(column: pa.ChunkedArray, columns: TableColumns) -> Iterator[str | Fault | None]:
    """Reads lists of classes; a list that is null says nothing, an empty one that a text has none of them."""
    label = columns.label or ""
    names = columns.class_names.get(label)
    own = columns.spans is not None or names is not None
    for classes in column.to_pylist():
        if classes is None:
            yield None
        elif not own and looks_like_annotation(classes):
            yield explain_unread(label, "a list of tags")
        else:
            yield _read_class_list(label, classes, names)


def _read_class_list(label: str, classes: Sequence[Any], names: Sequence[str] | None) -> str | Fault | None:
    """Reads one list; of a ClassLabel the names that its numbers stand for."""
    if names is not None:
        for number in classes:
            if isinstance(number, int) and not 0 <= number < len(names):
                must = f"each label must be the number of a class, 0 to {len(names) - 1}"
                return Fault(f"{must}, was: {number}")
        classes = [names[each] if isinstance(each, int) else each for each in classes]
    read = read_class_names(label, list(classes))
    return read if isinstance(read, Fault) else make_label(read) if classes else join_classes(())


def _tidy(classes: Any) -> Any:
    """Returns classes without the white space around them; each distinct one is looked at once."""
    encoded = classes.dictionary_encode()
    tidy = [None if name is None else tidy_class(name) for name in encoded.dictionary.to_pylist()]
    return pa.array(tidy, pa.string()).take(encoded.indices)


def _read_strings(table: pa.Table, name: str) -> Any:
    if name in table.column_names and is_string(table.schema.field(name).type):
        return pc.fill_null(table.column(name).cast(pa.string()), "")
    return pa.repeat(pa.scalar(""), table.num_rows)
