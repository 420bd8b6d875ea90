"""Edits of parts of words, or of a few words together, for each of which it is known what may stand there instead."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.grapheme import grapheme_edges
from textsynth.edits.substitution import Substitution, SubstitutionEditor
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True)
class Alternatives:
    """Alternatives of a corpus as columns, sorted by token.

    Args:
        begin: `(alternatives,)`; the position of the first character.
        end: `(alternatives,)`; the position after the last.
        token: `(alternatives,)`; the token it begins in, or, where it is a gap, follows.
        which: `(alternatives,)`; which of the alternatives may stand there.
        alternatives: what may stand in a place: never what stands there; none where the passage stays.
    """

    begin: np.ndarray
    end: np.ndarray
    token: np.ndarray
    which: np.ndarray
    alternatives: Sequence[Sequence[str]]


@dataclass(frozen=True)
class AlternativesEditor(SubstitutionEditor):
    """An editor that knows the alternatives of every token, and what may stand in their place.

    Args:
        first: `(tokens,)`; the first passage of each token.
        size: `(tokens,)`; how many it has.
        begin: `(alternatives,)`; the position of the first character.
        end: `(alternatives,)`; the position after the last.
        low: `(alternatives,)`; the first string that may stand there.
        count: `(alternatives,)`; how many may.
    """

    first: np.ndarray
    size: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    low: np.ndarray
    count: np.ndarray

    @classmethod
    def of(cls, tokenised: Tokenised, may: np.ndarray, alternatives: Alternatives) -> AlternativesEditor:
        """Prepares the alternatives of the tokens that may be changed; a token without any is no place to edit."""
        counts = np.array([len(each) for each in alternatives.alternatives], np.int64)
        lows = np.cumsum(counts) - counts
        which = alternatives.which
        some = np.flatnonzero(may[alternatives.token] & (counts[which] > 0)) if len(which) else np.zeros(0, np.int64)
        size = np.bincount(alternatives.token[some], minlength=len(may))
        material = Material(tokenised, [each for options in alternatives.alternatives for each in options])
        columns = alternatives.begin[some], alternatives.end[some], lows[which[some]], counts[which[some]]
        return cls(tokenised, material, np.flatnonzero(size), np.cumsum(size) - size, size, *columns)

    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws a passage of each token, and what comes in its place, each as likely as the next."""
        passage = self.first[token] + (rng.random(len(token)) * self.size[token]).astype(np.int64)
        drawn = self.low[passage] + (rng.random(len(token)) * self.count[passage]).astype(np.int64)
        return Edits(
            copy, self.begin[passage], self.end[passage], self.material.first[drawn], self.material.stop[drawn]
        )


class Found(NamedTuple):
    """A passage that was found in a text.

    Args:
        row: the example.
        start: characters from the start of the text.
        end: the same, half-open.
        alternatives: what may stand there; not what stands there.
    """

    row: int
    start: int
    end: int
    alternatives: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AlternativesEdit(Substitution):
    """Rewrites some of the alternatives that it finds; one that reaches across the edge of a mention stays."""

    @abc.abstractmethod
    def find(self, tokenised: Tokenised) -> Iterable[Found]:
        """Finds alternatives in the texts of a corpus; they are in order and do not overlap."""

    def editor(self, tokenised: Tokenised, directory: Path) -> AlternativesEditor:
        """Finds the alternatives, and leaves out those that touch what may not be changed."""
        found = list(self.find(tokenised))
        first = tokenised.points.rows[np.array([each.row for each in found], np.int64)]
        begin = first + np.array([each.start for each in found], np.int64)
        end = first + np.array([each.end for each in found], np.int64)
        some = self._within(tokenised, begin, end)
        token = np.searchsorted(tokenised.begin, begin[some], "right") - 1
        columns = begin[some], end[some], token, some, [each.alternatives for each in found]
        return AlternativesEditor.of(tokenised, np.ones(len(tokenised.begin), bool), Alternatives(*columns))

    def _within(self, tokenised: Tokenised, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Returns which alternatives are free from end to end, in one span or in none, and cut no grapheme."""
        free = self.find_editable(tokenised) & ~self.find_protected(tokenised)
        bound = np.cumsum(~free)
        change = np.zeros(len(free), np.int64)
        change[1:] = np.cumsum(tokenised.span[1:] != tokenised.span[:-1])
        first = np.searchsorted(tokenised.begin, begin, "right") - 1
        last = np.searchsorted(tokenised.begin, end, "left") - 1
        edge = grapheme_edges(tokenised.points)
        fine = edge[begin] & edge[end]
        if len(first):
            fine &= free[first] & (bound[last] == bound[first]) & (change[last] == change[first])
        return np.flatnonzero(fine)


def texts_with(tokenised: Tokenised, pattern: str) -> Iterator[tuple[int, str]]:
    """Gives the texts in which an RE2 pattern is found, each with its row; it is a fast sieve for slower patterns."""
    texts = tokenised.corpus.texts
    rows = np.flatnonzero(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False))
    yield from zip(rows.tolist(), texts.take(pa.array(rows)).to_pylist(), strict=True)
