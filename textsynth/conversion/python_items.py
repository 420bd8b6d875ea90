"""Items of a list as lines of JSON: texts, pairs of a text and its labels, dicts, Examples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from textsynth.corpus.example import Example
from textsynth.reading.records import Fault, Faults

KINDS_OF_ITEMS = "a text, (text, spans), (text, label), (text, spans, label), a dict, an Example or a spaCy Doc"
_SHOWN = 60
"""The number of characters of a wrong value that a message shows."""
_SPAN_NAMES = (("start_char", "end_char", "label_"), ("start", "end", "label"))
"""The attributes of objects that stand for spans: those of spaCy, and those of ours and of others."""


def is_of(value: Any, module: str, *names: str) -> bool:
    """Says whether a value is of a class of a module, both by name: the module need not be installed.

    >>> is_of(Path("a"), "pathlib", "Path"), is_of("a", "pathlib", "Path")
    (True, False)
    """
    kinds = [kind for kind in type(value).__mro__ if kind.__name__ in names]
    return any((kind.__module__ + ".").startswith(module + ".") for kind in kinds)


def is_doc(value: Any) -> bool:
    """Says whether a value is a text that spaCy has processed."""
    return is_of(value, "spacy.tokens", "Doc")


def describe(value: Any) -> str:
    """Returns a wrong value as a message shows it, in one line, with its type.

    >>> describe(b"Ada")
    "bytes b'Ada'"
    """
    if value is None:
        return "None"
    text = " ".join(repr(value).split())
    return f"{type(value).__name__} {text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}"


def write_items(items: Iterable[Any], path: Path, faults: Faults) -> bool:
    """Writes one JSON object a line, and a blank line for an item that cannot be one, so that lines stay numbered.

    Args:
        items: texts, tuples, dicts, Examples.
        path: the file to write.
        faults: takes the items that are none of these, with the lines that would have been theirs.

    Returns:
        Whether a dict was among them, whose fields may have any names.
    """
    with_dicts = False
    with path.open("w", encoding="utf-8") as file:
        for number, item in enumerate(items, 1):
            with_dicts = with_dicts or isinstance(item, Mapping)
            line = _write_item(item)
            if isinstance(line, Fault):
                faults.add(path, line.with_line(number))
            file.write("\n" if isinstance(line, Fault) else line + "\n")
    return with_dicts


def to_plain(value: Any) -> Any:
    """Returns a value as JSON has it: spans as objects, what is missing as None, numpy's numbers as Python's.

    >>> from textsynth.corpus.example import Span
    >>> to_plain([(0, 3, "PER"), Span(4, 6, "LOC"), {"score": float("nan")}])
    [[0, 3, 'PER'], {'start': 4, 'end': 6, 'label': 'LOC'}, {'score': None}]
    """
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): to_plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [to_plain(inner) for inner in value]
    return _to_plain_object(value)


def _to_plain_object(value: Any) -> Any:
    if is_of(value, "pandas", "NAType", "NaTType"):
        return None
    for names in _SPAN_NAMES:
        if all(hasattr(value, name) for name in names):
            return dict(zip(("start", "end", "label"), (to_plain(getattr(value, name)) for name in names), strict=True))
    # No reader takes this for a text or a label, and what no reader looks at does no harm.
    return {type(value).__name__: describe(value)}


def _write_item(item: Any) -> str | Fault:
    try:
        row = _make_row(item)
        return row if isinstance(row, Fault) else json.dumps(row)
    except RecursionError:
        return Fault("an item must not contain itself")


def _make_row(item: Any) -> dict[str, Any] | Fault:
    if isinstance(item, str):
        return {"text": str(item)}
    if isinstance(item, Mapping):
        return {str(key): to_plain(value) for key, value in item.items()}
    if isinstance(item, Example):
        row = asdict(item)
        return {**row.pop("fields"), **row}
    if isinstance(item, tuple | list) and len(item) in (2, 3) and isinstance(item[0], str):
        return _make_pair(str(item[0]), *item[1:])
    return Fault(f"must be {KINDS_OF_ITEMS}, was: {describe(item)}")


def _make_pair(text: str, second: Any, *third: Any) -> dict[str, Any] | Fault:
    """Returns what a tuple of a text and one or two more says: spans, class, both, or what spaCy's has by name."""
    part = to_plain(second)
    if isinstance(second, Mapping) and not third:
        return {"text": text} | part
    if isinstance(part, list) and (third or not _are_classes(part)):
        if not all(isinstance(each, list | dict) for each in part):
            return Fault(f"spans must be a list of (start, end, label), was: {describe(second)}")
        row: dict[str, Any] = {"text": text, "spans": part}
    elif third and part is not None:
        return Fault(f"a tuple of three must be (text, spans, label), its spans a list, was: {describe(second)}")
    else:
        row = {"text": text} if third else {"text": text, "label": part}
    row |= {"label": to_plain(third[0])} if third else {}
    if isinstance(row.get("label"), dict):
        return Fault(f"a label must be a string, was: {describe(third[0] if third else second)}")
    return row


def _are_classes(part: list[Any]) -> bool:
    """Says whether a list is of the names of several classes, rather than of spans."""
    return bool(part) and all(isinstance(each, str) for each in part)
