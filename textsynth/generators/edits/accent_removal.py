"""Takes accents off."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from textsynth.edits.variant import VariantEdit

_STROKES = dict(zip("łŁøØđĐħĦŧŦƀɃɨƗɉɈɍɌɏɎƶƵⱥȺȼȻɇɆǥǤ", "lLoOdDhHtTbBiIjJrRyYzZaAcCeEgG", strict=True))
_STRESS, _DOTS = "\u0300\u0301", "\u0308"


@dataclass(frozen=True, kw_only=True)
class AccentRemoval(VariantEdit):
    """Writes words without their accents and strokes, such as Zoe for Zoë and lodz for łódź.

    Latin and Greek letters lose all their marks; Cyrillic ones lose stress and the dots of ё, but й, ї, ў, ѓ and ќ are
    letters of their own. ß, æ, œ, þ, ð and ı bear no accent and stay, and so does every other script.
    """

    def variants(self, word: str) -> Sequence[str]:
        """Returns the word without accents, where it has any."""
        return () if word.isascii() else _without_accents(word)


@functools.lru_cache(maxsize=1 << 16)
def _without_accents(word: str) -> tuple[str, ...]:
    """Returns a word without its accents, all else as it is, or nothing where it has none.

    >>> _without_accents("Zoë"), _without_accents("Straße"), _without_accents("ёлкий")
    (('Zoe',), (), ('елкий',))
    """
    bare, letter = [], "\0"
    for character in word:
        first, *marks = list(unicodedata.normalize("NFD", character))
        if unicodedata.combining(first):
            bare.append("" if _is_accent(first, letter) else character)
            continue
        letter = first
        if marks and all(_is_accent(mark, letter) for mark in marks):
            character = first
        bare.append(_STROKES.get(character, character))
    return ("".join(bare),) if "".join(bare) != word else ()


def _is_accent(mark: str, letter: str) -> bool:
    """Says whether a combining mark is but an accent on a letter, and does not make another letter of it."""
    script = unicodedata.name(letter, "").partition(" ")[0]
    if script == "CYRILLIC":
        return mark in _DOTS if letter in "еЕ" and mark not in _STRESS else mark in _STRESS and letter not in "гкГК"
    return script in ("LATIN", "GREEK") and unicodedata.combining(mark) > 0
