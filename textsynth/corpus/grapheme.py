"""Graphemes: what a reader takes for one character, a letter with its marks or a whole emoji. Rules of UAX 29."""

from __future__ import annotations

import unicodedata

import numpy as np
import pyarrow as pa

from textsynth.corpus.code_points import CodePoints, find_distinct
from textsynth.corpus.ragged import Ragged

_OTHER, _EXTEND, _SPACING, _JOINER, _REGIONAL, _CONTROL, _PREPEND, _L, _V, _T, _LV, _LVT = range(12)
"""How a character joins its neighbours: in no way; to the one before, in two ways; the joiner; as a half of a flag; not
even to marks; to the one behind; and the parts of Korean syllables."""

_JOINS = 15
"""The bits of a kind that say how a character joins its neighbours; the bits below are set beside them."""

_CONSONANT, _VIRAMA, _LINKED, _PICTURE = 16, 32, 64, 128
"""Whether a character is a consonant, or a virama, of a script with conjuncts; whether it may stand between the two
consonants of a conjunct, as viramas, other marks and joiners may; and whether joiners put it together with others."""

_ZWNJ, _ZWJ = 0x200C, 0x200D
"""Joiners of no width: one keeps letters apart, the other puts them together."""


def _list_points(*ranges: tuple[int, int]) -> frozenset[int]:
    return frozenset(point for first, last in ranges for point in range(first, last + 1))


_VIRAMAS = frozenset((0x094D, 0x09CD, 0x0ACD, 0x0B4D, 0x0C4D, 0x0D4D, 0x1039, 0x17D2))
"""The signs of Devanagari, Bengali, Gujarati, Oriya, Telugu, Malayalam, Burmese and Khmer that join two consonants."""

_CONSONANTS = _list_points(
    *((0x0915, 0x0939), (0x0958, 0x095F), (0x0978, 0x097F)),
    *((0x0995, 0x09A8), (0x09AA, 0x09B0), (0x09B2, 0x09B2), (0x09B6, 0x09B9), (0x09DC, 0x09DD), (0x09DF, 0x09DF)),
    *((0x09F0, 0x09F1), (0x0A95, 0x0AA8), (0x0AAA, 0x0AB0), (0x0AB2, 0x0AB3), (0x0AB5, 0x0AB9), (0x0AF9, 0x0AF9)),
    *((0x0B15, 0x0B28), (0x0B2A, 0x0B30), (0x0B32, 0x0B33), (0x0B35, 0x0B39), (0x0B5C, 0x0B5D), (0x0B5F, 0x0B5F)),
    *((0x0B71, 0x0B71), (0x0C15, 0x0C28), (0x0C2A, 0x0C39), (0x0C58, 0x0C5A), (0x0D15, 0x0D3A)),
    *((0x1000, 0x102A), (0x103F, 0x103F), (0x1780, 0x17B3)),
)
"""The consonants of the same scripts; those of Burmese and Khmer with their free vowels."""

_SPACING_LETTERS = frozenset((0x0E33, 0x0EB3))
"""Thai and Lao am, letters that are spoken and counted with the consonant before them."""

_FREE_MARKS = _list_points(
    *((0x102B, 0x102C), (0x1038, 0x1038), (0x1062, 0x1064), (0x1067, 0x106D), (0x1083, 0x1083), (0x1087, 0x108C)),
    *((0x108F, 0x108F), (0x109A, 0x109C), (0x1A61, 0x1A61), (0x1A63, 0x1A64), (0xAA7B, 0xAA7B), (0xAA7D, 0xAA7D)),
    (0x11720, 0x11721),
)
"""Marks that stand by themselves: most are Burmese vowels and tones."""

_EXTENDING = _list_points(
    *((_ZWNJ, _ZWNJ), (0xFF9E, 0xFF9F), (0x1F3FB, 0x1F3FF), (0xE0020, 0xE007F)),
    *((0x09BE, 0x09BE), (0x09D7, 0x09D7), (0x0B3E, 0x0B3E), (0x0B57, 0x0B57), (0x0BBE, 0x0BBE), (0x0BD7, 0x0BD7)),
    *((0x0CC2, 0x0CC2), (0x0CD5, 0x0CD6), (0x0D3E, 0x0D3E), (0x0D57, 0x0D57), (0x0DCF, 0x0DCF), (0x0DDF, 0x0DDF)),
    *((0x1B35, 0x1B35), (0x302E, 0x302F)),
)
"""What extends a character and is no mark without width: skin tones, the letters of flags, half-width kana's marks."""

