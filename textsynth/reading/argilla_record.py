"""Records of Argilla in all its versions, as one kind: text, and what was answered to each question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from textsynth.reading.json_object import abridge
from textsynth.reading.records import Fault

_RESPONSES, _SUGGESTION = ".responses", ".suggestion"
_DISCARDED = ("discarded", "draft", "Discarded")
"""States of an answer that nobody stands for."""


@dataclass(slots=True)
class ArgillaRecord:
    """What a record says.

    Args:
        fields: the texts by the names of their fields.
        answers: what people answered to each question, an answer each.
        suggestions: what models suggest, likewise.
        discarded: whether the record as a whole was discarded.
        others: further fields.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, list[Any]] = field(default_factory=dict)
    suggestions: dict[str, list[Any]] = field(default_factory=dict)
    discarded: bool = False
    others: dict[str, Any] = field(default_factory=dict)


def is_argilla(row: Any) -> bool:
    """Says whether an object is a record of Argilla: with fields and answers, flat, or of version 1."""
    if not isinstance(row, dict):
        return False
    nested = isinstance(row.get("fields"), dict) and bool({"responses", "suggestions"} & set(row))
    flat = any(name.endswith((_RESPONSES, _SUGGESTION)) for name in row)
    return nested or flat or ("annotation" in row and "prediction" in row)


def read_argilla(row: Mapping[str, Any]) -> ArgillaRecord | Fault:
    """Returns what an object says, whichever version wrote it."""
    if isinstance(row.get("fields"), dict):
        return _read_nested(row)
    if any(name.endswith((_RESPONSES, _SUGGESTION)) for name in row):
        return _read_flat(row)
    return _read_first_version(row)


def _read_nested(row: Mapping[str, Any]) -> ArgillaRecord | Fault:
    record = ArgillaRecord(fields=dict(row["fields"]))
    parts = (("responses", record.answers), ("suggestions", record.suggestions))
    for name, into in parts:
        fault = _collect(name, row.get(name) or {}, into)
        if fault is not None:
            return fault
    record.discarded = row.get("status") in _DISCARDED
    known = {"fields", "responses", "suggestions", "status"}
    record.others = {name: row[name] for name in row if name not in known and row[name]}
    return record


def _collect(name: str, held: Any, into: dict[str, list[Any]]) -> Fault | None:
    """Collects answers: by question, each with a list of answers or one, or a list with the questions inside."""
    if isinstance(held, dict):
        pairs: Iterable[tuple[Any, Any]] = ((question, said) for question, said in held.items())
    elif isinstance(held, list) and all(isinstance(each, dict) for each in held):
        pairs = (pair for each in held for pair in _list_questions(each))
    else:
        return Fault(f"the field {name!r} must be an object or a list of objects, was: {abridge(held)}")
    for question, said in pairs:
        for each in said if isinstance(said, list) else [said]:
            if not isinstance(each, dict) or "value" not in each:
                return Fault(f"an answer to {question!r} must be an object with 'value', was: {abridge(each)}")
            if each.get("status") not in _DISCARDED and each["value"] is not None:
                into.setdefault(str(question), []).append(each["value"])
    return None


def _list_questions(each: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Returns the answers of one person, or the suggestion for one question."""
    if isinstance(each.get("values"), dict):
        return [] if each.get("status") in _DISCARDED else list(each["values"].items())
    return [(each.get("question_name", "?"), each)]


def _read_flat(row: Mapping[str, Any]) -> ArgillaRecord | Fault:
    """Reads a record whose questions are fields such as `label.responses` and `label.suggestion`."""
    record = ArgillaRecord()
    for name, value in row.items():
        if name.endswith(_RESPONSES):
            states = row.get(f"{name}.status") or []
            given = value if isinstance(value, list) else [] if value is None else [value]
            kept = [each for at, each in enumerate(given) if at >= len(states) or states[at] not in _DISCARDED]
            record.answers[name.removesuffix(_RESPONSES)] = kept
        elif name.endswith(_SUGGESTION):
            record.suggestions[name.removesuffix(_SUGGESTION)] = [] if value is None else [value]
        elif f"{_RESPONSES}." not in name and f"{_SUGGESTION}." not in name:
            record.fields[name] = value
    return record


def _read_first_version(row: Mapping[str, Any]) -> ArgillaRecord | Fault:
    """Reads a record of version 1, for classes of texts or of tokens."""
    inputs = row.get("inputs")
    texts = dict(inputs) if isinstance(inputs, dict) else {"text": inputs} if isinstance(inputs, str) else {}
    texts |= {"text": row["text"]} if isinstance(row.get("text"), str) else {}
    record = ArgillaRecord(fields=texts, discarded=row.get("status") in _DISCARDED)
    for name, into in (("annotation", record.answers), ("prediction", record.suggestions)):
        if row.get(name) is not None:
            into[name] = [_drop_scores(row[name])]
    known = {"text", "inputs", "annotation", "prediction", "status", "tokens", "multi_label"}
    record.others = {name: row[name] for name in row if name not in known and row[name]}
    return record


def _drop_scores(value: Any) -> Any:
    """Returns the most likely class of a prediction, or its spans, without their scores."""
    if not isinstance(value, list) or not value:
        return value
    pairs = [[each.get("label"), each.get("score")] if _is_scored(each) else each for each in value]
    if all(isinstance(each, list | tuple) and len(each) == 2 and isinstance(each[0], str) for each in pairs):
        return max(pairs, key=lambda pair: pair[1] or 0)[0]
    return [each[:3] if isinstance(each, list | tuple) and len(each) > 3 else each for each in value]


def _is_scored(each: Any) -> bool:
    return isinstance(each, dict) and "start" not in each and {"label", "score"} <= set(each)
