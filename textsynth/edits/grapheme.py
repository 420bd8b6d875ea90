"""The graphemes of words: what character edits change, each a letter with its marks."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np

from textsynth.corpus.code_points import CodePoints, find_distinct
from textsynth.corpus.grapheme import find_grapheme_edges
from textsynth.corpus.ragged import Ragged
from textsynth.edits.tokenised import Tokenised

_ZWJ = 0x200D
"""The joiner of no width."""


@dataclass(frozen=True)
class Graphemes:
    """The graphemes of the words of a corpus that begin with a letter or a digit, in order.

    Args:
        begin: `(graphemes,)`; the position of the first character.
        end: `(graphemes,)`; the position after the last.
        token: `(graphemes,)`; the token that it lies in, whole.
        word: `(graphemes,)`; the number of its word, or of the run of a script without spaces.
        code: `(graphemes,)`; which of the distinct graphemes it is.
        distinct: the distinct graphemes.
    """

    begin: np.ndarray
    end: np.ndarray
    token: np.ndarray
    word: np.ndarray
    code: np.ndarray
    distinct: list[str]

    @classmethod
    def of(cls, tokenised: Tokenised) -> Graphemes:
        """Finds the graphemes of a corpus; one that the edge of a token cuts is none."""
        distinct, code = find_distinct(tokenised.points.points)
        edges = np.flatnonzero(find_uncut_edges(tokenised.points))
        letter = np.array(list(map(_is_letter, distinct)), bool)
        some = np.flatnonzero(letter[code[edges[:-1]]])
        begin, end = edges[some], edges[some + 1]
        # The token that opened last before a grapheme; the grapheme may reach beyond that token's end.
        opens = np.zeros(len(code), np.int32)
        opens[tokenised.begin] = 1
        token = np.cumsum(opens, dtype=np.int32)[begin] - 1
        whole = end <= tokenised.end[token]
        if not whole.all():
            begin, end, token = begin[whole], end[whole], token[whole]
        # A grapheme of one character has the code of that character; those of several get codes behind these.
        code = code[begin]
        long = np.flatnonzero(end - begin > 1)
        if len(long):
            encoded = tokenised.slices(begin[long], end[long]).dictionary_encode()
            code[long] = len(distinct) + encoded.indices.to_numpy(zero_copy_only=False)
            distinct += encoded.dictionary.to_pylist()
        # A token goes on with a word or with a run, never with both.
        word = np.minimum(tokenised.word_start, np.flatnonzero(np.diff(tokenised.run, prepend=-1))[tokenised.run])
        return cls(begin, end, token, word[token], code, distinct)

    def find_inner(self) -> np.ndarray:
        """Says for each grapheme whether it is neither the first nor the last of its word, `(graphemes,)`."""
        opens = np.ones(len(self.word) + 1, bool)
        opens[1:-1] = self.word[1:] != self.word[:-1]
        return ~(opens[:-1] | opens[1:])

    def find_off_ends(self) -> np.ndarray:
        """Says for each grapheme whether it is no end of a word of four or more, `(graphemes,)`."""
        return (self.sizes() < 4) | self.find_inner()

    def sizes(self) -> np.ndarray:
        """Returns for each grapheme how many its word has, `(graphemes,)`."""
        return np.bincount(self.word)[self.word]

    def find_joined(self) -> np.ndarray:
        """Says for each grapheme whether the next one comes right behind it in the same word, `(graphemes,)`."""
        joined = np.zeros(len(self.word), bool)
        joined[:-1] = (self.end[:-1] == self.begin[1:]) & (self.word[:-1] == self.word[1:])
        return joined

    def find_alone(self) -> np.ndarray:
        """Says for each grapheme whether it is a token of its own in a word or run of several, `(graphemes,)`."""
        return (np.bincount(self.token)[self.token] == 1) & (self.sizes() > 1)

    def find_in_runs(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each grapheme whether it is of a script without spaces, `(graphemes,)`."""
        return tokenised.is_unspaced[self.token]

    def rank(self) -> np.ndarray:
        """Returns for each grapheme how many of its word come before it, `(graphemes,)`."""
        return Ragged.of_owner(self.word, int(self.word.max(initial=-1)) + 1).rank


def find_uncut_edges(points: CodePoints) -> np.ndarray:
    r"""Says before which characters, and at the end, a text may be cut, `(characters + 1,)`: at the edges of graphemes.

    Not beside a joiner: it may hold letters together that are graphemes of their own, as in Sinhala.

    >>> import pyarrow as pa
    >>> find_uncut_edges(CodePoints.of(pa.array(["a\u200db"]))).tolist()
    [True, False, False, True]
    """
    edge = find_grapheme_edges(points)
    edge[1:-1] &= points.points[:-1] != _ZWJ
    edge[points.rows] = True
    return edge


def _is_letter(character: str) -> bool:
    """Says whether a character is a letter or a digit."""
    return unicodedata.category(character)[0] in "LN"