_PREPENDED = _list_points(
    *((0x0600, 0x0605), (0x06DD, 0x06DD), (0x070F, 0x070F), (0x0890, 0x0891), (0x08E2, 0x08E2), (0x0D4E, 0x0D4E)),
    *((0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x111C2, 0x111C3), (0x1193F, 0x1193F), (0x11941, 0x11941)),
)
"""Signs that belong to the character behind them, such as the Arabic sign of a year."""

_PICTURES = _list_points(
    *((0x00A9, 0x00A9), (0x00AE, 0x00AE), (0x203C, 0x203C), (0x2049, 0x2049), (0x2122, 0x2122), (0x2139, 0x2139)),
    *((0x2194, 0x2199), (0x21A9, 0x21AA), (0x231A, 0x231B), (0x2328, 0x2328), (0x23CF, 0x23CF), (0x23E9, 0x23FA)),
    *((0x24C2, 0x24C2), (0x25AA, 0x25AB), (0x25B6, 0x25B6), (0x25C0, 0x25C0), (0x25FB, 0x25FE), (0x2600, 0x2604)),
    *((0x260E, 0x260E), (0x2611, 0x2611), (0x2614, 0x2615), (0x2618, 0x2618), (0x261D, 0x261D), (0x2620, 0x2620)),
    *((0x2622, 0x2623), (0x2626, 0x2626), (0x262A, 0x262A), (0x262E, 0x262F), (0x2638, 0x263A), (0x2640, 0x2640)),
    *((0x2642, 0x2642), (0x2648, 0x2653), (0x265F, 0x2660), (0x2663, 0x2663), (0x2665, 0x2666), (0x2668, 0x2668)),
    *((0x267B, 0x267B), (0x267E, 0x267F), (0x2692, 0x2697), (0x2699, 0x2699), (0x269B, 0x269C), (0x26A0, 0x26A1)),
    *((0x26A7, 0x26A7), (0x26AA, 0x26AB), (0x26B0, 0x26B1), (0x26BD, 0x26BE), (0x26C4, 0x26C5), (0x26C8, 0x26C8)),
    *((0x26CE, 0x26CF), (0x26D1, 0x26D1), (0x26D3, 0x26D4), (0x26E9, 0x26EA), (0x26F0, 0x26F5), (0x26F7, 0x26FA)),
    *((0x26FD, 0x26FD), (0x2702, 0x2702), (0x2705, 0x2705), (0x2708, 0x270D), (0x270F, 0x270F), (0x2712, 0x2712)),
    *((0x2714, 0x2714), (0x2716, 0x2716), (0x271D, 0x271D), (0x2721, 0x2721), (0x2728, 0x2728), (0x2733, 0x2734)),
    *((0x2744, 0x2744), (0x2747, 0x2747), (0x274C, 0x274C), (0x274E, 0x274E), (0x2753, 0x2755), (0x2757, 0x2757)),
    *((0x2763, 0x2764), (0x2795, 0x2797), (0x27A1, 0x27A1), (0x27B0, 0x27B0), (0x27BF, 0x27BF), (0x2934, 0x2935)),
    *((0x2B05, 0x2B07), (0x2B1B, 0x2B1C), (0x2B50, 0x2B50), (0x2B55, 0x2B55), (0x3030, 0x3030), (0x303D, 0x303D)),
    *((0x3297, 0x3297), (0x3299, 0x3299), (0x1F004, 0x1F004), (0x1F0CF, 0x1F0CF), (0x1F170, 0x1F171)),
    *((0x1F17E, 0x1F17F), (0x1F18E, 0x1F18E), (0x1F191, 0x1F19A), (0x1F201, 0x1F20F), (0x1F21A, 0x1F21A)),
    *((0x1F22F, 0x1F22F), (0x1F232, 0x1F23A), (0x1F23C, 0x1F23F), (0x1F249, 0x1F25F), (0x1F266, 0x1F321)),
    *((0x1F324, 0x1F393), (0x1F396, 0x1F397), (0x1F399, 0x1F39B), (0x1F39E, 0x1F3F0), (0x1F3F3, 0x1F3F5)),
    *((0x1F3F7, 0x1F3FA), (0x1F400, 0x1F4FD), (0x1F4FF, 0x1F53D), (0x1F549, 0x1F54E), (0x1F550, 0x1F567)),
    *((0x1F56F, 0x1F570), (0x1F573, 0x1F57A), (0x1F587, 0x1F587), (0x1F58A, 0x1F58D), (0x1F590, 0x1F590)),
    *((0x1F595, 0x1F596), (0x1F5A4, 0x1F5A5), (0x1F5A8, 0x1F5A8), (0x1F5B1, 0x1F5B2), (0x1F5BC, 0x1F5BC)),
    *((0x1F5C2, 0x1F5C4), (0x1F5D1, 0x1F5D3), (0x1F5DC, 0x1F5DE), (0x1F5E1, 0x1F5E1), (0x1F5E3, 0x1F5E3)),
    *((0x1F5E8, 0x1F5E8), (0x1F5EF, 0x1F5EF), (0x1F5F3, 0x1F5F3), (0x1F5FA, 0x1F64F), (0x1F680, 0x1F6C5)),
    *((0x1F6CB, 0x1F6D2), (0x1F6D5, 0x1F6E5), (0x1F6E9, 0x1F6E9), (0x1F6EB, 0x1F6F0), (0x1F6F3, 0x1F6FF)),
    *((0x1F7DC, 0x1F7F0), (0x1F90C, 0x1F93A), (0x1F93C, 0x1F945), (0x1F947, 0x1F9FF), (0x1FA6E, 0x1FAFF)),
)
"""What a joiner puts together with another of these: emoji, of today and to come."""


