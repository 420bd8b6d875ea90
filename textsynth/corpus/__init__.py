"""Examples and tables of them, their characters and tokens, and text put together with exact spans."""

from __future__ import annotations

from textsynth.corpus.table import (
    SCHEMA,
    SPAN,
    Corpus,
    Names,
    Tokenizer,
    find_faults,
    order_names,
    span_array,
    span_columns,
    span_list,
)

__all__ = [
    "SCHEMA",
    "SPAN",
    "Corpus",
    "Names",
    "Tokenizer",
    "find_faults",
    "order_names",
    "span_array",
    "span_columns",
    "span_list",
]
