"""Doubles characters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textsynth.edits.edit import Edit
from textsynth.edits.grapheme import Graphemes
from textsynth.edits.stretch import StretchEditor, Stretches
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True, kw_only=True)
class CharacterDoubling(Edit[StretchEditor]):
    """Writes one letter or digit of a word twice, with its combining marks."""

    def editor(self, tokenised: Tokenised, directory: Path) -> StretchEditor:
        """Takes every character."""
        graphemes = Graphemes.of(tokenised)
        twice = [(grapheme * 2,) for grapheme in graphemes.distinct]
        stretches = Stretches(graphemes.begin, graphemes.end, graphemes.token, graphemes.code, twice)
        return StretchEditor.of(tokenised, self.find_editable(tokenised), stretches)
