"""The columns of tables that others made: which of them holds what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus.fields import FieldType
from textsynth.errors import FormatError
from textsynth.reading.class_name import tidy_class
from textsynth.reading.field_names import (
    CLASS_NAMES,
    END_NAMES,
    LABEL_NAMES,
    SPANS_NAMES,
    START_NAMES,
    TEXT_NAMES,
    TOKENS_NAMES,
    find_name,
    is_known,
    looks_like_annotation,
)
from textsynth.reading.keep import Keep
from textsynth.reading.kept_columns import find_kept_types
from textsynth.reading.multi_hot import check_hot_columns, explain_hot, find_hot
from textsynth.reading.unread import Unread, explain_unread

USUAL = {
    "text": ("text", "sentence"),
    "spans": ("spans",),
    "label": ("label",),
    "tokens": ("tokens",),
    "tags": ("ner_tags", "tags", "labels"),
}
"""The columns that are looked for if none is named."""

HEAD = 1000
"""The number of rows that are looked at for columns of 0 and 1."""

_WANTED = (
    "must have a column 'text' or 'sentence' (with 'spans', 'label' or both), or the columns 'tokens' and 'ner_tags' "
    "(or 'tags', 'labels')"
)


@dataclass(frozen=True, slots=True)
class NamedColumns:
    """The columns that a user names; those that are None are found by their usual names.

    Args:
        text: the column of the text.
        spans: the column of the spans.
        label: the column of the class.
        tags: the column of the tags, one a token.
        classes: the columns of 0 and 1, one for each class.
        ignore: columns that are passed over.
        keep: says which other columns are kept.
    """

    text: str | None = None
    spans: str | None = None
    label: str | None = None
    tags: str | None = None
    classes: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    keep: Keep = field(default_factory=lambda: Keep(()))


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumns:
    """Which column of a table holds what, checked to be of a type that can.

    Args:
        text: the column of the text; None if the text is made of tokens.
        spans: the column of the spans.
        label: the column of the class.
        tokens: the column of the tokens.
        tags: the column of the tags.
        class_names: for each column whose integers stand for classes, their names.
        hot: the columns of 0 and 1, one for each class.
        several: whether a text may have any number of classes.
        kept: the columns that are kept, with the types that they get back.
    """

    text: str | None
    spans: str | None
    label: str | None
    tokens: str | None
    tags: str | None
    class_names: Mapping[str, Sequence[str]]
    hot: tuple[str, ...] = ()
    several: bool = False
    kept: tuple[FieldType, ...] = ()

    def list_used(self) -> list[str]:
        """Returns the columns that are read or kept, beside `origin` and `parent`."""
        names = (self.text, self.spans, self.label, self.tokens, self.tags, *self.hot, *self.list_kept())
        return list(dict.fromkeys(name for name in names if name is not None))

    def list_kept(self) -> list[str]:
        """Returns the columns that are kept."""
        return [each.name for each in self.kept]


def find_columns(schema: pa.Schema, features: Mapping[str, Any], named: NamedColumns, owner: str) -> TableColumns:
    """Finds out which column holds what.

    Args:
        schema: the columns there are.
        features: their Hugging Face features as plain data, for the names that integers stand for.
        named: what the user named.
        owner: whose columns they are, to begin the message of an error with.

    Raises:
        FormatError: says which columns there are and what must be.

    >>> schema = pa.schema([("sentence", pa.string()), ("label", pa.int64())])
    >>> find_columns(schema, {}, NamedColumns(), "x.parquet").list_used()
    ['sentence', 'label']
    """
    there = ", ".join(schema.names) or "none"
    visible = pa.schema([field for field in schema if field.name not in named.ignore])
    found: dict[str, str | None] = {}
    for part in USUAL:
        name = getattr(named, part, None)
        if name is not None and name not in schema.names:
            raise FormatError(f"{owner}: must have the column {name!r} for the {part}, has: {there}")
        found[part] = name or _find_usual(visible, part, features)
    found["label"] = _settle_label(schema, found, named)
    if found["tokens"] is None and named.tags is None:
        found["tags"] = None  # Nothing could be read of tags without tokens.
    check_hot_columns(named.classes, schema.names, owner)
    kept = _find_kept(schema, features, named.keep, [*found.values(), *named.classes, "origin", "parent"], owner)
    class_names = {name: find_class_names(features.get(name)) for name in (*found.values(), *kept) if name is not None}
    filled = {name: inner for name, inner in class_names.items() if inner}
    columns = TableColumns(
        **found,
        class_names=filled,
        hot=named.classes,
        several=bool(named.classes) or _holds_lists(schema, found["label"]),
        kept=find_kept_types(schema, kept, filled),
    )
    if columns.text is None and (columns.tokens is None or columns.tags is None):
        raise FormatError(f"{owner}: {_WANTED}, has: {there}")
    for complaint in _find_complaints(schema, columns):
        raise FormatError(f"{owner}: {complaint}")
    return columns


def _settle_label(schema: pa.Schema, found: Mapping[str, str | None], named: NamedColumns) -> str | None:
    """Returns the column of the class, unless it is one of spans or tags, or each class has a column."""
    label = found["label"]
    if named.label is not None or label is None:
        return label
    tagged = found["tokens"] is not None and _holds_lists(schema, label)
    return None if named.classes or tagged or label == found["spans"] else label


def _holds_lists(schema: pa.Schema, name: str | None) -> bool:
    return name is not None and _is_list(schema.field(name).type)


def find_class_names(feature: Any) -> list[str]:
    """Returns the names of the ClassLabel in a feature, also if it is the feature of a list, or of a list of spans.

    >>> find_class_names({"feature": {"names": ["O", "B-PER"], "_type": "ClassLabel"}, "_type": "List"})
    ['O', 'B-PER']
    """
    if isinstance(feature, list) and feature:
        return find_class_names(feature[0])
    if not isinstance(feature, dict):
        return []
    if feature.get("_type") == "ClassLabel":
        names = [str(name) for name in feature.get("names") or []]
        tidy = [tidy_class(name) or name for name in names]
        return tidy if len(set(tidy)) == len(set(names)) else names
    return find_class_names(feature.get("feature", feature.get("label")))


def find_unread(
    schema: pa.Schema, features: Mapping[str, Any], columns: TableColumns, unread: Unread, owner: str
) -> list[str]:
    """Takes note of the columns that are passed over, and returns those of strings, for `check_cells`.

    Raises:
        FormatError: if one looks like an annotation by its type. Tags beside other tags of the same tokens are no other
            one, nor are tokens and tags beside spans.
    """
    strings = []
    for name in schema.names:
        if name in columns.list_used() or name in ("origin", "parent") or unread.ignores(name):
            continue
        unread.add(name)
        type = schema.field(name).type
        kind = _describe(name, type, features.get(name), tagged=columns.tokens is not None)
        if kind is not None:
            raise FormatError(f"{owner}: {explain_unread(name, kind).reason}")
        strings += [name] if is_string(type) and not pa.types.is_null(type) else []
    return strings


def check_cells(tables: Iterable[pa.Table], names: Sequence[str], owner: str) -> None:
    """Looks at all cells of columns of strings that are passed over.

    Raises:
        FormatError: if one looks like an annotation.
    """
    for table in tables if names else ():
        for name in names:
            column = table.column(name).cast(pa.string())
            likely = column.filter(pc.match_substring_regex(column, r"^\s*[\[{]"))
            kind = next((kind for cell in likely.to_pylist() if (kind := looks_like_annotation(cell))), None)
            if kind is not None:
                raise FormatError(f"{owner}: {explain_unread(name, kind).reason}")


def _find_kept(
    schema: pa.Schema, features: Mapping[str, Any], keep: Keep, read: Collection[str | None], owner: str
) -> tuple[str, ...]:
    """Returns the columns that are kept; "*" stands for no spans and tags, which are true of one text alone."""
    spare = [name for name in schema.names if name not in read]
    kinds = {name: _describe(name, schema.field(name).type, features.get(name), tagged=False) for name in spare}
    others = [name for name in spare if kinds[name] in (None, "a class") and not is_known(name, TOKENS_NAMES)]
    kept = keep.choose(schema.names, others)
    for name in kept:
        if holds_bytes(schema.field(name).type):
            raise FormatError(
                f"{owner}: keep: the column {name!r} holds {schema.field(name).type}, which cannot be kept; "
                f'leave it out of "*" with ignore = ["{name}"]'
            )
    return kept


def check_hot_unread(rows: pa.Table, columns: TableColumns, unread: Unread, owner: str) -> None:
    """Refuses columns of 0 and 1 if nothing else says the classes of the texts.

    Args:
        rows: the first rows of the table, with all columns or those of `find_flags`.
        columns: which column holds what.
        unread: says which columns may be passed over.
        owner: whose columns they are.

    Raises:
        FormatError: if there are such columns.
    """
    names = find_flags(rows.schema, columns, unread)
    found = find_hot(rows.select(names).to_pylist(), names)  # Text may still be no UTF-8.
    if found:
        raise FormatError(f"{owner}: {explain_hot(found)}")


def find_flags(schema: pa.Schema, columns: TableColumns, unread: Unread) -> list[str]:
    """Returns the columns that may hold a 1 or 0 for a class; none if another says the class, or texts are tokens."""
    if any((columns.label, columns.tokens, columns.hot)):
        return []
    kinds = (pa.types.is_integer, pa.types.is_boolean, pa.types.is_floating)
    numbers = [field.name for field in schema if any(kind(field.type) for kind in kinds)]
    return [name for name in numbers if name not in columns.list_used() and not unread.ignores(name)]


def _describe(name: str, type: pa.DataType, feature: Any, *, tagged: bool) -> str | None:
    """Returns what kind of annotation a column looks like, by its type and its name."""
    item = item_type(type)
    if item is not None:
        return _describe_list(name, item, feature, tagged=tagged)
    names_class = is_known(name, CLASS_NAMES) and _is_class(type)
    return "a class" if names_class or find_class_names(feature) else None


def _describe_list(name: str, type: pa.DataType, feature: Any, *, tagged: bool) -> str | None:
    """Returns what kind of annotation a column of lists looks like, by the type of their items."""
    if pa.types.is_struct(type):
        names = [field.name for field in type]
        offsets = [find_name(names, known) for known in (START_NAMES, END_NAMES)]
        return "a list of objects with start and end" if None not in offsets else None
    if _is_list(type):
        return "a list of offsets" if is_known(name, (*SPANS_NAMES, *CLASS_NAMES)) else None
    if tagged or is_known(name, TOKENS_NAMES):
        return None
    if find_class_names(feature) or (is_known(name, SPANS_NAMES) and not is_known(name, CLASS_NAMES)):
        return "a list of tags"
    return "a list of classes" if is_known(name, CLASS_NAMES) else None


def _find_usual(schema: pa.Schema, part: str, features: Mapping[str, Any]) -> str | None:
    names = [name for name in USUAL[part] if name in schema.names]
    if part == "tags":
        names = [name for name in names if _is_list(schema.field(name).type)]
    tagged = _find_usual(schema, "tags", features) is not None if part == "text" else False
    if names or part not in _KNOWN or (tagged and "tokens" in schema.names):
        return names[0] if names else None
    known, fits = _KNOWN[part]
    numbered = part == "spans"
    fitting = [name for name in schema.names if fits(schema.field(name).type, numbered)]
    return find_name(fitting, known)


def _find_complaints(schema: pa.Schema, columns: TableColumns) -> Iterator[str]:
    """Says which columns are of a type that cannot hold what they should."""
    numbered = columns.tags in columns.class_names
    parts = [
        (columns.text, "strings", is_string),
        (columns.spans, "lists of {start, end, label}", lambda held: _is_spans(held, "spans" in columns.class_names)),
        (columns.label, "strings, whole numbers or a ClassLabel, or lists of these", _is_classes),
        (columns.tokens, "lists of strings", lambda held: _is_list(held) and is_string(held.value_type)),
        (columns.tags, "lists of strings or of a ClassLabel", lambda held: _is_names(held, numbered)),
    ]
    for name, words, fits in parts:
        if name is not None and not fits(schema.field(name).type):
            yield f"the column {name!r} must hold {words}, holds {schema.field(name).type}"


def is_string(type: pa.DataType) -> bool:
    """Says whether an Arrow type is one of those for text, or for nothing at all."""
    if pa.types.is_dictionary(type):
        return is_string(type.value_type)
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
    return any(kind(type) for kind in kinds)


def holds_bytes(type: pa.DataType) -> bool:
    """Says whether an Arrow type has bytes anywhere in it, such as images, which no text can hold."""
    kinds = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    if any(kind(type) for kind in kinds):
        return not pa.types.is_decimal(type)
    return any(holds_bytes(type.field(index).type) for index in range(type.num_fields))


def _is_list(type: pa.DataType) -> bool:
    return pa.types.is_list(type) or pa.types.is_large_list(type) or pa.types.is_fixed_size_list(type)


def _is_class(type: pa.DataType) -> bool:
    kinds = (pa.types.is_integer, pa.types.is_boolean, pa.types.is_floating)
    return is_string(type) or any(kind(type) for kind in kinds)


def _is_classes(type: pa.DataType) -> bool:
    return _is_class(type.value_type if _is_list(type) else type)


def _is_names(type: pa.DataType, numbered: bool) -> bool:
    return _is_list(type) and (is_string(type.value_type) or (numbered and pa.types.is_integer(type.value_type)))


def name_parts(struct: pa.DataType) -> list[str]:
    """Returns the names of start, end and label in the objects of a column of spans; nothing if one is missing."""
    names = [field.name for field in struct]
    found = [find_name(names, known) for known in (START_NAMES, END_NAMES, LABEL_NAMES)]
    return [name for name in found if name is not None] if None not in found else []


def item_type(type: pa.DataType) -> pa.DataType | None:
    """Returns the type of an item of a list, or of the objects that an object of lists stands for; None for others."""
    if _is_list(type):
        return type.value_type
    if pa.types.is_struct(type) and type.num_fields and all(_is_list(field.type) for field in type):
        return pa.struct([pa.field(field.name, field.type.value_type) for field in type])
    return None


def _is_spans(type: pa.DataType, numbered: bool) -> bool:
    struct = item_type(type)
    if struct is None:
        return False
    if not pa.types.is_struct(struct):
        return pa.types.is_null(struct)
    parts = name_parts(struct)
    if not parts:
        return False
    start, end, label = (struct.field(name).type for name in parts)
    integers = all(pa.types.is_integer(offset) or pa.types.is_null(offset) for offset in (start, end))
    return integers and (is_string(label) or (numbered and pa.types.is_integer(label)))


_KNOWN: Mapping[str, tuple[Sequence[str], Callable[[pa.DataType, bool], bool]]] = {
    "text": (TEXT_NAMES, lambda held, _: is_string(held) and not pa.types.is_null(held)),
    "spans": (SPANS_NAMES, _is_spans),
    "label": (CLASS_NAMES, lambda held, _: _is_classes(held)),
}
"""The names of columns that people use besides, and what type a column of that name must have."""