def find_grapheme_edges(points: CodePoints) -> np.ndarray:
    r"""Says before which characters, and at the end, a grapheme begins or ends, `(characters + 1,)`.

    >>> find_grapheme_edges(CodePoints.of(pa.array(["e\u0301a", "🇩🇪🇫🇷", "विद्या"]))).astype(int).tolist()
    [1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1]
    """
    edge = np.ones(len(points.points) + 1, bool)
    if len(points.points) == len(points.raw):  # All is ASCII, and only a line end may have two characters.
        edge[1:-1] = ~_is_inside_line_end(points)
    else:
        distinct, code = find_distinct(points.points)
        kinds = np.array([_find_kind(character) for character in distinct], np.int16)[code]
        edge[1:-1] = ~(_find_held(kinds & _JOINS) | _is_inside_line_end(points))
        edge[_find_in_conjuncts(points, kinds)] = False
        edge[_find_in_pictures(points, kinds)] = False
        edge[_find_in_flags(points, kinds & _JOINS)] = False
    edge[points.rows] = True
    return edge


def find_grapheme_starts(points: CodePoints) -> np.ndarray:
    r"""Returns for each character the one that its grapheme begins with, `(characters,)`.

    >>> find_grapheme_starts(CodePoints.of(pa.array(["e\u0301a", "b"]))).tolist()
    [0, 0, 2, 3]
    """
    return _find_last(points, find_grapheme_edges(points)[:-1])


def list_grapheme_starts(text: str) -> list[int]:
    r"""Returns the character that each grapheme of a text begins at, and the end of the text.

    >>> list_grapheme_starts("e\u0301a")
    [0, 2, 3]
    """
    return np.flatnonzero(find_grapheme_edges(CodePoints.of(pa.array([text], pa.string())))).tolist()


def _find_kind(character: str) -> int:
    """Returns how a character joins its neighbours, and what else matters of it."""
    point, category = ord(character), unicodedata.category(character)
    kind = _find_joining(point, category)
    for bit, points in ((_CONSONANT, _CONSONANTS), (_VIRAMA | _LINKED, _VIRAMAS), (_PICTURE, _PICTURES)):
        kind |= bit if point in points else 0
    return kind | (_LINKED if category in ("Mn", "Me") or point == _ZWJ else 0)


