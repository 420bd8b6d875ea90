"""Span and Example: one labelled text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from textsynth.corpus.classes import MARK, Label, find_label_fault, join_classes, split_classes, to_label
from textsynth.errors import InvalidExample
from textsynth.foundation.plural import tell_count


def trim_edges(text: str, begin: int, end: int) -> tuple[int, int]:
    """Returns where a stretch of a text begins and ends without white space at its edges; begin >= end if it is all.

    >>> trim_edges("to  Rome .", 2, 9)
    (4, 8)
    """
    piece = text[begin:end]
    return begin + len(piece) - len(piece.lstrip()), begin + len(piece.rstrip())


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A labelled mention: characters (Unicode code points), half-open, so that `text[start:end]` is the mention.

    Args:
        start: first character of the mention.
        end: the character after its last one.
        label: its type, such as `"PERSON"`; not empty.
    """

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Example:
    """One text with its spans (NER), its label (classification), or both.

    Args:
        text: the text; any Unicode but lone surrogates.
        spans: the mentions; kept sorted by `start`.
        label: the class of the whole text, or None; a tuple of names if it has several, kept sorted, and an empty one
            if it has none of those that texts like it may have. A tuple of one name is that name.
        origin: the name of the step that made it; empty for what was read.
        parent: fingerprint of what it was made from. Examples of one parent are near-copies of each other, and
            never stand on both sides of a split.
        fields: what else its record has, by name, as far as it is to travel with it: plain values as JSON has them.

    Raises:
        InvalidExample: if spans overlap, are empty, reach outside the text, begin or end in white space, or have
            no label.

    >>> Example("Ada lives in Zoë", (Span(0, 3, "PERSON"),)).mentions()
    ('Ada',)
    >>> Example("What a day", label=("joy", "awe")).label, Example("Hm", label=("awe",)).label
    (('awe', 'joy'), 'awe')
    >>> Example("Ada", (Span(0, 4, "PERSON"),))
    Traceback (most recent call last):
    textsynth.errors.InvalidExample: span 0-4 'PERSON' reaches outside the text of 3 characters
    """

    text: str
    spans: tuple[Span, ...] = ()
    label: Label | None = None
    origin: str = field(default="", compare=False)
    parent: str = field(default="", compare=False)
    fields: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "spans", tuple(sorted(self.spans)))
        if self.label is not None and (not isinstance(self.label, str) or MARK in self.label):
            object.__setattr__(self, "label", _tidy_label(self.label))
        fault = self._fault()
        if fault:
            raise InvalidExample(fault)

    def mentions(self) -> tuple[str, ...]:
        """Returns the surface form of each span, in order."""
        return tuple(self.text[span.start : span.end] for span in self.spans)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of its classes, sorted; none if it has none, or nothing is said of them."""
        return (self.label,) if isinstance(self.label, str) else self.label or ()

    def _fault(self) -> str | None:
        if self.label is not None and (fault := find_label_fault(self.label)):
            return fault
        previous = 0
        for span in self.spans:
            fault = span_fault(self.text, span, previous)
            if fault:
                return fault
            previous = span.end
        return None


def _tidy_label(label: str | Iterable[str]) -> Label | None:
    """Returns classes, or what the column `label` holds for them, in the one form that equal ones have.

    Names that cannot stand are left for the check.
    """
    names = split_classes(label) if isinstance(label, str) else tuple(label)
    return names if find_label_fault(names) else to_label(join_classes(names))


def span_fault(text: str, span: Span, previous_end: int = 0) -> str | None:
    """Says what is wrong with a span of a text, or None.

    Args:
        text: the text the span lies in.
        span: the span in question.
        previous_end: where the span before it ends, 0 if there is none.
    """
    where = f"span {span.start}-{span.end} {span.label!r}"
    if not span.label:
        return f"span {span.start}-{span.end} must have a label"
    if span.start < 0 or span.end > len(text):
        return f"{where} reaches outside the text of {tell_count(len(text), 'character')}"
    if span.start >= span.end:
        return f"{where} is empty"
    if text[span.start].isspace() or text[span.end - 1].isspace():
        return f"{where} begins or ends in white space: {text[span.start : span.end]!r}"
    if span.start < previous_end:
        return f"{where} overlaps the span before it, which ends at {previous_end}"
    return None
