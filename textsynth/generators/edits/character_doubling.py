"""Doubles characters."""

from __future__ import annotations

from dataclasses import dataclass

from textsynth.edits.alternatives import Alternatives
from textsynth.edits.character import CharacterEdit
from textsynth.edits.grapheme import Graphemes


@dataclass(frozen=True, kw_only=True)
class CharacterDoubling(CharacterEdit):
    """Writes one letter or digit of a word twice, with its combining marks."""

    def alternatives(self, graphemes: Graphemes) -> Alternatives:
        """Takes every character."""
        twice = [(grapheme * 2,) for grapheme in graphemes.distinct]
        return Alternatives(graphemes.begin, graphemes.end, graphemes.token, graphemes.code, twice)
