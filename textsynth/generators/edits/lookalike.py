"""Swaps letters for those of other alphabets that look the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from textsynth.edits.character import find_strings
from textsynth.edits.edit import Edit
from textsynth.edits.grapheme import Graphemes
from textsynth.edits.stretch import StretchEditor
from textsynth.edits.tokenised import Tokenised

_LATIN_CYRILLIC = (
    "aа cс eе iі jј oо pр sѕ xх yу hһ dԁ qԛ wԝ lӏ ïї ëё AА BВ CС EЕ HН IІ JЈ KК MМ OО PР SЅ TТ XХ YҮ ÏЇ ËЁ"
)
_LATIN_GREEK = "oο vν AΑ BΒ EΕ HΗ IΙ KΚ MΜ NΝ OΟ PΡ TΤ XΧ YΥ ZΖ"
_CYRILLIC_GREEK = "оο рρ АΑ ВΒ ЕΕ НΗ ІΙ КΚ МΜ ОΟ РΡ ТΤ ХΧ ГΓ ПΠ ФΦ"
"""Pairs of letters of two alphabets that look the same, one of each."""


def lookalikes() -> Mapping[str, tuple[str, ...]]:
    """Returns for each letter those of other alphabets that cannot be told from it: Latin, Cyrillic and Greek.

    >>> [hex(ord(letter)) for letter in lookalikes()["o"]]
    ['0x43e', '0x3bf']
    """
    found: dict[str, tuple[str, ...]] = {}
    for pair in f"{_LATIN_CYRILLIC} {_LATIN_GREEK} {_CYRILLIC_GREEK}".split():
        one, other = tuple(pair)
        found[one] = (*found.get(one, ()), other)
        found[other] = (*found.get(other, ()), one)
    return found


@dataclass(frozen=True, kw_only=True)
class Lookalike(Edit[StretchEditor]):
    """Replaces a letter of a word by one of another alphabet that looks the same, such as a by Cyrillic а."""

    def editor(self, tokenised: Tokenised, directory: Path) -> StretchEditor:
        """Finds the letters that others look like."""
        swaps = find_strings(Graphemes.of(tokenised), lookalikes())
        return StretchEditor.of(tokenised, self.find_editable(tokenised), swaps)
