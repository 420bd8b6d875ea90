"""Splits words in two."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pydantic

from textsynth.edits.edit import Edit, Editor
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.grapheme import grapheme_edges
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True)
class SplitEditor(Editor):
    """An editor that knows where each distinct word may be split.

    Args:
        word: `(tokens,)`; which distinct word each is.
        bounds: `(distinct words + 1,)`; word `i` may be split at `offsets[bounds[i]:bounds[i + 1]]`.
        offsets: characters from the start of the word.
    """

    word: np.ndarray
    bounds: np.ndarray
    offsets: np.ndarray


@dataclass(frozen=True, kw_only=True)
class WordSplit(Edit):
    """Splits words of letters in two by a space; a mention that may be edited grows by it.

    No grapheme, a letter with its marks for example, is split.

    Args:
        min_letters: words of fewer letters are left alone.
    """

    min_letters: Annotated[int, pydantic.Field(ge=2)] = 4

    def editor(self, tokenised: Tokenised, directory: Path) -> SplitEditor:
        """Finds where each distinct word may be split."""
        words, word = tokenised.vocabulary
        edges, begin = grapheme_edges(tokenised.points), tokenised.begin[np.unique(word, return_index=True)[1]]
        offsets = [
            [offset for offset in _offsets(each, self.min_letters) if edges[start + offset]]
            for each, start in zip(words, begin.tolist(), strict=True)
        ]
        counts = np.array([len(each) for each in offsets], np.int64)
        places = np.flatnonzero(self.editable(tokenised) & (counts[word] > 0))
        bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        flat = np.array([offset for each in offsets for offset in each], np.int64)
        return SplitEditor(tokenised, Material(tokenised, [" "]), places, word, bounds, flat)

    def edits(self, editor: Editor, chosen: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws words by the rate, and a place in each."""
        assert isinstance(editor, SplitEditor)
        copy, token = editor.draw_places(chosen, self.rate, rng)
        low, high = (editor.bounds[editor.word[token] + end] for end in (0, 1))
        drawn = low + (rng.random(len(token)) * (high - low)).astype(np.int64)
        at = editor.tokenised.begin[token] + editor.offsets[drawn]
        space = (np.full(len(token), edge[0], np.int64) for edge in (editor.material.first, editor.material.stop))
        return Edits(copy, at, at, *space)


def _offsets(word: str, min_letters: int) -> list[int]:
    r"""Returns where a word of letters may be split: before its letters but the first.

    >>> _offsets("cafe\u0301s", 4), _offsets("the", 4), _offsets("B2B2B2", 4)
    ([1, 2, 3, 5], [], [])
    """
    kinds = [unicodedata.category(character)[0] for character in word]
    letters = [offset for offset, kind in enumerate(kinds) if kind == "L"]
    return letters[1:] if set(kinds) <= {"L", "M"} and len(letters) >= min_letters else []
