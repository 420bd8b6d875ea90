"""JSON Lines and JSON documents as objects, and what formats with one object a record have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from textsynth.corpus.fields import read_fields
from textsynth.errors import CarryError, FormatError
from textsynth.foundation.disk import whole_file
from textsynth.reading.field_names import TEXT_NAMES, TOKENS_NAMES, find_name
from textsynth.reading.records import Fault, Faults, Record, Spans, open_binary, read_lines, write_lines

_SHOWN = 80
"""The number of characters of a wrong value that a message shows."""

_ROW_NAMES = (*TEXT_NAMES, *TOKENS_NAMES, "data", "input", "inputs", "fields", "paragraphs")
"""Names one of which an object has that is a record."""

_DEPTH = 3
"""How many objects deep the list of records of a document is looked for."""


def read_objects(
    path: Path, encoding: str, faults: Faults, interpret: Callable[[int | str, dict[str, Any]], Record | Fault | None]
) -> Iterator[Record | Fault]:
    """Reads the object of each line, or of each item of a JSON list, as a record; blank lines are skipped.

    Args:
        path: the file.
        encoding: how its bytes stand for characters.
        faults: takes the lines that are not in the encoding.
        interpret: is called with the position of an object and the object; returns None for an object to skip. A
            fault from it needs no line.

    Yields:
        Records, and a fault for each line that holds no JSON object or is not what `interpret` asks for.
    """
    for position, value in read_values(path, encoding, faults):
        parsed = value if isinstance(value, Fault | dict) else explain_no_object(value)
        record = parsed if isinstance(parsed, Fault) else interpret(position, parsed)
        if record is not None:
            yield record.with_line(position) if isinstance(record, Fault) else record


def read_values(path: Path, encoding: str, faults: Faults) -> Iterator[tuple[int | str, Any]]:
    """Yields what each line holds with its number, or each item of a JSON document with its position.

    Lines are streamed; a document is held in memory. What is no JSON is a fault.
    """
    if _is_document(path, encoding):
        for number, item in enumerate(_list_rows(load_document(path, encoding)), 1):
            yield f"record {number}", item
        return
    for line_number, line in read_lines(path, encoding, faults):
        if line.strip():
            yield line_number, _parse(line)


def load_document(path: Path, encoding: str = "utf-8") -> Any:
    """Returns what a JSON document holds.

    Raises:
        FormatError: if it is no JSON, with line and column, or not in the encoding.
    """
    with open_binary(path) as file:
        raw = file.read()
    try:
        return json.loads(raw.decode("utf-8-sig" if encoding == "utf-8" else encoding))
    except UnicodeDecodeError as error:
        name = "UTF-8" if encoding == "utf-8" else encoding
        raise FormatError(f"{path}: must be {name}, has byte 0x{raw[error.start]:02x} at {error.start}") from error
    except json.JSONDecodeError as error:
        raise FormatError(f"{path}:{error.lineno}: must be JSON, {error.msg} at column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path}: must be JSON: {error}") from error


def parse_head(head: str) -> Iterator[Any]:
    r"""Yields the whole records at the start of a file: of lines, or the items of a JSON list.

    >>> list(parse_head('{"a": 1}\n\n["b", 2]\n{"cut o'))
    [{'a': 1}, ['b', 2]]
    >>> list(parse_head('[{"a": 1},\n {"b": 2}, {"cut o'))
    [{'a': 1}, {'b': 2}]
    """
    at = _find_first_record(head)
    decoder = json.JSONDecoder()
    while at < len(head):
        try:
            value, at = decoder.raw_decode(head, at)
        except (ValueError, RecursionError):
            return
        yield value
        at = _skip(head, at, ", \r\n\t")


def count_known_fields(head: str, known: Collection[str]) -> int:
    """Returns how many of the known fields the objects at the start of a file have."""
    fields = {name for row in parse_head(head) if isinstance(row, dict) for name in row}
    return len(fields & set(known))


def explain_no_object(value: Any) -> Fault:
    """Says that a record is no object."""
    return Fault(f"a line must be a JSON object, was: {json.dumps(value)[:40]!r}")


def read_string(row: Mapping[str, Any], field: str, owner: str = "") -> str | Fault:
    """Returns a field that must be a string.

    Args:
        row: the object.
        field: the name of its field.
        owner: follows the field's name in the message, such as `" of 'data'"`.
    """
    value = row.get(field)
    if not isinstance(value, str):
        return Fault(f"the field {field!r}{owner} must be a string, was: {abridge(value)}")
    return value


def read_spans(value: Any) -> Spans | Fault:
    """Reads spans out of JSON: objects with start, end and label, or triples.

    >>> read_spans([{"start": 0, "end": 3, "label": "PERSON"}, [4, 6, "ORG"]])
    [(0, 3, 'PERSON'), (4, 6, 'ORG')]
    """
    if value is not None and not isinstance(value, list):
        return Fault(f"spans must be a list, was: {abridge(value)}")
    spans = []
    for span in value or []:
        parts = [span.get(name) for name in ("start", "end", "label")] if isinstance(span, dict) else span
        triple = as_triple(parts)
        if triple is None:
            return Fault(f"a span must have start and end, two whole numbers, and a label, was: {abridge(span)}")
        spans.append(triple)
    return spans


def as_triple(parts: Any) -> tuple[int, int, str] | None:
    """Returns a list of start, end and label as a span, None if it is none; `True` is no number here.

    >>> as_triple([0, 3, "PERSON"]), as_triple([0, True, "PERSON"]), as_triple(None)
    ((0, 3, 'PERSON'), None, None)
    """
    if not isinstance(parts, list) or [type(part) for part in parts] != [int, int, str]:
        return None
    return parts[0], parts[1], parts[2]


def read_provenance(value: Any) -> tuple[str, str]:
    """Returns origin and parent that an object holds, each empty if it has none.

    >>> read_provenance({"origin": "vae", "parent": None}), read_provenance(None)
    (('vae', ''), ('', ''))
    """
    held = value if isinstance(value, dict) else {}
    return str(held.get("origin") or ""), str(held.get("parent") or "")


def keep_filled(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Returns the named fields of a row that are not empty.

    >>> keep_filled({"text": "a", "origin": "vae", "parent": ""}, "origin", "parent")
    {'origin': 'vae'}
    """
    return {name: row[name] for name in names if row[name]}


