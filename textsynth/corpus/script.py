"""Scripts that are written without spaces between words."""

from __future__ import annotations

import re

import numpy as np

_LETTERS = (
    (0x0E01, 0x0E3A), (0x0E40, 0x0E4E), (0x0E50, 0x0E59), (0x0E80, 0x0EFF), (0x1000, 0x1049), (0x1050, 0x109F),
    (0x1780, 0x17D3), (0x17D7, 0x17D7), (0x17DC, 0x17E9), (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x302F),
    (0x3031, 0x3035), (0x3038, 0x303C), (0x3041, 0x309F), (0x30A1, 0x30FA), (0x30FC, 0x312F), (0x31A0, 0x31BF),
    (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F), (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F), (0x1AFF0, 0x1B16F), (0x20000, 0x3FFFF),
)  # fmt: skip
"""First and last code points of letters, their marks and digits: Thai, Lao, Burmese, Khmer, Han and kana."""

UNSPACED = "".join(f"{chr(first)}-{chr(last)}" for first, last in _LETTERS)
"""The letters of scripts without spaces, as they stand between the brackets of a regular expression."""

WORD_CHARACTER = rf"[^\W{UNSPACED}]"
"""A regular expression of what makes a word longer: a letter or digit of a script with spaces, or "_"."""

_STARTS = np.array([first for first, _ in _LETTERS])
_STOPS = np.array([last + 1 for _, last in _LETTERS])
_BASIC = np.zeros(0x10000, bool)
for _first, _last in _LETTERS:
    _BASIC[_first : _last + 1] = True
_UNSPACED = re.compile(f"[{UNSPACED}]")


def are_unspaced(points: np.ndarray) -> np.ndarray:
    """Says for each code point whether it is a letter, mark or digit of a script without spaces.

    >>> are_unspaced(np.array([ord("a"), ord("周"), ord("。"), ord("ก"), 0x20000])).tolist()
    [False, True, False, True, True]
    """
    found = _BASIC[np.minimum(points, len(_BASIC) - 1)]
    high = np.flatnonzero(points >= len(_BASIC))
    if len(high):
        after = np.searchsorted(_STARTS, points[high], "right") - 1
        found[high] = points[high] < _STOPS[after]
    return found


def is_unspaced(character: str) -> bool:
    """Says whether a character is of a script without spaces; nothing is of none."""
    return _UNSPACED.match(character) is not None
