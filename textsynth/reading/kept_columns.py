"""Columns of a table as fields: one JSON object a row, with the types that they become columns of again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus.fields import FieldType, choose_type


def read_kept(table: pa.Table, names: Sequence[str], class_names: Mapping[str, Sequence[str]]) -> pa.Array:
    """Returns the fields of each row.

    Args:
        table: any.
        names: the columns that are kept.
        class_names: for columns whose integers stand for classes, their names; these are what is kept.
    """
    columns = {name: _make_plain(table.column(name), class_names.get(name, ())) for name in names}
    rows = zip(*columns.values(), strict=True)
    written = [json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=str) for row in rows]
    return pa.array(written, pa.string())


def find_kept_types(
    schema: pa.Schema, names: Sequence[str], class_names: Mapping[str, Sequence[str]]
) -> tuple[FieldType, ...]:
    """Returns the types that columns which are kept get back.

    >>> find_kept_types(pa.schema([("id", pa.int32()), ("day", pa.date32())]), ["id"], {})
    (FieldType(name='id', type=DataType(int32), classes=()),)
    """
    return tuple(_find_type(name, schema.field(name).type, class_names.get(name, ())) for name in names)


def _find_type(name: str, type: pa.DataType, classes: Sequence[str]) -> FieldType:
    if classes and pa.types.is_integer(type):
        return FieldType(name, pa.string(), tuple(classes))
    return FieldType(name, choose_type(type))


def _make_plain(column: pa.ChunkedArray, classes: Sequence[str]) -> list[Any]:
    """Returns the values of a column as JSON has them: days and times as text, numbers of classes as their names."""
    type = column.type
    if classes and pa.types.is_integer(type):
        known = pc.and_(pc.greater_equal(column, 0), pc.less(column, len(classes)))
        column = pa.chunked_array([pa.array(classes, pa.string())]).take(
            pc.if_else(known, column, pa.scalar(None, type)).combine_chunks()
        )
    elif pa.types.is_dictionary(type):
        column = column.cast(type.value_type)
    elif pa.types.is_temporal(type) or pa.types.is_decimal(type):
        column = column.cast(pa.string())
    elif pa.types.is_float16(type):
        column = column.cast(pa.float32())
    values: list[Any] = column.to_pylist()
    return values
