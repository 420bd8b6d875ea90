"""Edits of texts as columns, and the one place where they are carried out and offsets are moved.

An edit takes the characters `start:end` of a text out and puts others in; `start == end` inserts. Edits of
one text do not overlap, and none crosses the edge of a span. All text between them stays as it is, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa

from textsynth.corpus import SCHEMA, Corpus, span_list
from textsynth.corpus.code_points import CodePoints, join_runs, raw_slices, text_buffers
from textsynth.corpus.ragged import Ragged, bounds_of
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import InvalidExample


@dataclass(frozen=True)
class Edits:
    """Edits of copies of examples, as columns, sorted by copy and place.

    Args:
        copy: `(edits,)`; which copy is edited, a position in the `chosen` examples.
        start: `(edits,)`; the position of the first character that goes.
        end: `(edits,)`; the position after the last.
        first: `(edits,)`; the characters that come are `first:stop` of the material.
        stop: `(edits,)`.
    """

    copy: np.ndarray
    start: np.ndarray
    end: np.ndarray
    first: np.ndarray
    stop: np.ndarray

    def sort(self) -> Edits:
        """Returns the edits in the order that `carry_out` wants; equal places keep their order."""
        order = np.lexsort((self.end, self.start, self.copy))
        return Edits(*(column[order] for column in (self.copy, self.start, self.end, self.first, self.stop)))


class Material:
    """Where the characters of edits come from: the corpus itself, then a list of strings.

    Args:
        tokenised: the corpus; its characters keep their positions.
        strings: further material; string `i` is `first[i]:stop[i]`.
    """

    def __init__(self, tokenised: Tokenised, strings: Sequence[str] = ()) -> None:
        array = pa.array(strings, pa.string())
        points = CodePoints.of(array)
        size = len(tokenised.points.points)
        # The corpus comes first, so that a position in it is a position in the material too, as of a word that moves.
        self.raw = np.concatenate([tokenised.raw, text_buffers(array)[1]])
        self.byte_of = np.concatenate([tokenised.points.byte_of[:-1], len(tokenised.raw) + points.byte_of])
        self.first = size + points.rows[:-1]
        self.stop = size + points.rows[1:]

    @classmethod
    def of_lists(cls, tokenised: Tokenised, lists: Sequence[Sequence[str]]) -> tuple[Self, Ragged]:
        """Lays lists of strings out as material.

        Args:
            tokenised: the corpus.
            lists: such as the variants of each word.

        Returns:
            The material, and for each list the positions of its strings in it.
        """
        lengths = np.fromiter(map(len, lists), np.int64, len(lists))
        return cls(tokenised, [string for each in lists for string in each]), Ragged.of_lengths(lengths)


def carry_out(tokenised: Tokenised, chosen: np.ndarray, edits: Edits, material: Material) -> Corpus:
    """Makes edited copies of examples.

    A span whose text is taken out altogether is gone; every other keeps its label and its text but for the edits in it.
    The copies have the fields of their examples.

    Args:
        tokenised: the examples.
        chosen: `(copies,)`; the example that each copy is of.
        edits: what changes, sorted.
        material: what the edits put in.

    Raises:
        InvalidExample: if edits overlap, or one crosses the edge of a span or of its text, which is a bug of what
            made them.
    """
    texts = _texts(tokenised, chosen, edits, material)
    spans, whole = _spans(tokenised, chosen, edits)
    rows = pa.array(chosen, pa.int64())
    source = tokenised.corpus.table
    others = (source.column(name).take(rows).combine_chunks() for name in ("label", "origin", "parent"))
    table = pa.table([texts, spans, *others], schema=SCHEMA)
    # Copies whose mentions are those of a sound source are sound.
    make = Corpus.from_checked if whole and tokenised.is_sound else Corpus
    return make(table, tokenizer=tokenised.corpus.tokenizer).with_fields_of(tokenised.corpus, chosen)


def _texts(tokenised: Tokenised, chosen: np.ndarray, edits: Edits, material: Material) -> pa.StringArray:
    """Lays the bytes that stay and those that come side by side: each copy is what is kept, put in, kept, … kept."""
    count, copies = len(edits.copy), len(chosen)
    # A copy with n edits is 2 n + 1 pieces: rows has the bounds of each copy's, kept the piece right before each edit.
    rows = np.arange(copies + 1)
    rows += 2 * Ragged.of_owner(edits.copy, copies).bounds
    kept = edits.copy + np.arange(0, 2 * count, 2)
    begins, ends = np.empty(2 * count + copies, np.int32), np.empty(2 * count + copies, np.int32)
    byte_of, texts = material.byte_of, tokenised.points.rows
    # The first piece begins with the text, and the last ends with it; all other edges are those of edits.
    begins[rows[:-1]], ends[rows[1:] - 1] = byte_of[texts[chosen]], byte_of[texts[chosen + 1]]
    ends[kept], begins[kept + 2] = byte_of[edits.start], byte_of[edits.end]
    begins[kept + 1], ends[kept + 1] = byte_of[edits.first], byte_of[edits.stop]
    if (ends < begins).any():
        raise InvalidExample("edits must be sorted, apart and inside their text, were not; this is a bug")
    return join_runs(raw_slices(material.raw, begins, ends), rows)


def _spans(tokenised: Tokenised, chosen: np.ndarray, edits: Edits) -> tuple[pa.ListArray, bool]:
    """Moves the spans: an edit shifts what begins at or behind its end, and what ends behind its start.

    Returns:
        The spans, and whether no edit lies in any of them.
    """
    spans, texts = tokenised.corpus.spans, tokenised.points.rows
    of_copy = Ragged.of_bounds(spans.rows).take(chosen)
    copy, which = of_copy.owner, of_copy.values
    base, starts, ends = texts[chosen[copy]], spans.starts[which], spans.ends[which]
    before, upto = _edits_before(edits, copy, base + starts, base + ends)
    _check_edges(edits, before, upto, base + starts, base + ends)
    # By how many characters all edits before an edit make the text longer, counted through all copies; what those of
    # other copies add is the same at the start of the copy, and taken off again.
    grown = bounds_of((edits.stop - edits.first) - (edits.end - edits.start))
    moved = grown[Ragged.of_owner(edits.copy, len(chosen)).bounds[copy]]
    starts, ends = starts + (grown[before] - moved), ends + (grown[upto] - moved)
    if (ends <= starts).any():
        there = ends > starts
        copy, which, starts, ends = copy[there], which[there], starts[there], ends[there]
    labels = spans.labels.take(pa.array(which, pa.int64()))
    rows = Ragged.of_owner(copy, len(chosen)).bounds
    return span_list(rows, starts.astype(np.int32), ends.astype(np.int32), labels), not np.any(upto > before)


def _edits_before(edits: Edits, copy: np.ndarray, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts for each span the edits that end at its start or before it, and those that start before its end."""
    if len(edits.copy) == 0:
        return np.zeros(len(copy), np.int64), np.zeros(len(copy), np.int64)
    # One number for copy and place keeps their order, so that a single binary search finds places in all copies.
    width = int(max(edits.end.max(), end.max(initial=0))) + 1
    own, starts = copy * width, edits.copy * width + edits.start
    before = np.searchsorted(edits.copy * width + edits.end, own + start, side="right")
    upto = before.copy()
    # Few spans have an edit inside; for all others the next edit starts at their end or behind it.
    inside = np.flatnonzero(np.append(starts, np.iinfo(np.int64).max)[before] < own + end)
    upto[inside] = np.searchsorted(starts, own[inside] + end[inside], side="left")
    return before, upto


def _check_edges(edits: Edits, before: np.ndarray, upto: np.ndarray, start: np.ndarray, end: np.ndarray) -> None:
    """Lets an edit lie inside a span or take it out altogether, and nothing between."""
    some = np.flatnonzero(upto > before)
    if len(some) == 0:
        return
    first, last = before[some], upto[some] - 1
    # Edits between the first and the last lie inside, being sorted and apart, so the edges of these two tell all.
    early, late = edits.start[first] < start[some], edits.end[last] > end[some]
    gone = (first == last) & (edits.first[first] == edits.stop[first]) & (edits.start[first] <= start[some])
    gone &= edits.end[last] >= end[some]
    if ((early | late) & ~gone).any():
        raise InvalidExample("an edit must not cross the edge of a span, did; this is a bug of the operation")
