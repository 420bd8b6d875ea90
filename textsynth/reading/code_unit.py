"""The units that tools count the characters of a text in: code points, UTF-16 code units, bytes, graphemes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from typing import Literal

from textsynth.corpus.grapheme import list_grapheme_starts
from textsynth.errors import CarryError
from textsynth.reading.records import Fault, Spans

Offsets = Literal["characters", "utf16", "bytes", "graphemes"]
"""What offsets count: `characters` (code points, as Python does), `utf16` code units (as JavaScript does), `bytes` of
UTF-8 (as Go and Rust do), or `graphemes` (what a reader takes for one character, as Swift does)."""

UNIT_NAMES: Mapping[Offsets, str] = {
    "characters": "characters",
    "utf16": "UTF-16 code units",
    "bytes": "UTF-8 bytes",
    "graphemes": "graphemes",
}
"""The units in words."""

_WIDTHS: Mapping[Offsets, Callable[[str], int]] = {
    "characters": lambda character: 1,
    "utf16": lambda character: 1 + (character > "\uffff"),
    "bytes": lambda character: len(character.encode("utf-8", "surrogatepass")),
}

_MAY_JOIN = re.compile("[\u0300-\U0010ffff]|\r\n")
"""What may be part of a grapheme of several characters; below U+0300 only a line end is."""


def is_narrow(text: str, unit: Offsets = "utf16") -> bool:
    """Says whether every character is one unit, so that both ways to count agree.

    >>> is_narrow("Zoë"), is_narrow("Zoë", "bytes"), is_narrow("😀"), is_narrow("😀", "graphemes")
    (True, False, False, True)
    """
    if unit == "graphemes":
        return not _MAY_JOIN.search(text) or len(list_grapheme_starts(text)) == len(text) + 1
    if text.isascii() or unit == "characters":
        return True
    return unit == "utf16" and len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text)


def count_in_units(text: str, spans: Spans, unit: Offsets = "utf16") -> Spans:
    """Returns spans with offsets in characters as spans with offsets in another unit.

    Raises:
        CarryError: if a span begins or ends inside a grapheme, and graphemes are the unit.

    >>> count_in_units("😀 Ada", [(2, 5, "PERSON")])
    [(3, 6, 'PERSON')]
    """
    if is_narrow(text, unit):
        return spans
    units = {character: at for at, character in _list_starts(text, unit).items()}
    for start, end, label in spans:
        if start not in units or end not in units:
            raise CarryError(
                f"the span {text[start:end]!r} {label!r} must begin and end between graphemes to be counted in "
                "graphemes, cuts one; choose another unit with the option 'offsets'"
            )
    return [(units[start], units[end], label) for start, end, label in spans]


def count_in_characters(text: str, spans: Spans, unit: Offsets = "utf16") -> Spans | Fault:
    """Returns spans with offsets in another unit as spans with offsets in characters.

    Offsets outside the text stay outside it.

    Returns:
        The spans, or what is wrong with them: an offset inside a surrogate pair, say, is at no character.

    >>> count_in_characters("😀 Ada", [(3, 6, "PERSON")])
    [(2, 5, 'PERSON')]
    >>> count_in_characters("😀 Ada", [(1, 6, "PERSON")])
    Fault(reason="an offset must not lie inside a character, was: 1, the middle of '😀'", line='')
    """
    if is_narrow(text, unit):
        return spans
    characters = _list_starts(text, unit)
    last = max(characters)
    beyond = len(text) - last
    inside = [offset for start, end, _ in spans for offset in (start, end) if offset in range(last)]
    for offset in inside:
        if offset not in characters:
            before = max(at for at in characters if at < offset)
            middle = text[characters[before]]
            return Fault(f"an offset must not lie inside a character, was: {offset}, the middle of {middle!r}")

    def character(unit: int) -> int:
        return characters.get(unit, unit + beyond if unit > 0 else unit)

    return [(character(start), character(end), label) for start, end, label in spans]


def _list_starts(text: str, unit: Offsets) -> dict[int, int]:
    """Returns for each unit at which a character may begin, and for the end of the text, that character."""
    if unit == "graphemes":
        return dict(enumerate(list_grapheme_starts(text)))
    units = [0, *itertools.accumulate(map(_WIDTHS[unit], text))]
    return {unit: character for character, unit in enumerate(units)}
