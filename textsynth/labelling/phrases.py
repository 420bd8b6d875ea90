"""Finds many phrases in many texts at once, by Aho-Corasick: the longest one at each place, at the edges of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from textsynth.corpus.code_points import CodePoints, find_distinct
from textsynth.corpus.script import are_unspaced

_GAP = "\n"
"""Between texts that are searched together; no phrase has it."""


@dataclass(frozen=True)
class Places:
    """Where phrases stand.

    Args:
        rows: `(places,)`; the text of each, never falling.
        starts: `(places,)`; characters from the start of its text.
        ends: `(places,)`; the same, half-open.
        phrases: `(places,)`; which phrase it is.
    """

    rows: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    phrases: np.ndarray


class PhraseSearch:
    """Searches for phrases.

    Args:
        phrases: what to look for; those that are blank or have a line break are never found.

    >>> places = PhraseSearch(["New York", "York", "a"]).find(pa.array(["New York, a Yorker", "York"]))
    >>> list(zip(places.rows.tolist(), places.starts.tolist(), places.phrases.tolist()))
    [(0, 0, 0), (0, 10, 2), (1, 0, 1)]
    """

    def __init__(self, phrases: Sequence[str]) -> None:
        from ahocorasick_rs import AhoCorasick

        searched = [number for number, each in enumerate(phrases) if each.strip() and _GAP not in each]
        self._numbers = np.array(searched, np.int64)
        self._automaton = AhoCorasick([phrases[number] for number in searched]) if searched else None

    def find(self, texts: pa.StringArray) -> Places:
        """Returns the places of the longest phrases, from left to right, none in another or inside a word."""
        if self._automaton is None or not len(texts):
            return Places(*(np.zeros(0, np.int64),) * 4)
        joined = _GAP.join(text.replace(_GAP, " ") for text in texts.to_pylist())
        found = self._automaton.find_matches_as_indexes(joined, overlapping=True)
        columns = np.array(found, np.int64).reshape(-1, 3)
        phrase, begin, end = columns[:, 0], columns[:, 1], columns[:, 2]
        points = CodePoints.of(texts)
        first = points.rows[:-1] + np.arange(len(texts))  # A gap lies before each text but the first.
        at_edge = _are_edges(joined)
        stands = at_edge[begin] & at_edge[end]
        phrase, begin, end = phrase[stands], begin[stands], end[stands]
        order = np.lexsort((-end, begin))
        phrase, begin, end = phrase[order], begin[order], end[order]
        stay = _leave_longest(begin, end)
        row = np.searchsorted(first, begin[stay], side="right") - 1
        return Places(row, begin[stay] - first[row], end[stay] - first[row], self._numbers[phrase[stay]])


def _are_edges(text: str) -> np.ndarray:
    """Says for each place in a text, from 0 to its length, whether no word goes on over it."""
    points = np.frombuffer(text.encode("utf-32-le"), "<u4")
    known, code = find_distinct(points)
    of_word = np.array([each.isalnum() or each == "_" for each in known], bool)[code] & ~are_unspaced(points)
    edges = np.ones(len(points) + 1, bool)
    edges[1:-1] = ~(of_word[1:] & of_word[:-1])
    return edges


def _leave_longest(begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Returns the positions of places that stay, given that they are sorted by begin and falling end."""
    stay: list[int] = []
    reached = 0
    for place, (start, stop) in enumerate(zip(begin.tolist(), end.tolist(), strict=True)):
        if start >= reached:
            stay.append(place)
            reached = stop
    return np.array(stay, np.int64)
