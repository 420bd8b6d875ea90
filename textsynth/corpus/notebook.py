"""A corpus as HTML, for notebooks: texts with their mentions marked, all of it escaped."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from textsynth.corpus.classes import describe_classes
from textsynth.corpus.example import Example
from textsynth.foundation.plural import tell_count

if TYPE_CHECKING:
    from textsynth.corpus.table import Corpus

_SHOWN = 10
"""Examples that are shown."""

_COLOURS = ("#cfe8ff", "#ffe3b8", "#d5f2cf", "#f6d5ee", "#fff3a6", "#d9d7f5", "#cdeeee", "#f8d2cd")
"""The background of mentions, by label; dark text can be read on each."""


def to_html(corpus: Corpus) -> str:
    """Returns a table of the first examples, with a column for the class if there are classes."""
    colours = {label: _COLOURS[number % len(_COLOURS)] for number, label in enumerate(corpus.labels)}
    rows = "".join(_to_row(example, colours, bool(corpus.classes)) for example in corpus[:_SHOWN])
    more = f"; the first {_SHOWN} are shown" if len(corpus) > _SHOWN else ""
    return f"<table>{rows}</table><p>{tell_count(len(corpus), 'example')}{more}</p>"


def _to_row(example: Example, colours: dict[str, str], classes: bool) -> str:
    label = "" if example.label is None else html.escape(describe_classes(example.label))
    cell = f"<th>{label}</th>" if classes else ""
    return f'<tr>{cell}<td style="text-align: left; white-space: pre-wrap">{_mark(example, colours)}</td></tr>'


def _mark(example: Example, colours: dict[str, str]) -> str:
    """Returns a text with each mention marked and followed by its label."""
    parts, end = [], 0
    for span in example.spans:
        mention, label = html.escape(example.text[span.start : span.end]), html.escape(span.label)
        parts.append(html.escape(example.text[end : span.start]))
        parts.append(
            f'<mark style="background: {colours[span.label]}; color: #000">{mention} <sub>{label}</sub></mark>'
        )
        end = span.end
    return "".join([*parts, html.escape(example.text[end:])])
