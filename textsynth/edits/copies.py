"""Copies of examples that all differ: from their source and from each other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from textsynth.corpus import Corpus
from textsynth.generator import Draft

_TRIES = 8

UNCHANGED, REPEATED = "unchanged", "no further variant"


def distinct_copies(source: Corpus, chosen: np.ndarray, make: Callable[[np.ndarray], Corpus]) -> Draft:
    """Makes copies of examples, and makes those again that equal their source or an earlier copy of it.

    Args:
        source: the examples.
        chosen: `(copies,)`; the example that each copy is of.
        make: makes a copy of each of the examples it is given.

    Returns:
        The copies; those that could not be made different after some tries have the reason.
    """
    pending = np.arange(len(chosen))
    codes = _Codes(source)
    found = np.full(len(chosen), -1, np.int64)
    parts: list[Corpus] = []
    place = np.zeros(len(chosen), np.int64)
    for _ in range(_TRIES):
        if len(pending) == 0:
            break
        made = make(chosen[pending])
        place[pending] = sum(len(part) for part in parts) + np.arange(len(pending))
        parts.append(made)
        found[pending] = codes.of(made.texts)
        pending = np.flatnonzero(_is_repeat(chosen, found, codes.sources[chosen]))
    unchanged = found == codes.sources[chosen]
    repeated = _is_repeat(chosen, found, codes.sources[chosen])
    reasons = [UNCHANGED if u else REPEATED if r else None for u, r in zip(unchanged, repeated, strict=True)]
    return Draft(Corpus.concat(parts).take(place), reasons if any(each is not None for each in reasons) else ())


class _Codes:
    """Numbers texts so that equal ones have equal numbers."""

    def __init__(self, source: Corpus) -> None:
        self._known: dict[str, int] = {}
        self.sources = self.of(source.texts)

    def of(self, texts: pa.StringArray) -> np.ndarray:
        """Returns the number of each text."""
        known = self._known
        return np.array([known.setdefault(text, len(known)) for text in texts.to_pylist()], np.int64)


def _is_repeat(chosen: np.ndarray, found: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Says which copies equal their source, or an earlier copy of the same example."""
    keys = np.stack([chosen, found], axis=1)
    _, first = np.unique(keys, axis=0, return_index=True)
    repeat = np.ones(len(chosen), bool)
    repeat[first] = False
    return repeat | (found == sources)
