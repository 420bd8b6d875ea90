"""Doubles characters."""

from __future__ import annotations

from dataclasses import dataclass

from textsynth.edits.alternatives import Passages
from textsynth.edits.character import CharacterEdit
from textsynth.edits.grapheme import Clusters


@dataclass(frozen=True, kw_only=True)
class CharacterDoubling(CharacterEdit):
    """Writes one letter or digit of a word twice, with its combining marks."""

    def passages(self, clusters: Clusters) -> Passages:
        """Takes every character."""
        twice = [(cluster * 2,) for cluster in clusters.distinct]
        return Passages(clusters.begin, clusters.end, clusters.token, clusters.code, twice)
