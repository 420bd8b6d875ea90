"""Leaves characters out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textsynth.edits.alternatives import Alternatives
from textsynth.edits.character import CharacterEdit
from textsynth.edits.grapheme import Graphemes


@dataclass(frozen=True, kw_only=True)
class CharacterDrop(CharacterEdit):
    """Leaves one letter or digit of a word out, with its combining marks; never the only one.

    Args:
        keep_ends: whether the first and last of a word of four or more stay.
    """

    keep_ends: bool = True

    def alternatives(self, graphemes: Graphemes) -> Alternatives:
        """Takes the characters of words of two or more."""
        may = graphemes.sizes() > 1
        if self.keep_ends:
            may &= graphemes.off_ends()
        at = np.flatnonzero(may)
        return Alternatives(
            graphemes.begin[at], graphemes.end[at], graphemes.token[at], np.zeros(len(at), np.int64), [("",)]
        )
