"""The casing of words: which it is, and another word written in it."""

from __future__ import annotations

from typing import Literal

Casing = Literal["lower", "title", "upper", "mixed"]

_KEEPS: dict[Casing, tuple[Casing, ...]] = {
    "lower": ("lower", "title", "upper"),
    "title": ("title", "upper"),
    "upper": ("upper",),
    "mixed": ("mixed",),
}


def casing(word: str) -> Casing:
    """Says how a word is cased: by its first letter and the rest; one without cased letters is `mixed`.

    >>> [casing(each) for each in ("quick", "Quick", "Well-known", "QUICK", "iPhone", "1984")]
    ['lower', 'title', 'title', 'upper', 'mixed', 'mixed']
    """
    if word.islower():
        return "lower"
    if word[:1].isupper() and (len(word) == 1 or word[1:].islower()):
        return "title"
    return "upper" if word.isupper() else "mixed"


def can_be_written(word: str, like: Casing) -> bool:
    """Says whether a word of a dictionary may appear in a casing: "quick" in any, "Monday" not in lower case.

    >>> can_be_written("quick", "upper"), can_be_written("Monday", "lower")
    (True, False)
    """
    return like in _KEEPS[casing(word)]


def recase(word: str, like: Casing) -> str:
    """Returns a word in a casing that is at least as high as its own.

    >>> recase("swift", "title"), recase("school bus", "upper"), recase("eBook", "lower")
    ('Swift', 'SCHOOL BUS', 'eBook')
    """
    if like == "upper":
        return word.upper()
    return word[:1].upper() + word[1:] if like == "title" else word
