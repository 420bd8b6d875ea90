"""Takes accents off."""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from textsynth.edits.edit import Edit
from textsynth.edits.tokenised import Tokenised
from textsynth.edits.variant import VariantEditor

_STROKES = dict(zip("łŁøØđĐħĦŧŦƀɃɨƗɉɈɍɌɏɎƶƵⱥȺȼȻɇɆǥǤ", "lLoOdDhHtTbBiIjJrRyYzZaAcCeEgG", strict=True))
"""Letters with a stroke, which Unicode does not take for an accent, and those without."""

_STRESS, _DOTS = "\u0300\u0301", "\u0308"
"""Combining marks that are no part of a Cyrillic letter: grave and acute; and the dots of ё."""


@dataclass(frozen=True, kw_only=True)
class AccentRemoval(Edit[VariantEditor]):
    """Writes words without their accents and strokes, such as Zoe for Zoë and lodz for łódź.

    Latin and Greek letters lose all their marks; Cyrillic ones lose stress and the dots of ё, but й, ї, ў, ѓ and ќ are
    letters of their own. ß, æ, œ, þ, ð and ı bear no accent and stay, and so does every other script.
    """

    def editor(self, tokenised: Tokenised, directory: Path) -> VariantEditor:
        """Writes every distinct word without its accents, if it has any."""
        words, _ = tokenised.words
        plain = [() if word.isascii() else _without_accents(word) for word in words]
        return VariantEditor.of(tokenised, self.find_editable(tokenised), plain)


@functools.lru_cache(maxsize=1 << 16)
def _without_accents(word: str) -> tuple[str, ...]:
    """Returns a word without its accents, all else as it is, or nothing if it has none.

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
