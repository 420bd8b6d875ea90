"""Hits a key beside the right one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textsynth.edits.character import find_strings
from textsynth.edits.edit import Edit
from textsynth.edits.grapheme import Graphemes
from textsynth.edits.keyboard import LAYOUTS, neighbours
from textsynth.edits.stretch import StretchEditor
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError, nearest


@dataclass(frozen=True, kw_only=True)
class KeyboardSlip(Edit[StretchEditor]):
    """Replaces a letter or digit of a word by one from a neighbouring key; its case is kept.

    Args:
        layout: the keyboard, such as qwerty_us, qwertz_de, azerty_fr or jcuken_ru; an unknown one is answered with all
            there are.
    """

    layout: str = "qwerty_us"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layout not in LAYOUTS:
            raise OptionError(f"option 'layout': there is no layout {self.layout!r}; {nearest(self.layout, LAYOUTS)}")

    def editor(self, tokenised: Tokenised, directory: Path) -> StretchEditor:
        """Finds the characters that have a key with neighbours."""
        slips = find_strings(Graphemes.of(tokenised), neighbours(self.layout))
        return StretchEditor.of(tokenised, self.find_editable(tokenised), slips)
