"""JSON Lines as objects, and what formats with one object a line have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from textsynth.foundation.disk import whole_file
from textsynth.reading.records import Fault, Faults, Record, Spans, read_lines, write_lines

_SHOWN = 80
"""The number of characters of a wrong value that a message shows."""


def read_objects(
    path: Path, encoding: str, faults: Faults, interpret: Callable[[int, dict[str, Any]], Record | Fault | None]
) -> Iterator[Record | Fault]:
    """Reads the object of each line as a record; blank lines are skipped.

    Args:
        path: the file.
        encoding: how its bytes stand for characters.
        faults: takes the lines that are not in the encoding.
        interpret: is called with the number of a line and its object; returns None for an object to skip. A
            fault from it needs no line.

    Yields:
        Records, and a fault for each line that holds no JSON object or is not what `interpret` asks for.
    """
    for number, line in read_lines(path, encoding, faults):
        if line.strip():
            parsed = _parse_object(line)
            record = parsed if isinstance(parsed, Fault) else interpret(number, parsed)
            if record is not None:
                yield record.with_line(number) if isinstance(record, Fault) else record


def parse_head(head: str) -> Iterator[dict[str, Any]]:
    r"""Yields the objects of the whole lines at the start of a file, up to the first that is none.

    >>> list(parse_head('{"a": 1}\n\n{"b": 2}\n{"cut o'))
    [{'a': 1}, {'b': 2}]
    """
    for line in head.split("\n"):
        if line.strip():
            parsed = _parse_object(line)
            if isinstance(parsed, Fault):
                return
            yield parsed


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


def read_class(row: Mapping[str, Any], field: str) -> str | Fault | None:
    """Returns a field that must be a string or null, as the class of a text is."""
    value = row.get(field)
    if not isinstance(value, str | None):
        return Fault(f"the field {field!r} must be a string or null, was: {abridge(value)}")
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
    """Returns the field `meta` with origin and parent, as annotation tools pass it on; nothing if both are empty.

    >>> meta_field({"origin": "vae", "parent": ""}), meta_field({"origin": "", "parent": ""})
    ({'meta': {'origin': 'vae'}}, {})
    """
    made = keep_filled(row, "origin", "parent")
    return {"meta": made} if made else {}


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


def _parse_object(line: str) -> dict[str, Any] | Fault:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Fault(f"a line must be a JSON object: {error}")
    return value if isinstance(value, dict) else Fault(f"a line must be a JSON object, was: {line[:40]!r}")
