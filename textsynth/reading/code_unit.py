"""The units that annotation tools count the characters of a text in: code points, UTF-16 code units, bytes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Literal

from textsynth.reading.records import Fault, Spans

Offsets = Literal["characters", "utf16", "bytes"]
"""What offsets count: `characters` (code points, as Python does), `utf16` code units (as JavaScript does), or `bytes`
of UTF-8 (as Go and Rust do)."""

UNIT_NAMES: Mapping[Offsets, str] = {"characters": "characters", "utf16": "UTF-16 code units", "bytes": "UTF-8 bytes"}
"""The units in words."""

_WIDTHS: Mapping[Offsets, Callable[[str], int]] = {
    "characters": lambda character: 1,
    "utf16": lambda character: 1 + (character > "\uffff"),
    "bytes": lambda character: len(character.encode("utf-8", "surrogatepass")),
}


def is_narrow(text: str, unit: Offsets = "utf16") -> bool:
    """Says whether every character is one unit, so that both ways to count agree.

    >>> is_narrow("Zoë"), is_narrow("Zoë", "bytes"), is_narrow("😀")
    (True, False, False)
    """
    if text.isascii() or unit == "characters":
        return True
    return unit == "utf16" and len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text)


def count_in_units(text: str, spans: Spans, unit: Offsets = "utf16") -> Spans:
    """Returns spans with offsets in characters as spans with offsets in another unit.

    >>> count_in_units("😀 Ada", [(2, 5, "PERSON")])
    [(3, 6, 'PERSON')]
    """
    if is_narrow(text, unit):
        return spans
    units = _count_units(text, unit)
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
    units = _count_units(text, unit)
    characters = {unit: character for character, unit in enumerate(units)}
    beyond = len(text) - units[-1]
    inside = [offset for start, end, _ in spans for offset in (start, end) if offset in range(units[-1])]
    for offset in inside:
        if offset not in characters:
            before = max(at for at in characters if at < offset)
            middle = text[characters[before]]
            return Fault(f"an offset must not lie inside a character, was: {offset}, the middle of {middle!r}")

    def character(unit: int) -> int:
        return characters.get(unit, unit + beyond if unit > 0 else unit)

    return [(character(start), character(end), label) for start, end, label in spans]


def _count_units(text: str, unit: Offsets) -> list[int]:
    """Returns the unit that each character begins at, and behind them the number of units."""
    return [0, *itertools.accumulate(map(_WIDTHS[unit], text))]
