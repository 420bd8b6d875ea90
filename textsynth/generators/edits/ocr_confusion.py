"""Misreads characters as a scanner does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from textsynth.edits.character import find_strings
from textsynth.edits.edit import Edit
from textsynth.edits.grapheme import Graphemes
from textsynth.edits.stretch import StretchEditor
from textsynth.edits.tokenised import Tokenised

_ALIKE = (
    *("0 O o", "0 D", "0 Q", "1 l I", "1 i", "1 7", "2 Z z", "3 8", "4 A", "5 S s", "6 b", "6 G", "8 B", "8 S"),
    *("9 g q", "a o", "c e", "c o", "e o", "f t", "g q", "h b", "i l", "i j", "l t", "n u", "v y", "é e", "ö o", "ü u"),
    *("B R", "C G", "C O", "D O", "E F", "I l", "O Q", "P F", "U V", "æ ae", "œ oe", "ﬀ ff", "ﬁ fi", "ﬂ fl"),
    *("rn m", "nn m", "ni m", "in m", "iii m", "cl d", "tl d", "vv w", "li h", "fi h", "ii u", "ll U", "ri n", "lc k"),
    *("cj g", "CI G", "OJ D", "RN M", "VV W"),
)
"""Groups of strings each of which may be read as any other of its group."""


def confusions() -> Mapping[str, tuple[str, ...]]:
    """Returns for one to three characters what they are misread as.

    >>> confusions()["m"], confusions()["rn"], confusions()["8"]
    (('rn', 'nn', 'ni', 'in', 'iii'), ('m',), ('3', 'B', 'S'))
    """
    found: dict[str, list[str]] = defaultdict(list)
    for group in (line.split() for line in _ALIKE):
        for each in group:
            found[each] += (other for other in group if other != each and other not in found[each])
    return {each: tuple(others) for each, others in found.items()}


@dataclass(frozen=True, kw_only=True)
class OcrConfusion(Edit[StretchEditor]):
    """Replaces one, two or three characters of a word by what a scanner would read, such as rn by m."""

    def editor(self, tokenised: Tokenised, directory: Path) -> StretchEditor:
        """Finds the characters that are easily confused."""
        misread = find_strings(Graphemes.of(tokenised), confusions())
        return StretchEditor.of(tokenised, self.find_editable(tokenised), misread)
