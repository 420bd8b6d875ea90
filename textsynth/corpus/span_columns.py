"""The spans of many texts as columns."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from textsynth.corpus.ragged import Ragged, bounds_of

SPAN = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())])
"""The type of a span."""


@dataclass(frozen=True, slots=True)
class SpanColumns:
    """All spans of a corpus as columns.

    Args:
        rows: `(examples + 1,)`; the spans of example `i` are `rows[i]:rows[i + 1]`.
        starts: `(spans,)`; characters from the start of their own text.
        ends: `(spans,)`; the same, half-open.
        labels: `(spans,)` strings.
    """

    rows: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    labels: pa.StringArray

    def row_of_span(self) -> np.ndarray:
        """Returns the example each span belongs to, `(spans,)`."""
        return Ragged.of_bounds(self.rows).owner


def span_array(spans: Iterable[Iterable[tuple[int, int, str]]]) -> pa.ListArray:
    """Returns the spans column for these `(start, end, label)` lists, one a text."""
    rows = [list(row) for row in spans]
    flat = list(itertools.chain.from_iterable(rows))
    starts, ends, labels = zip(*flat, strict=True) if flat else ((), (), ())
    return span_list(
        bounds_of(np.array(list(map(len, rows)), np.int64)),
        pa.array(starts, pa.int32()),
        pa.array(ends, pa.int32()),
        pa.array(labels, pa.string()),
    )


def span_list(rows: np.ndarray, starts: Any, ends: Any, labels: pa.StringArray) -> pa.ListArray:
    """Returns the spans column made of flat columns; `rows` as in `SpanColumns`."""
    struct = pa.StructArray.from_arrays(
        [pa.array(starts, pa.int32()), pa.array(ends, pa.int32()), labels], fields=list(SPAN)
    )
    return pa.ListArray.from_arrays(pa.array(rows, pa.int32()), struct, type=pa.list_(SPAN))


def span_columns(spans: pa.ListArray) -> SpanColumns:
    """Returns the flat columns of a spans column."""
    rows = spans.offsets.to_numpy().astype(np.int64)
    flat = spans.values[rows[0] : rows[-1]]
    starts, ends, labels = (flat.field(index) for index in range(3))
    columns = starts.to_numpy(zero_copy_only=False), ends.to_numpy(zero_copy_only=False), labels
    return SpanColumns(rows - rows[0], *columns)
