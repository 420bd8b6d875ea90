"""Spans as JSON has them: objects under many names, and lists of start, end and label."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from textsynth.reading.field_names import (
    END_NAMES,
    LABEL_NAMES,
    MENTION_NAMES,
    START_NAMES,
    find_name,
    looks_like_annotation,
)
from textsynth.reading.json_object import abridge, as_triple
from textsynth.reading.records import Fault, Spans

_PIECE = re.compile(r"([BI])-(.+)")
_MUST = "a span must have start and end, two whole numbers, and a label"


@dataclass(slots=True)
class QuotedSpans:
    """Spans as a file has them, not yet placed in the text.

    Args:
        spans: with offsets as the file has them.
        quotes: for each the text that stands beside its offsets; None if there is none.
    """

    spans: Spans = field(default_factory=list)
    quotes: list[str | None] = field(default_factory=list)

    def add(self, start: int, end: int, label: str, quote: str | None = None) -> None:
        """Adds a span."""
        self.spans.append((start, end, label))
        self.quotes.append(quote)

    def join_pieces(self) -> QuotedSpans:
        """Returns the spans with the pieces of one mention joined, as a pipeline has them that groups no tokens."""
        joined = QuotedSpans()
        for start, end, label in sorted(self.spans):
            piece = _PIECE.fullmatch(label)
            name = piece[2] if piece else label
            before = joined.spans[-1] if joined.spans else (0, -2, "")
            if piece and piece[1] == "I" and before[2] == name and start - before[1] in (0, 1):
                joined.spans[-1] = (before[0], end, name)
            else:
                joined.add(start, end, name)
        return joined


def read_json_spans(value: Any) -> QuotedSpans | Fault:
    """Reads spans out of a JSON list: objects, and lists of start, end and label or of label, start and end.

    >>> read_json_spans([{"start_offset": 0, "end_offset": 3, "type": "PERSON"}, ["ORG", 4, 6]]).spans
    [(0, 3, 'PERSON'), (4, 6, 'ORG')]
    """
    if not isinstance(value, list):
        return Fault(f"spans must be a list, was: {abridge(value)}")
    found, pieces = QuotedSpans(), False
    for span in value:
        read = _read_one(span, found)
        if isinstance(read, Fault):
            return read
        pieces = pieces or read
    return found.join_pieces() if pieces else found


def is_span_group(value: Any) -> bool:
    """Says whether a value is a list of objects with start and end, or of pairs of offsets."""
    kind = looks_like_annotation(value) if isinstance(value, list) and isinstance(value[0], list | dict) else None
    return kind in ("a list of objects with start and end", "a list of offsets")


def read_span_groups(name: str, groups: Mapping[str, list[Any]]) -> QuotedSpans | Fault:
    """Reads spans that are sorted: pairs of offsets by their labels, or groups of spans, of which there must be one."""
    if all(len(each) == 2 for group in groups.values() for each in group if isinstance(each, list)):
        pairs = [(each, label) for label, group in groups.items() for each in group]
        if all(isinstance(each, list) for each, _ in pairs):
            return read_json_spans([[*each, label] for each, label in pairs])
    read = [read_json_spans(group) for group in groups.values()]
    fault = next((each for each in read if isinstance(each, Fault)), None)
    if fault is not None:
        return fault
    found = [each for each in read if not isinstance(each, Fault)]
    if any(sorted(each.spans) != sorted(found[0].spans) for each in found):
        listed = " and ".join(repr(f"{name}.{inner}") for inner in groups)
        return Fault(f'{listed} differ in spans; pass over one with ignore = ["{name}.{next(iter(groups))}"]')
    return found[0]


def _read_one(span: Any, found: QuotedSpans) -> bool | Fault:
    """Adds a span to those found; says whether it is a piece of a mention, as `B-PER` of a pipeline is."""
    if isinstance(span, dict):
        if isinstance(span.get("points"), list):
            return _read_points(span, found)
        return _read_object(span, found)
    parts = list(span) if isinstance(span, list | tuple) else []
    triple = as_triple([*parts[1:], parts[0]] if parts and isinstance(parts[0], str) else parts)
    if triple is None:
        return Fault(f"{_MUST}, was: {abridge(span)}")
    found.add(*triple)
    return False


def _read_object(span: Mapping[str, Any], found: QuotedSpans) -> bool | Fault:
    start, end, label, mention = _find_parts(tuple(span))
    name = span.get(label)
    if isinstance(name, list) and len(name) == 1:
        name = name[0].get("value") if isinstance(name[0], dict) else name[0]
    triple = as_triple([*_find_offsets(span, start, end), name])
    if triple is None:
        return Fault(f"{_MUST}, was: {abridge(span)}")
    # What a pipeline gives as its word is made of pieces of a vocabulary, often in small letters.
    quote = None if "score" in span else span.get(mention)
    found.add(*triple, quote if isinstance(quote, str) else None)
    return label == "entity" and "score" in span and _PIECE.fullmatch(triple[2]) is not None


def _find_offsets(span: Mapping[str, Any], start: str, end: str) -> list[Any]:
    """Returns start and end, also if the end is said by a length."""
    first, length = span.get("offset"), span.get("length")
    if start not in span and type(first) is int and type(length) is int:
        return [first, first + length]
    return [span.get(start), span.get(end)]


def _read_points(span: Mapping[str, Any], found: QuotedSpans) -> bool | Fault:
    """Reads DataTurks' spans, whose end is the last character and not the one behind it."""
    labels = span.get("label")
    labels = labels if isinstance(labels, list) else [labels]
    for point in span["points"]:
        parts = point if isinstance(point, dict) else {}
        triple = as_triple([parts.get("start"), parts.get("end"), labels[0] if len(labels) == 1 else None])
        if triple is None:
            return Fault(f"a span must have one label and points with start and end, was: {abridge(span)}")
        start, end, label = triple
        quote = parts.get("text")
        quote = quote if isinstance(quote, str) else None
        found.add(start, end + (quote is None or len(quote) != end - start), label, quote)
    return False


@functools.lru_cache(maxsize=1024)
def _find_parts(names: tuple[str, ...]) -> tuple[str, str, str, str]:
    """Returns the names of start, end, label and mention of an object; the usual name for what it lacks."""
    start, end = find_name(names, START_NAMES) or "start", find_name(names, END_NAMES) or "end"
    label = find_name(names, (*LABEL_NAMES, "labels")) or "label"
    return start, end, label, find_name(names, MENTION_NAMES) or "text"
