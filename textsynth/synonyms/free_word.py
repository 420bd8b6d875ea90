"""Finds words that stand alone, and are no part of an e-mail address, a hashtag or a compound."""

from __future__ import annotations

import unicodedata

import numpy as np

from textsynth.corpus.code_points import CodePoints
from textsynth.corpus.script import is_unspaced

_BREAK, _WORD, _OPENING, _CLOSING, _QUOTE, _APOSTROPHE, _OTHER = range(7)
_KINDS = {"L": _WORD, "N": _WORD, "M": _WORD, "Z": _BREAK, "Cc": _BREAK, "So": _BREAK, "Ps": _OPENING, "Pe": _CLOSING}
_EXCEPTIONS = (
    dict.fromkeys("–—…", _BREAK)
    | dict.fromkeys("¡¿", _OPENING)
    | dict.fromkeys(".,;:!?।。、，；：！？؟،؛", _CLOSING)
    | dict.fromkeys('"“”„«»‹›「」', _QUOTE)
    | dict.fromkeys("'’‘", _APOSTROPHE)
)


def free_words(points: CodePoints, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Says for each token whether nothing but white space, quotation marks and stops of a sentence touches it.

    A possessive 's may follow. A letter of a script without spaces touches nothing: beside it is another word.

    Args:
        points: all characters of some texts.
        begin: `(tokens,)`; the position of the first character of each token.
        end: `(tokens,)`; the position after its last.
    """
    # All characters of all texts lie in one array, so each look aside is one index for all tokens at once. `first` and
    # `stop` are the bounds of a token's own text, so that no look goes into the text beside it.
    row = np.searchsorted(points.rows, begin, side="right") - 1
    first, stop = points.rows[row], points.rows[row + 1]
    two_before, before = (_kinds(points, begin - step, first, stop) for step in (2, 1))
    behind, two_behind, three_behind = (_kinds(points, end + step, first, stop) for step in (0, 1, 2))
    # A bracket or quotation mark before a word counts as free if it is not itself glued to a word: f(x), rock'n'roll.
    marks = np.isin(before, (_OPENING, _QUOTE, _APOSTROPHE))
    opens = (before == _BREAK) | (marks & (two_before != _WORD) & (two_before != _OTHER))
    stops = np.isin(behind, (_CLOSING, _QUOTE, _APOSTROPHE)) & (two_behind != _WORD) & (two_behind != _OTHER)
    # A possessive: apostrophe, s, and then no further letter.
    letter = points.points[np.minimum(end + 1, max(0, len(points.points) - 1))] if len(end) else end
    possessive = (behind == _APOSTROPHE) & (two_behind == _WORD) & np.isin(letter, (ord("s"), ord("S")))
    return opens & ((behind == _BREAK) | stops | (possessive & ~np.isin(three_behind, (_WORD, _OTHER))))


def _kinds(points: CodePoints, position: np.ndarray, first: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Returns what kind of character stands at each position; outside of the text, a break."""
    kinds = np.full(len(position), _BREAK, np.int64)
    inside = (position >= first) & (position < stop)
    # Unicode is asked once for each distinct character, as Python is slow for millions.
    distinct, which = np.unique(points.points[position[inside]], return_inverse=True)
    kinds[inside] = np.array([_kind(chr(each)) for each in distinct.tolist()], np.int64)[which]
    return kinds


def _kind(character: str) -> int:
    """Returns the kind of a character: by itself, by its category (Nd), or by the first letter of that (N)."""
    if is_unspaced(character):
        return _BREAK
    category = unicodedata.category(character)
    known = (_EXCEPTIONS.get(character), _KINDS.get(category), _KINDS.get(category[0]))
    return next((kind for kind in known if kind is not None), _OTHER)
