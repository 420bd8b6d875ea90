"""Spacing: tokens of texts such as CoNLL's stand between spaces; models attach marks to words, which is undone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from textsynth.wording.vocabulary import Part

_MENTION = "\ufffd"
"""Stands for a mention; texts that have one of their own are broken and never come here."""
_MARKS = r".,;:!?"
_CLOSING_MARKS = re.compile(rf"(?<=[^\s{_MARKS}])([{_MARKS}]+)(?=\s|$)")
_INNER = r"""[^\s()\[\]{}"“”„«»]"""
_ENCLOSED = re.compile(rf"""([(\[{{"“„«]*)({_INNER}*[^\W_]{_INNER}*?)([)\]}}"”»{_MARKS}]*)""")


def separate_marks(text: str) -> str:
    """Puts spaces between words and the marks, brackets and double quotes around them.

    What may be part of a word stays, as brackets inside of words, apostrophes and smileys do.

    >>> separate_marks("Ada, 3.5 m?"), separate_marks("Ada ..."), separate_marks('"Hi (there)," said f(x) :)')
    ('Ada , 3.5 m ?', 'Ada ...', '" Hi ( there ) , " said f(x) :)')
    """
    return re.sub(r"\S+", lambda word: _word_apart(word[0]), text)


def separate_parts(parts: Sequence[Part]) -> list[Part]:
    """Does the same to a sentence in parts, whose mentions stay as they are and touch nothing either.

    >>> [part.text for part in separate_parts([Part("("), Part("U.S.", "CITY"), Part("'s) end.")])]
    ['( ', 'U.S.', " 's ) end ."]
    """
    text = "".join(part.text if part.label is None else f" {_MENTION} " for part in parts)
    mentions = (part for part in parts if part.label is not None)
    between = separate_marks(" ".join(text.split())).split(_MENTION)
    spaced = [Part(between[0]), *(each for text in between[1:] for each in (next(mentions), Part(text)))]
    return [part for part in spaced if part.text or part.label is not None]


def separate_between(before: str, text: str, after: str) -> str:
    """Does the same to a text that comes between two others and touches neither.

    >>> separate_between("we saw Ada", "there, now", " .")
    ' there , now'
    """
    return " " * bool(before[-1:].strip()) + separate_marks(text) + " " * bool(after[:1].strip())


def _word_apart(word: str) -> str:
    """Puts spaces into what stands between two spaces."""
    if not (found := _ENCLOSED.fullmatch(word)):
        return _CLOSING_MARKS.sub(r" \1", word)
    before, inner, after = found.groups()
    return " ".join([*before, inner, *re.findall(rf"[{_MARKS}]+|.", after)])
