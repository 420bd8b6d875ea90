"""Mentions that are marked in running text as Rasa has it: `[Rome](city)` and `[Rome]{"entity": "city"}`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from textsynth.reading.records import Fault, Spans

_MARK = re.compile(r"\[([^\]]+?)\](?:\(([^:)]+?)(?::([^)]+))?\)|(\{[^}]+?\}))")
"""Rasa's own rule for what is marked: the mention, then label and value in brackets, or an object in braces."""


@dataclass(slots=True)
class MarkedText:
    """A text without its marks.

    Args:
        text: the text.
        spans: its mentions.
        others: what the marks say besides, and is not read.
    """

    text: str = ""
    spans: Spans = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def read_marks(marked: str) -> MarkedText | Fault:
    """Takes the marks out of a text.

    >>> read_marks("from [Rome](city) to [LA]{'entity'}")
    Fault(reason="the mark {'entity'} must be a JSON object with 'entity', is not", line='')
    >>> read_marks('from [Rome](city) to [LA]{"entity": "city", "role": "to"}')
    MarkedText(text='from Rome to LA', spans=[(5, 9, 'city'), (13, 15, 'city')], others=['role'])
    """
    made, end = MarkedText(), 0
    for match in _MARK.finditer(marked):
        mention, label, value, braces = match.groups()
        said: dict[str, Any] = (
            {"entity": label} | ({"value": value} if value else {}) if braces is None else _parse(braces)
        )
        if not isinstance(said.get("entity"), str) or not said["entity"].strip():
            return Fault(f"the mark {braces} must be a JSON object with 'entity', is not")
        made.text += marked[end : match.start()]
        start = len(made.text)
        made.text += mention
        made.spans.append((start, len(made.text), said["entity"]))
        made.others += [name for name in said if name != "entity" and said[name] != mention]
        end = match.end()
    made.text += marked[end:]
    return made


def write_marks(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """Returns a text with its mentions marked.

    >>> write_marks("to Rome", [(3, 7, "city")]), write_marks("to Rome", [(3, 7, "a:b")])
    ('to [Rome](city)', 'to [Rome]{"entity": "a:b"}')
    """
    parts, end = [], 0
    for start, stop, label in spans:
        plain = re.fullmatch(r"[^:(){}\[\]]+", label)
        mark = f"({label})" if plain else json.dumps({"entity": label}, ensure_ascii=False)
        parts += [text[end:start], f"[{text[start:stop]}]{mark}"]
        end = stop
    return "".join([*parts, text[end:]])


def _parse(braces: str) -> dict[str, Any]:
    try:
        value = json.loads(braces)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
