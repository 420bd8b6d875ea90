"""Swaps neighbouring characters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textsynth.edits.alternatives import Passages
from textsynth.edits.character import CharacterEdit
from textsynth.edits.grapheme import Clusters


@dataclass(frozen=True, kw_only=True)
class CharacterSwap(CharacterEdit):
    """Swaps two letters or digits of a word that stand side by side and differ, each with its combining marks.

    Args:
        keep_ends: whether the first and last of a word of four or more stay.
    """

    keep_ends: bool = True

    def passages(self, clusters: Clusters) -> Passages:
        """Takes the pairs of neighbours that differ."""
        code = clusters.code
        may = clusters.joined()
        may[:-1] &= code[:-1] != code[1:]
        if self.keep_ends:
            free = clusters.off_ends()
            may[:-1] &= free[:-1] & free[1:]
        at = np.flatnonzero(may)
        size = max(1, len(clusters.distinct))
        pairs, which = np.unique(code[at].astype(np.int64) * size + code[at + 1], return_inverse=True)
        swapped = [(clusters.distinct[pair % size] + clusters.distinct[pair // size],) for pair in pairs.tolist()]
        return Passages(clusters.begin[at], clusters.end[at + 1], clusters.token[at], which, swapped)