def meta_field(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the field `meta` with origin, parent and fields, as annotation tools pass it on; nothing if it is empty.

    >>> meta_field({"origin": "vae", "parent": ""}), meta_field({"origin": "", "parent": ""})
    ({'meta': {'origin': 'vae'}}, {})
    """
    made = keep_filled(row, "origin", "parent") | read_fields(row.get("fields"))
    return {"meta": made} if made else {}


def hold_meta(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Returns the fields of an object with those of objects in it beside them, but for origin and parent there.

    Args:
        row: the object.
        names: the fields that hold such objects; of fields with the same name, those of the last count.

    >>> hold_meta({"text": "a", "meta": {"origin": "vae", "id": 7}}, "meta")
    {'text': 'a', 'id': 7}
    """
    held = {name: value for name, value in row.items() if name not in names or not isinstance(value, dict)}
    inner = [row[name] for name in names if isinstance(row.get(name), dict)]
    return held | {key: value for each in inner for key, value in each.items() if key not in ("origin", "parent")}


def add_fields(written: dict[str, Any], row: Mapping[str, Any], own: Collection[str] = ()) -> dict[str, Any]:
    """Returns what is written of a row with the fields of its example beside it.

    Args:
        written: what is written so far.
        row: the row of a corpus' table.
        own: further names that something else is written under, though this row does not have it.

    Raises:
        CarryError: if a field has the name of something else that is written.

    >>> add_fields({"text": "a"}, {"text": "a", "fields": '{"id": 7}'})
    {'text': 'a', 'id': 7}
    """
    fields = read_fields(row.get("fields"))
    for name in fields:
        if name in written or name in own:
            raise CarryError(
                f"the field {name!r} has the name that something else is written under; "
                "give it another name in the source, or write that under another with an option"
            )
    return written | fields


def write_objects(objects: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Writes one object a line, with its characters as they are; the file is written whole or not at all.

    Raises:
        OutputError: if the path cannot be written.
    """
    with whole_file(path) as partial:
        write_lines(partial, (json.dumps(row, ensure_ascii=False) + "\n" for row in objects))


def abridge(value: Any) -> str:
    """Returns a value as a message shows it."""
    return repr(value)[:_SHOWN]


def _parse(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        return Fault(f"a line must be a JSON object: {error}")


def _is_document(path: Path, encoding: str) -> bool:
    """Says whether a file is one JSON value with records inside it, and not one a line."""
    lines = (line.strip() for _, line in read_lines(path, encoding, Faults("skip")))
    first = next((line for line in lines if line), "")
    value = _parse(first)
    if not isinstance(value, Fault):
        return _is_list_of_rows(value) or (isinstance(value, dict) and find_rows(value) is not None)
    if not first.startswith("[") and first[-1:] not in ("{", "[", ","):
        return False
    try:
        load_document(path, encoding)
    except FormatError:
        return False
    return True


def _list_rows(value: Any) -> Iterator[Any]:
    """Yields the records of a document: the items of a list, or of the list that an object holds; null is none."""
    rows = find_rows(value) if isinstance(value, dict) else value
    rows = rows if isinstance(rows, list) else [value]
    yield from (row for row in rows if row is not None)


def find_rows(value: Mapping[str, Any], depth: int = _DEPTH) -> list[Any] | None:
    """Returns the first list of records that an object without a text holds, at any of a few depths."""
    if find_name(value, TEXT_NAMES) is not None or {"input", "output"} <= value.keys():
        return None
    for inner in value.values():
        if _is_list_of_rows(inner):
            return list(inner)
        if isinstance(inner, dict) and depth and (rows := find_rows(inner, depth - 1)) is not None:
            return rows
    return None


def _is_list_of_rows(value: Any) -> bool:
    """Says whether the first item of a list is an object with a text, or a list that begins with one."""
    items = [item for item in value if item is not None] if isinstance(value, list) else []
    first = items[0] if items else None
    if isinstance(first, list):
        return len(first) > 1 and isinstance(first[0], str) and isinstance(first[1], dict | list | str)
    # The turns of a chat are no records: together they are one.
    return isinstance(first, dict) and "role" not in first and find_name(first, _ROW_NAMES) is not None


def _find_first_record(head: str) -> int:
    """Returns where the first record begins: behind the bracket of a list of records."""
    start = _skip(head, 0, " \r\n\t")
    inner = _skip(head, start + 1, " \r\n\t") if head[start : start + 1] == "[" else start
    return inner if head[inner : inner + 1] in ("{", "[") else start


def _skip(head: str, at: int, marks: str) -> int:
    while at < len(head) and head[at] in marks:
        at += 1
    return at
