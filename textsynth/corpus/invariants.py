"""The invariants of a table of examples, checked all rows at once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus.classes import find_label_fault, have_marks, to_label
from textsynth.corpus.code_points import are_spaces, char_lengths, points_at
from textsynth.corpus.example import Span, span_fault
from textsynth.corpus.span_columns import SpanColumns, span_columns

_CHECKED = 10_000
"""Examples that are checked at a time: it bounds the memory, and small arrays stay in the cache."""


def find_faults(table: pa.Table) -> dict[int, str]:
    """Says which rows break an invariant of `Example`: the first reason for each, all rows at once."""
    faults: dict[int, str] = {}
    first = 0
    for batch in table.to_batches(max_chunksize=_CHECKED):
        for row in _faulty_rows(batch):
            faults[first + row] = _reason(batch, row)
        first += batch.num_rows
    return faults


def _faulty_rows(batch: pa.RecordBatch) -> list[int]:
    texts, spans = batch.column("text"), span_columns(batch.column("spans"))
    bad = find_faulty_labels(batch.column("label"))
    if texts.null_count:
        return np.flatnonzero(texts.is_null().to_numpy(zero_copy_only=False)).tolist()
    if len(spans.starts):
        bad[spans.row_of_span()[_faulty_spans(texts, spans)]] = True
    return np.flatnonzero(bad).tolist()


def find_faulty_labels(labels: pa.StringArray) -> np.ndarray:
    """Says for each label of an example whether it is empty, or one of several classes has no name, `(labels,)`."""
    empty = pc.fill_null(pc.equal(labels, ""), False).to_numpy(zero_copy_only=False)
    several = labels.filter(have_marks(labels)).unique().to_pylist()
    faulty = [each for each in several if find_label_fault(to_label(each))]
    found: np.ndarray = empty | pc.is_in(labels, pa.array(faulty, pa.string())).to_numpy(zero_copy_only=False)
    return found


def _faulty_spans(texts: pa.StringArray, spans: SpanColumns) -> np.ndarray:
    """Returns for each span whether something is wrong with it."""
    row, lengths = spans.row_of_span(), char_lengths(texts)
    outside = (spans.starts < 0) | (spans.ends <= spans.starts) | (spans.ends > lengths[row])
    # Only of spans inside their text can the first and last characters be looked at.
    inside = np.flatnonzero(~outside)
    places = np.concatenate([spans.starts[inside], spans.ends[inside] - 1])
    spaces = are_spaces(points_at(texts, lengths, np.tile(row[inside], 2), places))
    edges = np.zeros(len(row), bool)
    edges[inside] = spaces[: len(inside)] | spaces[len(inside) :]
    # Spans are sorted by start, so one that overlaps any overlaps the one before it.
    overlap = np.zeros(len(row), bool)
    overlap[1:] = (row[1:] == row[:-1]) & (spans.starts[1:] < spans.ends[:-1])
    unlabelled = pc.fill_null(pc.equal(spans.labels, ""), True).to_numpy(zero_copy_only=False)
    return outside | edges | overlap | unlabelled


def _reason(batch: pa.RecordBatch, row: int) -> str:
    values = batch.slice(row, 1).to_pylist()[0]
    if values["text"] is None:
        return "the text must not be null"
    previous = 0
    for span in values["spans"]:
        fault = span_fault(values["text"], Span(span["start"], span["end"], span["label"]), previous)
        if fault:
            return fault
        previous = span["end"]
    return "the label of an example must not be empty; use null for no label"
