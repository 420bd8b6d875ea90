"""Swaps neighbouring characters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.edits.edit import Edit
from textsynth.edits.grapheme import Graphemes
from textsynth.edits.stretch import StretchEditor, Stretches
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True, kw_only=True)
class CharacterSwap(Edit[StretchEditor]):
    """Swaps two letters or digits of a word that stand side by side and differ, each with its combining marks.

    Args:
        keep_ends: whether the first and last of a word of four or more stay.
    """

    keep_ends: bool = True

    def editor(self, tokenised: Tokenised, directory: Path) -> StretchEditor:
        """Takes the pairs of neighbours that differ."""
        graphemes = Graphemes.of(tokenised)
        code = graphemes.code
        may = graphemes.find_joined()
        may[:-1] &= code[:-1] != code[1:]
        editable = self.find_editable(tokenised)
        may &= self._may_change(graphemes, editable[tokenised.word_start])
        if self.keep_ends:
            free = graphemes.find_off_ends()
            may[:-1] &= free[:-1] & free[1:]
        at = np.flatnonzero(may)
        # A pair of codes is one number, so that each distinct pair is written only once.
        size = max(1, len(graphemes.distinct))
        pairs, kind = np.unique(code[at].astype(np.int64) * size + code[at + 1], return_inverse=True)
        swapped = [(graphemes.distinct[pair % size] + graphemes.distinct[pair // size],) for pair in pairs.tolist()]
        stretches = Stretches(graphemes.begin[at], graphemes.end[at + 1], graphemes.token[at], kind, swapped)
        return StretchEditor.of(tokenised, editable, stretches)

    def _may_change(self, graphemes: Graphemes, editable: np.ndarray) -> np.ndarray:
        """Says for each grapheme whether it may change places with the next if each is a token, `(graphemes,)`.

        `editable` is that of the word that each token is in.

        Tokens are drawn one by one, so that pairs of tokens must not overlap: every second one is such a pair.
        """
        may = np.ones(len(graphemes.token), bool)
        may[:-1] = editable[graphemes.token[1:]]
        paired = graphemes.rank() % 2 == (graphemes.sizes() > 2)
        return may & (paired | ~graphemes.find_alone())
