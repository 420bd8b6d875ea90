"""Hits a key beside the right one."""

from __future__ import annotations

from dataclasses import dataclass

from textsynth.edits.alternatives import Alternatives
from textsynth.edits.character import CharacterEdit, find_strings
from textsynth.edits.grapheme import Graphemes
from textsynth.edits.keyboard import LAYOUTS, neighbours
from textsynth.errors import OptionError, nearest


@dataclass(frozen=True, kw_only=True)
class KeyboardSlip(CharacterEdit):
    """Puts a letter or digit from a neighbouring key in the place of one of a word; its case is kept.

    Args:
        layout: the keyboard, such as qwerty_us, qwertz_de, azerty_fr or jcuken_ru; an unknown one is answered with all
            there are.
    """

    layout: str = "qwerty_us"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layout not in LAYOUTS:
            raise OptionError(f"option 'layout': there is no layout {self.layout!r}; {nearest(self.layout, LAYOUTS)}")

    def alternatives(self, graphemes: Graphemes) -> Alternatives:
        """Finds the characters that have a key with neighbours."""
        return find_strings(graphemes, neighbours(self.layout))
