"""UTF-16 code units: how JavaScript, and with it many annotation tools, counts the characters of a text."""

from __future__ import annotations

import itertools
from typing import Literal

from textsynth.reading.records import Fault, Spans

Offsets = Literal["characters", "utf16"]
"""What offsets count: `characters` (code points, as Python does) or `utf16` code units (as JavaScript does)."""


def is_narrow(text: str) -> bool:
    """Says whether every character is one code unit, so that both ways to count agree.

    >>> is_narrow("Zoë"), is_narrow("😀")
    (True, False)
    """
    return len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text)


def count_in_units(text: str, spans: Spans) -> Spans:
    """Returns spans with offsets in characters as spans with offsets in UTF-16 code units.

    >>> count_in_units("😀 Ada", [(2, 5, "PERSON")])
    [(3, 6, 'PERSON')]
    """
    if is_narrow(text):
        return spans
    units = _count_units(text)
    return [(units[start], units[end], label) for start, end, label in spans]


def count_in_characters(text: str, spans: Spans) -> Spans | Fault:
    """Returns spans with offsets in UTF-16 code units as spans with offsets in characters.

    Offsets outside the text stay outside it.

    Returns:
        The spans, or what is wrong with them: an offset inside a surrogate pair is at no character.

    >>> count_in_characters("😀 Ada", [(3, 6, "PERSON")])
    [(2, 5, 'PERSON')]
    >>> count_in_characters("😀 Ada", [(1, 6, "PERSON")])
    Fault(reason="an offset must not lie inside a character, was: 1, the middle of '😀'", line='')
    """
    if is_narrow(text):
        return spans
    units = _count_units(text)
    characters = {unit: character for character, unit in enumerate(units)}
    beyond = len(text) - units[-1]
    inside = [offset for start, end, _ in spans for offset in (start, end) if offset in range(units[-1])]
    for offset in inside:
        if offset not in characters:
            middle = text[characters[offset - 1]]
            return Fault(f"an offset must not lie inside a character, was: {offset}, the middle of {middle!r}")

    def character(unit: int) -> int:
        return characters.get(unit, unit + beyond if unit > 0 else unit)

    return [(character(start), character(end), label) for start, end, label in spans]


def _count_units(text: str) -> list[int]:
    """Returns the code unit that each character begins at, and behind them the number of code units."""
    return [0, *itertools.accumulate(1 + (character > "\uffff") for character in text)]
