"""Graphemes: what a reader takes for one character, a letter with its combining marks or a whole emoji."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np

from textsynth.corpus.code_points import CodePoints
from textsynth.corpus.ragged import Ragged
from textsynth.edits.tokenised import Tokenised

_OTHER, _EXTEND, _JOINER, _REGIONAL, _HANGUL, _JAMO = range(6)
"""How a character joins its neighbours: in no way; to the one before; to both; as a half of a flag; leading and later
parts of Korean syllables."""

_JOINS = 7
"""The bits of a kind that say how a character joins its neighbours; the bits below are set beside them."""

_LETTER, _CONSONANT, _VIRAMA, _LINKED = 8, 16, 32, 64
"""Whether a character is a letter or a digit; whether it is a consonant, or a virama, of a script with conjuncts; and
whether it may stand between the two consonants of a conjunct, as viramas, other marks and joiners may."""

_CODES = 0x110000
"""Code points there are."""

_ZWNJ, _ZWJ = 0x200C, 0x200D
"""Joiners of no width: one keeps letters apart, the other puts them together."""

_VIRAMAS = frozenset((0x094D, 0x09CD, 0x0ACD, 0x0B4D, 0x0C4D, 0x0D4D))
"""The signs of Devanagari, Bengali, Gujarati, Oriya, Telugu and Malayalam that take the vowel off a consonant."""

_CONSONANTS = frozenset(
    point
    for first, last in (
        *((0x0915, 0x0939), (0x0958, 0x095F), (0x0978, 0x097F)),
        *((0x0995, 0x09A8), (0x09AA, 0x09B0), (0x09B2, 0x09B2), (0x09B6, 0x09B9), (0x09DC, 0x09DD), (0x09DF, 0x09DF)),
        *((0x09F0, 0x09F1), (0x0A95, 0x0AA8), (0x0AAA, 0x0AB0), (0x0AB2, 0x0AB3), (0x0AB5, 0x0AB9), (0x0AF9, 0x0AF9)),
        *((0x0B15, 0x0B28), (0x0B2A, 0x0B30), (0x0B32, 0x0B33), (0x0B35, 0x0B39), (0x0B5C, 0x0B5D), (0x0B5F, 0x0B5F)),
        *((0x0B71, 0x0B71), (0x0C15, 0x0C28), (0x0C2A, 0x0C39), (0x0C58, 0x0C5A), (0x0D15, 0x0D3A)),
    )
    for point in range(first, last + 1)
)
"""The consonants of the same scripts: Indic_Conjunct_Break=Consonant in Unicode 15.1."""


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
        edges = np.flatnonzero(_is_edge(tokenised.points, kinds))
        some = np.flatnonzero(kinds[edges[:-1]] & _LETTER)
        begin, end = edges[some], edges[some + 1]
        # The token that opened last before a grapheme; the grapheme may reach beyond that token's end.
        opens = np.zeros(len(kinds), np.int32)
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
        return cls(begin, end, token, code, distinct)

    def find_inner(self) -> np.ndarray:
        """Says for each grapheme whether it is neither the first nor the last of its word, `(graphemes,)`."""
        opens = np.ones(len(self.token) + 1, bool)
        opens[1:-1] = self.token[1:] != self.token[:-1]
        return ~(opens[:-1] | opens[1:])

    def find_off_ends(self) -> np.ndarray:
        """Says for each grapheme whether it is no end of a word of four or more, `(graphemes,)`."""
        return (self.sizes() < 4) | self.find_inner()

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

    The rules are those of UAX 29, conjuncts of Indic scripts (its rule GB9c) among them, without its line ends and
    prepended marks, and with every joiner holding what is on both sides of it.

    >>> import pyarrow as pa
    >>> grapheme_edges(CodePoints.of(pa.array(["e\u0301a", "🇩🇪🇫🇷", "विद्या"]))).astype(int).tolist()
    [1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1]
    """
    kinds, _, _ = _characters(points)
    return _is_edge(points, kinds)


def _characters(points: CodePoints) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Returns for each character its kind, and which of the distinct ones it is, of those distinct ones."""
    # Texts have many characters and few distinct ones, so that Python looks at each distinct one only.
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
        consonant = _CONSONANT if point in _CONSONANTS else 0
        hangul = 0x1100 <= point < 0x1160 or 0xA960 <= point < 0xA980
        return _LETTER | consonant | (_HANGUL if hangul else _mark(category, point))
    if 0x1F1E6 <= point <= 0x1F1FF:
        return _REGIONAL
    if point in _VIRAMAS:
        return _VIRAMA | _LINKED | _EXTEND
    return _LINKED | _JOINER if point == _ZWJ else _mark(category, point)


def _mark(category: str, point: int) -> int:
    linked = _LINKED if category in ("Mn", "Me") else 0
    others = point == _ZWNJ or 0xFF9E <= point <= 0xFF9F or 0x1F3FB <= point <= 0x1F3FF or 0xE0020 <= point <= 0xE007F
    return linked | _EXTEND if category[0] == "M" or others else _OTHER


def _is_edge(points: CodePoints, kinds: np.ndarray) -> np.ndarray:
    edge = np.ones(len(kinds) + 1, bool)
    joins = kinds & _JOINS
    if joins.any():
        before, kind = joins[:-1], joins[1:]
        held = (kind == _EXTEND) | (kind == _JOINER) | (kind == _JAMO) | (before == _JOINER)
        edge[1:-1] = ~(held | ((before == _HANGUL) & (kind == _HANGUL)))
        edge[_inside_conjuncts(points, kinds)] = False
        edge[points.rows] = True
        edge[_second_of_flags(points, joins)] = False
    return edge


def _inside_conjuncts(points: CodePoints, kinds: np.ndarray) -> np.ndarray:
    """Returns the positions of consonants that a virama joins to the consonant before them."""
    if not (kinds & _VIRAMA).any():
        return np.zeros(0, np.int64)
    linked = (kinds & _LINKED) > 0
    linked[points.rows[points.rows < len(kinds)]] = False
    # Up to each character the last that may not stand between two consonants, or begins its text; before a consonant
    # it must be the other one.
    base = np.maximum.accumulate(np.where(linked, 0, np.arange(len(kinds))))
    viramas = np.cumsum((kinds & _VIRAMA) > 0)
    at = np.flatnonzero(kinds[1:] & _CONSONANT) + 1
    other = base[at - 1]
    return at[((kinds[other] & _CONSONANT) > 0) & (viramas[at] > viramas[other])]


def _second_of_flags(points: CodePoints, joins: np.ndarray) -> np.ndarray:
    """Returns the positions of regional indicators that make a flag with the one before them."""
    at = np.flatnonzero(joins == _REGIONAL)
    opens = np.ones(len(at), bool)
    row = np.searchsorted(points.rows, at, "right")
    opens[1:] = (at[1:] != at[:-1] + 1) | (row[1:] != row[:-1])
    # Of a run of halves every second one ends a flag.
    runs = Ragged.of_bounds(np.append(np.flatnonzero(opens), len(at)))
    return at[runs.rank % 2 == 1]
