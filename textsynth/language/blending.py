"""Blends: invented words that begin like one word and end like another, such as *Marrbon* of Marrakesh, Lisbon."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from textsynth.language.casing import Casing, casing

SHORTEST = 4
"""Letters of a word that may be blended; what is shorter is mostly a function word or an abbreviation."""

_BEGINNINGS, _ENDINGS = (2, 5), (3, 5)
"""Letters that are taken of the beginning, and of the end: at least, and fewer than."""


def may_blend(word: str) -> bool:
    """Says whether a word is long enough, and of letters alone.

    >>> may_blend("Rome"), may_blend("the"), may_blend("B2B-x")
    (True, False, False)
    """
    return len(word) >= SHORTEST and word.isalpha()


def blend(beginning: str, end: str, rng: np.random.Generator) -> str:
    """Returns the beginning of one word with the end of another, cased like the other.

    >>> blend("Marrakesh", "Lisbon", np.random.default_rng(2))
    'Marrbon'
    """
    head = beginning[: int(rng.integers(*_BEGINNINGS))]
    return _write((head + end[-int(rng.integers(*_ENDINGS)) :]).lower(), casing(end))


def _write(word: str, like: Casing) -> str:
    if like == "upper":
        return word.upper()
    return word if like == "lower" else word.capitalize()


def draw_blend(beginnings: Sequence[str], end: str, rng: np.random.Generator) -> str:
    """Returns the beginning of one of some words, each as likely as the next, with the end of another."""
    return blend(beginnings[int(rng.integers(len(beginnings)))], end, rng)
