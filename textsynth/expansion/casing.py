"""Writes words of others in the letters of a corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from textsynth.extract.gazetteer import casing

_SOME = 0.2
"""The share of the mentions of a label in small letters from which on words in small letters may be mentions of it."""


def write_like(words: Sequence[str], mentions: Iterable[str], rng: np.random.Generator) -> list[str]:
    """Returns words, as many of them in small letters as mentions of the label are.

    Words that are small as they are stay so, or are left out if hardly any mention is.

    >>> rng = np.random.default_rng(1)
    >>> write_like(["Rome", "town"], ["Paris", "Oslo"], rng), write_like(["Rome", "town"], ["oslo"], rng)
    (['Rome'], ['rome', 'town'])
    """
    counts = Counter(map(casing, mentions))
    small = counts["lower"] / max(1, counts.total() - counts["none"])
    lowered = rng.random(len(words)) < small
    written = [each.lower() if low else each for each, low in zip(words, lowered, strict=True)]
    return [new for new, old in zip(written, words, strict=True) if small >= _SOME or not old.islower()]
