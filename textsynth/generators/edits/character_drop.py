"""Leaves characters out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textsynth.edits.alternatives import Passages
from textsynth.edits.character import CharacterEdit
from textsynth.edits.grapheme import Clusters


@dataclass(frozen=True, kw_only=True)
class CharacterDrop(CharacterEdit):
    """Leaves one letter or digit of a word out, with its combining marks; never the only one.

    Args:
        keep_ends: whether the first and last of a word of four or more stay.
    """

    keep_ends: bool = True

    def passages(self, clusters: Clusters) -> Passages:
        """Takes the characters of words of two or more."""
        may = clusters.sizes() > 1
        if self.keep_ends:
            may &= clusters.off_ends()
        at = np.flatnonzero(may)
        return Passages(clusters.begin[at], clusters.end[at], clusters.token[at], np.zeros(len(at), np.int64), [("",)])
