"""Leaves characters out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.edits.edit import Edit
from textsynth.edits.grapheme import Graphemes
from textsynth.edits.stretch import StretchEditor, Stretches
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True, kw_only=True)
class CharacterDrop(Edit[StretchEditor]):
    """Leaves one letter or digit of a word out, with its combining marks; never the only one.

    Args:
        keep_ends: whether the first and last of a word of four or more stay.
    """

    keep_ends: bool = True

    def editor(self, tokenised: Tokenised, directory: Path) -> StretchEditor:
        """Takes the characters of words of two or more."""
        graphemes = Graphemes.of(tokenised)
        may = graphemes.sizes() > 1
        # The m of I'm stays. In a run of a script without spaces tokens are drawn one by one, so that one of them must
        # be out of reach.
        may &= ~graphemes.find_alone() | (graphemes.find_in_runs(tokenised) & (graphemes.rank() > 0))
        if self.keep_ends:
            may &= graphemes.find_off_ends()
        at = np.flatnonzero(may)
        columns = graphemes.begin[at], graphemes.end[at], graphemes.token[at]
        stretches = Stretches(*columns, kind=np.zeros(len(at), np.int64), variants=[("",)])
        return StretchEditor.of(tokenised, self.find_editable(tokenised), stretches)