def _find_joining(point: int, category: str) -> int:
    if point == _ZWJ:
        return _JOINER
    if point in _PREPENDED:
        return _PREPEND
    if point in _EXTENDING or category in ("Mn", "Me"):
        return _EXTEND
    if point in _SPACING_LETTERS or (category == "Mc" and point not in _FREE_MARKS):
        return _SPACING
    if 0x1F1E6 <= point <= 0x1F1FF:
        return _REGIONAL
    return _CONTROL if category in ("Cc", "Cf", "Zl", "Zp") else _find_korean(point)


def _find_korean(point: int) -> int:
    """Returns which part of a Korean syllable a character is: none of others."""
    if 0x1100 <= point < 0x1160 or 0xA960 <= point < 0xA97D:
        return _L
    if 0x1160 <= point < 0x11A8 or 0xD7B0 <= point < 0xD7C7:
        return _V
    if 0x11A8 <= point < 0x1200 or 0xD7CB <= point < 0xD7FC:
        return _T
    if 0xAC00 <= point < 0xD7A4:
        return _LVT if (point - 0xAC00) % 28 else _LV
    return _OTHER


def _is_inside_line_end(points: CodePoints) -> np.ndarray:
    """Says for each character but the first whether it is the second of CR LF, `(characters - 1,)`."""
    return (points.points[:-1] == ord("\r")) & (points.points[1:] == ord("\n"))


def _find_held(joins: np.ndarray) -> np.ndarray:
    """Says for each character but the first whether it belongs to the one before it, by the two of them alone."""
    pairs = np.zeros((12, 12), bool)
    pairs[:, [_EXTEND, _SPACING, _JOINER]] = True
    pairs[_PREPEND] = True
    pairs[_L, [_L, _V, _LV, _LVT]] = True
    pairs[[[_V], [_LV]], [_V, _T]] = True
    pairs[[_T, _LVT], _T] = True
    pairs[_CONTROL] = pairs[:, _CONTROL] = False
    return pairs[joins[:-1], joins[1:]]


def _find_in_conjuncts(points: CodePoints, kinds: np.ndarray) -> np.ndarray:
    """Returns the positions of consonants that a virama joins to the consonant before them."""
    if not (kinds & _VIRAMA).any():
        return np.zeros(0, np.int64)
    # Before a consonant the last character that may not stand between two consonants must be the other one.
    other = _find_last(points, (kinds & _LINKED) == 0)
    viramas = np.cumsum((kinds & _VIRAMA) > 0)
    at = np.flatnonzero(kinds[1:] & _CONSONANT) + 1
    before = other[at - 1]
    return at[((kinds[before] & _CONSONANT) > 0) & (viramas[at] > viramas[before])]


def _find_in_pictures(points: CodePoints, kinds: np.ndarray) -> np.ndarray:
    """Returns the positions of pictures that a joiner puts together with the picture before them."""
    joiner = (kinds & _JOINS) == _JOINER
    at = np.flatnonzero(joiner[1:-1] & ((kinds[2:] & _PICTURE) > 0)) + 2
    if not len(at):
        return at
    base = _find_last(points, (kinds & _JOINS) != _EXTEND)
    return at[(kinds[base[at - 2]] & _PICTURE) > 0]


def _find_last(points: CodePoints, some: np.ndarray) -> np.ndarray:
    """Returns for each character the last up to it that is one of some, or else the first of its text."""
    there = some.copy()
    there[points.rows[points.rows < len(there)]] = True
    return np.maximum.accumulate(np.where(there, np.arange(len(there)), 0))


def _find_in_flags(points: CodePoints, joins: np.ndarray) -> np.ndarray:
    """Returns the positions of regional indicators that make a flag with the one before them."""
    at = np.flatnonzero(joins == _REGIONAL)
    opens = np.ones(len(at), bool)
    row = np.searchsorted(points.rows, at, "right")
    opens[1:] = (at[1:] != at[:-1] + 1) | (row[1:] != row[:-1])
    # Of a run of halves every second one ends a flag.
    runs = Ragged.of_bounds(np.append(np.flatnonzero(opens), len(at)))
    return at[runs.rank % 2 == 1]
