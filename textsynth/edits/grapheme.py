"""Graphemes: what a reader takes for one character, a letter with its combining marks or a whole emoji."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np

from textsynth.corpus.code_points import CodePoints
from textsynth.edits.tokenised import Tokenised

_OTHER, _EXTEND, _JOINER, _REGIONAL, _HANGUL, _JAMO = range(6)
_LETTER = 8
_CODES = 0x110000


@dataclass(frozen=True)
class Graphemes:
    """The graphemes of the words of a corpus that begin with a letter or a digit, in order.

    Args:
        begin: `(graphemes,)`; the position of the first character.
        end: `(graphemes,)`; the position after the last.
        token: `(graphemes,)`; the token that it lies in, whole.
        code: `(graphemes,)`; which of the distinct graphemes it is.
        distinct: the distinct graphemes.
    """

    begin: np.ndarray
    end: np.ndarray
    token: np.ndarray
    code: np.ndarray
    distinct: list[str]

    @classmethod
    def of(cls, tokenised: Tokenised) -> Graphemes:
        """Finds the graphemes of a corpus; one that the edge of a token cuts is none."""
        kinds, distinct, code = _characters(tokenised.points)
        edges = np.flatnonzero(_is_edge(tokenised.points, kinds & 7))
        some = np.flatnonzero(kinds[edges[:-1]] & _LETTER)
        begin, end = edges[some], edges[some + 1]
        opens = np.zeros(len(kinds), np.int32)
        opens[tokenised.begin] = 1
        token = np.cumsum(opens, dtype=np.int32)[begin] - 1
        whole = end <= tokenised.end[token]
        if not whole.all():
            begin, end, token = begin[whole], end[whole], token[whole]
        code = code[begin]
        long = np.flatnonzero(end - begin > 1)
        if len(long):
            encoded = tokenised.slices(begin[long], end[long]).dictionary_encode()
            code[long] = len(distinct) + encoded.indices.to_numpy(zero_copy_only=False)
            distinct += encoded.dictionary.to_pylist()
        return cls(begin, end, token, code, distinct)

    def inner(self) -> np.ndarray:
        """Says for each grapheme whether it is neither the first nor the last of its word, `(graphemes,)`."""
        opens = np.ones(len(self.token) + 1, bool)
        opens[1:-1] = self.token[1:] != self.token[:-1]
        return ~(opens[:-1] | opens[1:])

    def off_ends(self) -> np.ndarray:
        """Says for each grapheme whether it is no end of a word of four or more, `(graphemes,)`."""
        return (self.sizes() < 4) | self.inner()

    def sizes(self) -> np.ndarray:
        """Returns for each grapheme how many its word has, `(graphemes,)`."""
        return np.bincount(self.token)[self.token]

    def find_joined(self) -> np.ndarray:
        """Says for each grapheme whether the next one comes right behind it in the same word, `(graphemes,)`."""
        joined = np.zeros(len(self.token), bool)
        joined[:-1] = (self.end[:-1] == self.begin[1:]) & (self.token[:-1] == self.token[1:])
        return joined


def grapheme_edges(points: CodePoints) -> np.ndarray:
    """Says before which characters, and at the end, no grapheme is cut, `(characters + 1,)`.

    The rules are those of UAX 29, without its line ends and prepended marks, and with every joiner holding what is on
    both sides of it.

    >>> import pyarrow as pa
    >>> grapheme_edges(CodePoints.of(pa.array(["e\u0301a", "🇩🇪🇫🇷"]))).astype(int).tolist()
    [1, 0, 1, 1, 0, 1, 0, 1]
    """
    kinds, _, _ = _characters(points)
    return _is_edge(points, kinds & 7)


def _characters(points: CodePoints) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Returns for each character its kind, and which of the distinct ones it is, of those distinct ones."""
    there = np.zeros(_CODES, bool)
    there[points.points] = True
    known = np.flatnonzero(there)
    distinct = [chr(point) for point in known.tolist()]
    table = np.zeros(_CODES, np.int32)
    table[known] = np.arange(len(known))
    code = table[points.points]
    return np.array([_kind(character) for character in distinct], np.int8)[code], distinct, code


def _kind(character: str) -> int:
    category, point = unicodedata.category(character), ord(character)
    if category[0] in "LN":
        if 0x1160 <= point <= 0x11FF or 0xD7B0 <= point <= 0xD7FB:
            return _LETTER | _JAMO
        return _LETTER | (_HANGUL if 0x1100 <= point < 0x1160 or 0xA960 <= point < 0xA980 else _mark(category, point))
    if 0x1F1E6 <= point <= 0x1F1FF:
        return _REGIONAL
    return _JOINER if point == 0x200D else _mark(category, point)


def _mark(category: str, point: int) -> int:
    others = point == 0x200C or 0xFF9E <= point <= 0xFF9F or 0x1F3FB <= point <= 0x1F3FF or 0xE0020 <= point <= 0xE007F
    return _EXTEND if category[0] == "M" or others else _OTHER


def _is_edge(points: CodePoints, kinds: np.ndarray) -> np.ndarray:
    edge = np.ones(len(kinds) + 1, bool)
    if kinds.any():
        before, kind = kinds[:-1], kinds[1:]
        held = (kind == _EXTEND) | (kind == _JOINER) | (kind == _JAMO) | (before == _JOINER)
        edge[1:-1] = ~(held | ((before == _HANGUL) & (kind == _HANGUL)))
        edge[points.rows] = True
        edge[_second_of_flags(points, kinds)] = False
    return edge


def _second_of_flags(points: CodePoints, kinds: np.ndarray) -> np.ndarray:
    """Returns the positions of regional indicators that make a flag with the one before them."""
    at = np.flatnonzero(kinds == _REGIONAL)
    opens = np.ones(len(at), bool)
    row = np.searchsorted(points.rows, at, "right")
    opens[1:] = (at[1:] != at[:-1] + 1) | (row[1:] != row[:-1])
    first = np.flatnonzero(opens)
    turn = np.arange(len(at)) - np.repeat(first, np.diff(np.append(first, len(at))))
    return at[turn % 2 == 1]
