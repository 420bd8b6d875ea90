"""Keyboards: where the keys of a layout lie, and which of them are neighbours.

A key is 1 wide and 1 high. On the boards of all these layouts the row of the digits begins, with the key left of the
1, at -1, the row of Q at 0.5, the row of A at 0.75, and the row of Z, with the key left of it that only ISO boards
have, at 0.25. Two keys are neighbours if their middles are less than 1.3 apart.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

_OFFSETS = (-1.0, 0.5, 0.75, 0.25)
"""Where each of the four rows begins, from the top, in widths of a key."""

_REACH = 1.3
"""Distance of the middles under which two keys are neighbours, in widths of a key."""

_LATIN = ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", " zxcvbnm,./")
_DIGITS = " 1234567890"
"""The row of the digits of layouts that have them only with shift."""

_CAPITALS = {"qwerty_tr": {"i": "İ", "ı": "I"}}
"""By layout, capitals that are not those of most languages."""

_THIRD_LEVEL = {"qwerty_pl": {letter: (key,) for letter, key in zip("ąćęłńóśźż", "acelnosxz", strict=True)}}
"""By layout, letters that are typed with AltGr, each with what comes out without it."""

LAYOUTS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "arabic": ("ذ1234567890-=", "ضصثقفغعهخحجد", "شسيبلاتنمكط", " ئءؤر ىةوزظ"),
        "azerty_be": ("²&é\"'(§è!çà)-", "azertyuiop^$", "qsdfghjklmùµ", "<wxcvbn,;:="),
        "azerty_fr": ("²&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù*", "<wxcvbn,;:!"),
        "greek": ("`1234567890-=", ";ςερτυθιοπ[]", "ασδφγηξκλ΄'", "<ζχψωβνμ,./"),
        "hebrew": (";1234567890-=", "/'קראטוןםפ][", "שדגכעיחלךף,", " זסבהנמצתץ."),
        "jcuken_ru": ("ё1234567890-=", "йцукенгшщзхъ", "фывапролджэ\\", "/ячсмитьбю."),
        "jcuken_uk": ("'1234567890-=", "йцукенгшщзхї", "фівапролджє", "ґячсмитьбю."),
        "qwerty_br": ("'1234567890-=", "qwertyuiop´[", "asdfghjklç~]", "\\zxcvbnm,.;"),
        "qwerty_dk": ("½1234567890+´", "qwertyuiopå¨", "asdfghjklæø'", "<zxcvbnm,.-"),
        "qwerty_es": ("º1234567890'¡", "qwertyuiop`+", "asdfghjklñ´ç", "<zxcvbnm,.-"),
        "qwerty_fi": ("§1234567890+´", "qwertyuiopå¨", "asdfghjklöä'", "<zxcvbnm,.-"),
        "qwerty_it": ("\\1234567890'ì", "qwertyuiopè+", "asdfghjklòàù", "<zxcvbnm,.-"),
        "qwerty_no": ("|1234567890+\\", "qwertyuiopå¨", "asdfghjkløæ'", "<zxcvbnm,.-"),
        "qwerty_pl": _LATIN,
        "qwerty_pt": ("\\1234567890'«", "qwertyuiop+´", "asdfghjklçº~", "<zxcvbnm,.-"),
        "qwerty_se": ("§1234567890+´", "qwertyuiopå¨", "asdfghjklöä'", "<zxcvbnm,.-"),
        "qwerty_tr": ('"1234567890*-', "qwertyuıopğü", "asdfghjklşi,", "<zxcvbnmöç."),
        "qwerty_uk": ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'#", "\\zxcvbnm,./"),
        "qwerty_us": _LATIN,
        "qwertz_cz": (";+ěščřžýáíé=´", "qwertzuiopú)", "asdfghjklů§¨", "\\yxcvbnm,.-"),
        "qwertz_de": ("^1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-"),
        "qwertz_hu": ("0123456789öüó", "qwertzuiopőú", "asdfghjkléáű", "íyxcvbnm,.-"),
    }
)
"""For each layout the keys of its four rows as they are without shift, from the left; a space if there is none."""


@functools.cache
def neighbours(layout: str) -> Mapping[str, tuple[str, ...]]:
    """Returns for each letter of a layout the letters on the keys around it, in its own case, and the same for digits.

    A letter that is typed with AltGr may come out without it.

    >>> neighbours("qwerty_us")["g"], neighbours("qwertz_de")["Z"], neighbours("azerty_fr")["1"]
    (('t', 'y', 'f', 'h', 'v', 'b'), ('T', 'U', 'G', 'H'), ('2',))
    """
    rows = LAYOUTS[layout]
    letters = _around(rows, str.isalpha) | _THIRD_LEVEL.get(layout, {})
    capitals = {}
    for letter, others in letters.items():
        capital, large = _capital(letter, layout), tuple(filter(None, (_capital(each, layout) for each in others)))
        if capital and large:
            capitals[capital] = large
    digits = _around(rows, str.isdigit) or _around((_DIGITS,), str.isdigit)
    return MappingProxyType(letters | capitals | digits)


def _around(rows: Sequence[str], is_kind: Callable[[str], bool]) -> dict[str, tuple[str, ...]]:
    """Returns for each character of a kind those that are near it, row by row from the left."""
    keys = {
        character: (offset + place, height)
        for height, (offset, row) in enumerate(zip(_OFFSETS, rows, strict=False))
        for place, character in enumerate(row)
        if is_kind(character)
    }
    near = {key: tuple(other for other in keys if key != other and _close(keys[key], keys[other])) for key in keys}
    return {key: others for key, others in near.items() if others}


def _close(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return math.dist(one, other) < _REACH


def _capital(letter: str, layout: str) -> str | None:
    """Returns the one capital that goes with a letter and no other, if there is one."""
    capital = _CAPITALS.get(layout, {}).get(letter) or letter.upper()
    own = len(capital) == 1 and capital != letter and letter in (capital.lower(), *_CAPITALS.get(layout, {}))
    return capital if own else None
