"""Fields: what a record has beside text, spans and class, as it travels with an example, and as columns of a table.

In a corpus the fields of an example are one JSON object as text, so whatever values they have come back equal, and
every corpus has the same columns. Where they become columns of their own, each gets the type that all its values fit.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from textsynth.errors import InvalidExample

FIELDS = pa.field("fields", pa.string())
"""The column of a corpus that has the fields of its examples; a corpus without any has no such column."""

_CLASSES = b"classes"
"""The key of the names of classes in the metadata of a column's type."""
_WHOLE = range(-(2**63), 2**63)
"""The whole numbers that a column has room for."""


@dataclass(frozen=True, slots=True)
class FieldType:
    """What the values of a field are.

    Args:
        name: the field.
        type: the type of a column that has room for all its values.
        classes: the names of classes in their order, if the values are such names and a dataset numbers them.
    """

    name: str
    type: pa.DataType
    classes: tuple[str, ...] = ()


def write_fields(values: Mapping[str, Any]) -> str | None:
    """Returns fields as a corpus has them; None if there are none.

    >>> write_fields({"id": 7, "who": "Zoë"}), write_fields({})
    ('{"id": 7, "who": "Zoë"}', None)
    """
    return json.dumps(values, ensure_ascii=False) if values else None


def read_fields(written: str | None) -> dict[str, Any]:
    """Returns the fields that `write_fields` wrote.

    Raises:
        InvalidExample: if they are no JSON object.
    """
    try:
        values = json.loads(written) if written else {}
    except (ValueError, RecursionError) as error:
        raise InvalidExample(f"the fields of an example must be a JSON object: {error}") from error
    if not isinstance(values, dict):
        raise InvalidExample(f"the fields of an example must be a JSON object, were: {written!r:.60}")
    return values


def to_text(value: Any) -> str:
    """Returns a value where there are no types: a string as it is, nothing for null, all else as JSON.

    >>> to_text("Zoë"), to_text(None), to_text([1, "a"])
    ('Zoë', '', '[1, "a"]')
    """
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


class TypeSearch:
    """Finds out the types of fields, column by column of a stream."""

    def __init__(self) -> None:
        self._types: dict[str, pa.DataType] = {}

    def add(self, fields: pa.Array) -> None:
        """Looks at the fields of more examples."""
        for written in fields.unique().to_pylist():
            for name, value in read_fields(written).items():
                self._meet(name, _find_kind(value))

    def add_types(self, others: TypeSearch) -> None:
        """Adds what was found in the examples that come next."""
        for name, kind in others._types.items():
            self._meet(name, kind)

    def _meet(self, name: str, kind: pa.DataType) -> None:
        found = self._types.get(name)
        self._types[name] = kind if found is None or found == kind else _unify(found, kind)

    def types(self) -> tuple[FieldType, ...]:
        """Returns the types of all that was looked at, in the order in which the fields first came."""
        return tuple(FieldType(name, _settle(type)) for name, type in self._types.items())


def find_types(fields: pa.Array) -> tuple[FieldType, ...]:
    """Returns the types of the fields of some examples.

    Whole numbers beside others are numbers; values of several kinds, and objects that differ in their keys, are text.

    >>> rows = pa.array(['{"id": 1, "tags": ["a"]}', '{"id": 2.5}', '{"id": 3, "tags": null}'])
    >>> [(each.name, str(each.type)) for each in find_types(rows)]
    [('id', 'double'), ('tags', 'list<item: string>')]
    """
    search = TypeSearch()
    search.add(fields)
    return search.types()


def make_columns(fields: pa.Array, types: Sequence[FieldType]) -> dict[str, pa.Array]:
    """Returns the fields of examples as columns.

    Args:
        fields: the column of a corpus.
        types: the fields that are wanted; an example that lacks one has null there.

    Raises:
        InvalidExample: if a value is not of its type.

    >>> make_columns(pa.array(['{"id": 1}', None]), [FieldType("id", pa.int64())])["id"].to_pylist()
    [1, None]
    """
    # Copies of an example share its fields, so each distinct row is parsed once.
    coded = fields.dictionary_encode()
    rows = [read_fields(written) for written in coded.dictionary.to_pylist()]
    return {each.name: _make_column([row.get(each.name) for row in rows], each).take(coded.indices) for each in types}


def write_types(types: Sequence[FieldType]) -> str:
    """Returns types as text, for the metadata of a file."""
    schema = pa.schema(
        [pa.field(each.name, each.type, metadata={_CLASSES: json.dumps(each.classes)}) for each in types]
    )
    return base64.b64encode(schema.serialize().to_pybytes()).decode()


def read_types(written: str) -> tuple[FieldType, ...]:
    """Reads what `write_types` wrote.

    >>> read_types(write_types([FieldType("topic", pa.string(), ("a", "b"))]))
    (FieldType(name='topic', type=DataType(string), classes=('a', 'b')),)
    """
    schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(written)))
    return tuple(FieldType(each.name, each.type, tuple(json.loads(each.metadata[_CLASSES]))) for each in schema)


