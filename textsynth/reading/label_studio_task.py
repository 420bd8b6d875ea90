"""Label Studio's exports as tasks: JSON, and JSON_MIN and CSV with one row an annotation."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from textsynth.errors import FormatError
from textsynth.reading.field_names import CLASS_NAMES, is_known, parse_literal
from textsynth.reading.json_object import abridge, load_document
from textsynth.reading.records import open_binary

ROW_FIELDS = ("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement")
"""Fields of a row of JSON_MIN and CSV that are about the annotation."""

_LONGEST_CELL = 2**31 - 1


def is_row(fields: Iterable[str]) -> bool:
    """Says whether these are the fields of a row of JSON_MIN or CSV."""
    present = set(fields)
    return not {"annotations", "data"} & present and bool({"annotator", "annotation_id"} & present)


def load_tasks(path: Path, text: str, choices: str) -> list[Any]:
    """Returns the tasks of an export of any of the three kinds.

    Args:
        path: the file.
        text: the field of the text.
        choices: the field of a row that holds a class, beside those that are known.

    Raises:
        FormatError: if the file holds no list of tasks and no table.
    """
    with open_binary(path) as file:
        start = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] not in (b"[", b"{", b""):
        return list(_gather_rows(_read_csv(path), text, choices))
    tasks = load_document(path)
    if not isinstance(tasks, list):
        raise FormatError(f"{path}: must be a list of tasks, was: {abridge(tasks)}")
    if tasks and all(isinstance(task, dict) and is_row(task) for task in tasks):
        return list(_gather_rows(tasks, text, choices))
    return tasks


def _read_csv(path: Path) -> Iterator[dict[str, Any]]:
    csv.field_size_limit(max(_LONGEST_CELL, csv.field_size_limit()))
    with open_binary(path) as file:
        raw = file.read()
    try:
        lines = io.StringIO(raw.decode("utf-8-sig"), newline="")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: must be UTF-8, has byte 0x{raw[error.start]:02x} at {error.start}") from error
    header = lines.readline()
    lines.seek(0)
    rows = csv.DictReader(lines, delimiter="\t" if "\t" in header else ",", strict=True)
    try:
        yield from rows
    except csv.Error as error:
        raise FormatError(f"{path}:{rows.line_num + 1}: must be quoted as CSV is: {error}") from error


def _gather_rows(rows: Iterable[Mapping[str, Any]], text: str, choices: str) -> Iterator[dict[str, Any]]:
    """Yields a task for the rows with one id, with an annotation for each."""
    tasks: dict[Any, dict[str, Any]] = {}
    for number, row in enumerate(rows):
        data, results = _split_row(row, text, choices)
        key = str(row["id"]) if row.get("id") not in (None, "") else f"row {number}"
        about = {name: row[name] for name in ROW_FIELDS if row.get(name) not in (None, "")}
        task = tasks.setdefault(key, {**about, "data": data, "annotations": []})
        task["annotations"].append({"result": results})
    yield from tasks.values()


def _split_row(row: Mapping[str, Any], text: str, choices: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Returns the data and the results of a row."""
    data: dict[str, Any] = {}
    results: list[dict[str, Any]] = []
    for name, value in row.items():
        if name in ROW_FIELDS or name is None or value in (None, ""):
            continue
        parsed = parse_literal(value) if isinstance(value, str) and name != text else value
        found = None if name == text else _make_results(value if parsed is None else parsed)
        if found is None and isinstance(value, str) and name != text and _is_class(name, choices):
            found = [{"type": "choices", "value": {"choices": [value]}}]
        if found is None:
            data[name] = value
        else:
            results += found
    return data, results


def _is_class(name: str, choices: str) -> bool:
    return name == choices or is_known(name, CLASS_NAMES)


def _make_results(value: Any) -> list[dict[str, Any]] | None:
    """Returns the results that a cell holds, None if it holds none."""
    if isinstance(value, dict) and isinstance(value.get("choices"), list):
        return [{"type": "choices", "value": value}]
    if not isinstance(value, list) or not all(isinstance(item, dict) and "start" in item for item in value):
        return None
    return [{"type": "labels" if "labels" in item else "region", "value": item} for item in value]
