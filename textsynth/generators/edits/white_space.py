"""Changes the white space between words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from textsynth.edits.edit import Edit
from textsynth.edits.grapheme import find_uncut_edges
from textsynth.edits.stretch import StretchEditor, Stretches
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError

_SPACE = ord(" ")

Kind = Literal["double", "drop", "tab", "nbsp"]
_INSTEAD: dict[Kind, str] = {"double": "  ", "drop": "", "tab": "\t", "nbsp": "\u00a0"}


@dataclass(frozen=True, kw_only=True)
class WhiteSpace(Edit[StretchEditor]):
    """Doubles or drops single spaces between words, or replaces them by a tab or a non-breaking space.

    All other white space stays, and so does that at the ends of a text and inside what is protected. The rate is the
    share of those spaces.

    Args:
        kinds: what is drawn from, each as likely as the next: double, drop, tab, nbsp.
    """

    kinds: tuple[Kind, ...] = ("double", "drop", "tab", "nbsp")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.kinds:
            raise OptionError("option 'kinds' must name at least one kind, names none")

    def own_differences(self) -> frozenset[str]:
        """White space is white space, unless it is dropped."""
        return frozenset() if "drop" in self.kinds else frozenset({"white_space"})

    def editor(self, tokenised: Tokenised, directory: Path) -> StretchEditor:
        """Finds the single spaces between two words, unless both lie in one mention that is kept, or are protected."""
        begin, end = tokenised.end[:-1], tokenised.begin[1:]
        single = np.flatnonzero((tokenised.row[1:] == tokenised.row[:-1]) & (end == begin + 1))
        single = single[tokenised.points.points[begin[single]] == _SPACE]
        locked, protected = ~self.find_outside_kept(tokenised), self.find_protected(tokenised)
        kept = locked[single] & (tokenised.span[single] == tokenised.span[single + 1])
        kept |= protected[single] & protected[single + 1]
        edge = find_uncut_edges(tokenised.points)
        at = single[~kept & edge[begin[single]] & edge[end[single]]]
        instead = [tuple(_INSTEAD[kind] for kind in self.kinds)]
        # What may not be changed is left out already, so that every token counts as one that may.
        stretches = Stretches(begin[at], end[at], at, np.zeros_like(at), instead)
        return StretchEditor.of(tokenised, np.ones(len(locked), bool), stretches)
