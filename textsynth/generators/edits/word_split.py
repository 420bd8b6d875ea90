"""Splits words in two."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pydantic

from textsynth.corpus.ragged import Ragged
from textsynth.edits.draw import draw_one
from textsynth.edits.edit import Edit
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.editor import SubstitutionEditor
from textsynth.edits.grapheme import find_uncut_edges
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True)
class SplitEditor(SubstitutionEditor):
    """An editor that knows where each distinct word may be split.

    Args:
        word: `(tokens,)`; which distinct word each is.
        offsets: for each distinct word where it may be split, in characters from its start.
    """

    word: np.ndarray
    offsets: Ragged

    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws a place in each word, and inserts a space."""
        at = self.tokenised.begin[token] + draw_one(self.offsets, self.word[token], rng)
        space = (np.full(len(token), edge[0], np.int64) for edge in (self.material.first, self.material.stop))
        return Edits(copy, at, at, *space)


@dataclass(frozen=True, kw_only=True)
class WordSplit(Edit[SplitEditor]):
    """Splits words of letters in two by a space, or a run of letters in a script without; a mention grows by it.

    No grapheme, a letter with its marks for example, is split.

    Args:
        min_letters: words of fewer letters are left alone.
    """

    min_letters: Annotated[int, pydantic.Field(ge=2)] = 4

    def editor(self, tokenised: Tokenised, directory: Path) -> SplitEditor:
        """Finds where each distinct word may be split."""
        words, word = tokenised.vocabulary
        # Where each distinct word stands for the first time: graphemes are cut in the text, not in the word.
        edges, begin = find_uncut_edges(tokenised.points), tokenised.begin[np.unique(word, return_index=True)[1]]
        offsets = [
            [offset for offset in _offsets(each, self.min_letters) if edges[start + offset]]
            for each, start in zip(words, begin.tolist(), strict=True)
        ]
        # Within a run of a script without spaces, every grapheme but the first may have a space before it.
        inside = np.zeros(len(word), bool)
        inside[1:] = tokenised.run[1:] == tokenised.run[:-1]
        inside &= np.bincount(tokenised.run)[tokenised.run] >= self.min_letters
        word = np.where(inside, len(words), word)
        rows = Ragged.of_lists([*offsets, [0]])
        # What a mark joins, as don't and well-known, is no word of letters, and neither is a part of it.
        may = self.find_movable(tokenised) & tokenised.is_lone
        places = np.flatnonzero(may & (rows.lengths[word] > 0))
        return SplitEditor(tokenised, Material(tokenised, [" "]), places, word, rows)


def _offsets(word: str, min_letters: int) -> list[int]:
    r"""Returns where a word of letters may be split: before its letters but the first.

    >>> _offsets("cafe\u0301s", 4), _offsets("the", 4), _offsets("B2B2B2", 4)
    ([1, 2, 3, 5], [], [])
    """
    kinds = [unicodedata.category(character)[0] for character in word]
    letters = [offset for offset, kind in enumerate(kinds) if kind == "L"]
    return letters[1:] if set(kinds) <= {"L", "M"} and len(letters) >= min_letters else []
