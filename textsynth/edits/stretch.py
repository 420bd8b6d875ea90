"""Editors of stretches of text: parts of words, or a few words together, each with variants that may replace it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus.ragged import Ragged
from textsynth.edits.draw import draw_one
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.editor import SubstitutionEditor
from textsynth.edits.grapheme import find_uncut_edges
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True)
class Stretches:
    """Stretches of the texts of a corpus as columns, sorted by token; they may overlap.

    Args:
        begin: `(stretches,)`; the position of the first character.
        end: `(stretches,)`; the position after the last.
        token: `(stretches,)`; the token it begins in; for a gap between two tokens, the first of them.
        kind: `(stretches,)`; which of the lists of variants it has.
        variants: `(kinds,)`; what may replace a stretch of each kind: never the stretch itself. One whose kind has no
            variants stays.
    """

    begin: np.ndarray
    end: np.ndarray
    token: np.ndarray
    kind: np.ndarray
    variants: Sequence[Sequence[str]]


class FoundStretch(NamedTuple):
    """A stretch that was found in a text.

    Args:
        row: the example.
        start: characters from the start of its text.
        end: the same, half-open.
        variants: what may replace it: never the stretch itself.
    """

    row: int
    start: int
    end: int
    variants: tuple[str, ...]


@dataclass(frozen=True)
class StretchEditor(SubstitutionEditor):
    """An editor that knows the stretches of every word, and their variants.

    Args:
        of_token: for each token the stretches of the word that it begins.
        begin: `(stretches,)`; the position of the first character.
        end: `(stretches,)`; the position after the last.
        kind: `(stretches,)`; the row of its variants.
        variants: for each kind the strings of the material that may stand there.
    """

    of_token: Ragged
    begin: np.ndarray
    end: np.ndarray
    kind: np.ndarray
    variants: Ragged

    @classmethod
    def of(cls, tokenised: Tokenised, may: np.ndarray, stretches: Stretches) -> StretchEditor:
        """Prepares the stretches of words that may be changed; a word without any is no place to edit.

        Args:
            tokenised: the corpus.
            may: `(tokens,)`; which begin a word that may be changed.
            stretches: what was found in the corpus.
        """
        material, variants = Material.of_lists(tokenised, stretches.variants)
        word = tokenised.word_start[stretches.token]
        some = np.flatnonzero(may[word] & (variants.lengths[stretches.kind] > 0))
        of_token = Ragged.of_owner(word[some], len(may))
        columns = stretches.begin[some], stretches.end[some], stretches.kind[some]
        return cls(tokenised, material, np.flatnonzero(of_token.lengths), of_token, *columns, variants)

    @classmethod
    def of_found(cls, tokenised: Tokenised, free: np.ndarray, found: Iterable[FoundStretch]) -> StretchEditor:
        """Prepares stretches that were found, but those that reach across the edge of a mention or cut a grapheme.

        Args:
            tokenised: the corpus.
            free: `(tokens,)`; which may be changed; a stretch that touches another one is left out.
            found: what was found; in order, and without overlaps.
        """
        stretches = list(found)
        first = tokenised.points.rows[np.array([each.row for each in stretches], np.int64)]
        begin = first + np.array([each.start for each in stretches], np.int64)
        end = first + np.array([each.end for each in stretches], np.int64)
        some = _find_whole(tokenised, free, begin, end)
        token = np.searchsorted(tokenised.begin, begin[some], "right") - 1
        columns = begin[some], end[some], token, some, [each.variants for each in stretches]
        return cls.of(tokenised, np.ones(len(free), bool), Stretches(*columns))

    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws a stretch of each word, and what replaces it, each as likely as the next."""
        stretch = draw_one(self.of_token, token, rng)
        drawn = draw_one(self.variants, self.kind[stretch], rng)
        begin, end = self.begin[stretch], self.end[stretch]
        return Edits(copy, begin, end, self.material.first[drawn], self.material.stop[drawn])


def texts_with(tokenised: Tokenised, pattern: str) -> Iterator[tuple[int, str]]:
    """Gives the texts in which an RE2 pattern is found, each with its row; it is a fast sieve for slower patterns."""
    texts = tokenised.corpus.texts
    rows = np.flatnonzero(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False))
    yield from zip(rows.tolist(), texts.take(pa.array(rows)).to_pylist(), strict=True)


def _find_whole(tokenised: Tokenised, free: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Returns which stretches are free from end to end, in one span or in none, and cut no grapheme."""
    # Counts of what a stretch must not have inside: if they are the same at its last token as at its first, none is.
    bound = np.cumsum(~free)
    change = np.zeros(len(free), np.int64)
    change[1:] = np.cumsum(tokenised.span[1:] != tokenised.span[:-1])
    first = np.searchsorted(tokenised.begin, begin, "right") - 1
    last = np.searchsorted(tokenised.begin, end, "left") - 1
    edge = find_uncut_edges(tokenised.points)
    fine = edge[begin] & edge[end]
    if len(first):
        fine &= free[first] & (bound[last] == bound[first]) & (change[last] == change[first])
    return np.flatnonzero(fine)