def choose_type(type: pa.DataType) -> pa.DataType:
    """Returns the type that values of a column get back when they have been JSON: text for what JSON has no values of.

    >>> str(choose_type(pa.date32())), str(choose_type(pa.list_(pa.time32("s"))))
    ('date32[day]', 'list<item: string>')
    """
    if pa.types.is_dictionary(type):
        return choose_type(type.value_type)
    if _is_castable(type) or _is_plain(type):
        return type
    if pa.types.is_list(type) or pa.types.is_large_list(type):
        return pa.list_(_choose_inner(type.value_type))
    if pa.types.is_struct(type):
        return (
            pa.struct([(inner.name, _choose_inner(inner.type)) for inner in type]) if type.num_fields else pa.string()
        )
    return pa.float32() if pa.types.is_float16(type) else pa.string()


def _choose_inner(type: pa.DataType) -> pa.DataType:
    return pa.string() if _is_castable(type) else choose_type(type)


def _is_castable(type: pa.DataType) -> bool:
    """Says whether values of a type that JSON does not have can be cast from their text."""
    return pa.types.is_timestamp(type) or pa.types.is_date32(type) or pa.types.is_decimal(type)


def _is_plain(type: pa.DataType) -> bool:
    """Says whether JSON has values of this type."""
    if pa.types.is_struct(type):
        return type.num_fields > 0 and all(_is_plain(type.field(index).type) for index in range(type.num_fields))
    if _is_list(type):
        return _is_plain(type.value_type)
    kinds: tuple[Callable[[pa.DataType], bool], ...] = (
        *(pa.types.is_boolean, pa.types.is_integer, pa.types.is_float32, pa.types.is_float64),
        *(pa.types.is_string, pa.types.is_large_string, pa.types.is_null),
    )
    return any(kind(type) for kind in kinds)


def _is_list(type: pa.DataType) -> bool:
    return pa.types.is_list(type) or pa.types.is_large_list(type) or pa.types.is_fixed_size_list(type)


def _make_column(values: Sequence[Any], wanted: FieldType) -> pa.Array:
    try:
        if wanted.classes:
            return pc.index_in(pa.array(values, pa.string()), pa.array(wanted.classes, pa.string())).cast(pa.int64())
        if _is_castable(wanted.type):
            return pa.array(values, pa.string()).cast(wanted.type)
        return pa.array([_fit(value, wanted.type) for value in values], wanted.type)
    except (pa.ArrowException, ValueError, OverflowError, TypeError) as error:
        line = str(error).partition("\n")[0]
        raise InvalidExample(f"the field {wanted.name!r} must hold {wanted.type}, does not: {line}") from error


def _fit(value: Any, type: pa.DataType) -> Any:
    """Returns a value as a column of a type takes it."""
    if value is None:
        return None
    if pa.types.is_string(type) or pa.types.is_large_string(type):
        return to_text(value)
    if _is_list(type):
        return [_fit(item, type.value_type) for item in value]
    if pa.types.is_struct(type):
        return {inner.name: _fit(value.get(inner.name), inner.type) for inner in type}
    return float(value) if pa.types.is_floating(type) else value


def _find_kind(value: Any) -> pa.DataType:
    """Returns the type of a single value."""
    if isinstance(value, list):
        kind = pa.null()
        for item in value:
            kind = _unify(kind, _find_kind(item))
        return pa.list_(kind)
    if isinstance(value, dict):
        return pa.struct([pa.field(name, _find_kind(inner)) for name, inner in value.items()])
    if isinstance(value, int) and not isinstance(value, bool):
        return pa.int64() if value in _WHOLE else pa.string()
    return _KINDS[type(value)]


_KINDS = {type(None): pa.null(), bool: pa.bool_(), float: pa.float64(), str: pa.string()}
"""The types of values that are neither whole numbers nor made of others."""


def _unify(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """Returns the type that has room for the values of two: text if nothing else has."""
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if {one, other} == {pa.int64(), pa.float64()}:
        return pa.float64()
    if pa.types.is_list(one) and pa.types.is_list(other):
        return pa.list_(_unify(one.value_type, other.value_type))
    if pa.types.is_struct(one) and pa.types.is_struct(other) and {*_names(one)} == {*_names(other)}:
        return pa.struct([(inner.name, _unify(inner.type, other.field(inner.name).type)) for inner in one])
    return pa.string()


def _settle(type: pa.DataType) -> pa.DataType:
    """Returns a type that files have: an object without keys is text, since no column has room for it."""
    if pa.types.is_list(type):
        return pa.list_(_settle(type.value_type))
    if not pa.types.is_struct(type):
        return type
    return pa.struct([(inner.name, _settle(inner.type)) for inner in type]) if type.num_fields else pa.string()


def _names(struct: pa.StructType) -> Iterable[str]:
    return (inner.name for inner in struct)
