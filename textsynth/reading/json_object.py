"""JSON Lines as objects, and what formats with one object a line have in common."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from textsynth.reading.records import Fault, Faults, lines


def objects(path: Path, encoding: str, faults: Faults) -> Iterator[tuple[int, dict[str, Any]] | Fault]:
    """Yields the object of each line with its number; blank lines are passed over.

    Args:
        path: the file.
        encoding: how its bytes stand for characters.
        faults: where lines go that are not in the encoding.

    Returns:
        A fault for each line that holds no JSON object.
    """
    for number, line in lines(path, encoding, faults):
        if line.strip():
            parsed = _object(line)
            yield Fault(number, parsed) if isinstance(parsed, str) else (number, parsed)


def objects_of_head(head: str) -> Iterator[dict[str, Any]]:
    r"""Yields the objects of the whole lines at the start of a file, up to the first that is none.

    >>> list(objects_of_head('{"a": 1}\n\n{"b": 2}\n{"cut o'))
    [{'a': 1}, {'b': 2}]
    """
    for line in head.split("\n"):
        if line.strip():
            parsed = _object(line)
            if isinstance(parsed, str):
                return
            yield parsed


def spans_of_json(value: Any) -> list[tuple[int, int, str]] | str:
    """Reads spans out of JSON: objects with start, end and label, or triples; returns what is wrong as a string.

    >>> spans_of_json([{"start": 0, "end": 3, "label": "PERSON"}, [4, 6, "ORG"]])
    [(0, 3, 'PERSON'), (4, 6, 'ORG')]
    """
    if value is not None and not isinstance(value, list):
        return f"spans must be a list, was: {value!r}"
    spans = []
    for span in value or []:
        parts = [span.get(name) for name in ("start", "end", "label")] if isinstance(span, dict) else span
        if not isinstance(parts, list) or [type(part) for part in parts] != [int, int, str]:
            return f"a span must have start and end, two whole numbers, and a label, was: {span!r}"
        spans.append((parts[0], parts[1], parts[2]))
    return spans


def provenance(value: Any) -> tuple[str, str]:
    """Returns origin and parent that an object holds, each empty where it has none.

    >>> provenance({"origin": "vae", "parent": None}), provenance(None)
    (('vae', ''), ('', ''))
    """
    held = value if isinstance(value, dict) else {}
    return str(held.get("origin") or ""), str(held.get("parent") or "")


def without_empty(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Returns the named fields of a row that are not empty.

    >>> without_empty({"text": "a", "origin": "vae", "parent": ""}, "origin", "parent")
    {'origin': 'vae'}
    """
    return {name: row[name] for name in names if row[name]}


def _object(line: str) -> dict[str, Any] | str:
    """Returns the object, or what is wrong with the line."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"a line must be a JSON object: {error}"
    return value if isinstance(value, dict) else f"a line must be a JSON object, was: {line[:40]!r}"
