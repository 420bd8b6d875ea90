"""The text that tokens make: what stands between them, and where each begins."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Literal

from textsynth.corpus.script import UNSPACED
from textsynth.reading.records import Fault
from textsynth.reading.token_columns import Sentence

Join = Literal["auto", "space", "none"]
"""What stands between tokens."""

_MARKS = "\u3000-\u303f\u30fb\uff01-\uff9f\u0e3f\u0e4f\u0e5a\u0e5b\u104a-\u104f\u17d4-\u17db"
"""Marks that are written beside letters of scripts without spaces, and full-width letters."""

_HAS_UNSPACED = re.compile(f"[{UNSPACED}{_MARKS}]")


def join_tokens(tokens: Sequence[str], join: Join = "auto") -> str:
    """Returns the text that tokens make.

    >>> join_tokens(["Ada", "met", "Zoë"]), join_tokens(["周", "在", "IBM"])
    ('Ada met Zoë', '周在IBM')
    """
    if join == "space" or (join == "auto" and not is_unspaced(tokens)):
        return " ".join(tokens)
    return "".join(itertools.chain.from_iterable(zip(tokens, [*_list_gaps(tokens, join), ""], strict=True)))


def is_unspaced(tokens: Sequence[str]) -> bool:
    """Says whether half of the tokens of a sentence, or more, are of a script that is written without spaces.

    A name in such a script does not change how an English sentence is written.

    >>> is_unspaced(["周", "在", "IBM"]), is_unspaced(["Mr", "周", "works", "at", "IBM"])
    (True, False)
    """
    if not has_unspaced("".join(tokens)):  # One look at the whole is enough for most sentences.
        return False
    return 2 * sum(_HAS_UNSPACED.search(token) is not None for token in tokens) >= len(tokens)


def has_unspaced(text: str) -> bool:
    """Says whether a text has a character of a script that is written without spaces."""
    return not text.isascii() and _HAS_UNSPACED.search(text) is not None


def find_starts(sentence: Sentence, join: Join) -> tuple[str, list[int]] | Fault:
    """Returns the text of a sentence and the first character of each token.

    If a comment gives the text, nothing stands between its tokens but white space.
    """
    if sentence.text is not None:
        starts = _find_in_text(sentence, sentence.text)
        if not isinstance(starts, Fault):
            return sentence.text, starts
        if not sentence.loose:
            return starts
    return _lay_out(sentence, join)


def _lay_out(sentence: Sentence, join: Join) -> tuple[str, list[int]]:
    tokens = sentence.tokens
    text = " ".join(tokens)
    spaced = join == "space" or (join == "auto" and (text.isascii() or not is_unspaced(tokens)))
    if sentence.spaces is None and spaced:
        return text, list(itertools.accumulate([len(token) + 1 for token in tokens[:-1]], initial=0))
    if sentence.spaces is None:
        gaps = _list_gaps(tokens, join)
    else:
        gaps = [" " if space else "" for space in sentence.spaces[:-1]]
    pieces = list(map("".join, zip(tokens, [*gaps, ""], strict=True)))
    return "".join(pieces), list(itertools.accumulate(map(len, pieces[:-1]), initial=0))


def _list_gaps(tokens: Sequence[str], join: Join) -> list[str]:
    """Returns what stands between each token and the next."""
    if join != "auto":
        return ["" if join == "none" else " "] * max(0, len(tokens) - 1)
    pairs = itertools.pairwise(tokens)
    touching = (_HAS_UNSPACED.match(before[-1:]) or _HAS_UNSPACED.match(after) for before, after in pairs)
    return ["" if touch else " " for touch in touching]


def _find_in_text(sentence: Sentence, text: str) -> list[int] | Fault:
    starts, end = [], 0
    for number, token in zip(sentence.numbers, sentence.tokens, strict=True):
        start = text.find(token, end)
        if start < 0 or text[end:start].strip():
            must = f"the token {token!r} must come next in the text of its comment"
            return Fault(f"{must}, {text[end:][:40]!r} does", number)
        starts.append(start)
        end = start + len(token)
    if text[end:].strip():
        must = "the text of a comment must be the tokens below it"
        return Fault(f"{must}, has more: {text[end:][:40]!r}", sentence.line)
    return starts
