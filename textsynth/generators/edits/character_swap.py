"""Swaps neighbouring characters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textsynth.edits.alternatives import Alternatives
from textsynth.edits.character import CharacterEdit
from textsynth.edits.grapheme import Graphemes


@dataclass(frozen=True, kw_only=True)
class CharacterSwap(CharacterEdit):
    """Swaps two letters or digits of a word that stand side by side and differ, each with its combining marks.

    Args:
        keep_ends: whether the first and last of a word of four or more stay.
    """

    keep_ends: bool = True

    def alternatives(self, graphemes: Graphemes) -> Alternatives:
        """Takes the pairs of neighbours that differ."""
        code = graphemes.code
        may = graphemes.find_joined()
        may[:-1] &= code[:-1] != code[1:]
        if self.keep_ends:
            free = graphemes.off_ends()
            may[:-1] &= free[:-1] & free[1:]
        at = np.flatnonzero(may)
        size = max(1, len(graphemes.distinct))
        pairs, which = np.unique(code[at].astype(np.int64) * size + code[at + 1], return_inverse=True)
        swapped = [(graphemes.distinct[pair % size] + graphemes.distinct[pair // size],) for pair in pairs.tolist()]
        return Alternatives(graphemes.begin[at], graphemes.end[at + 1], graphemes.token[at], which, swapped)
