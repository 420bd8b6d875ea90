"""Examples and tables of them, their characters and tokens, and text put together with exact spans."""

from __future__ import annotations

from textsynth.corpus.invariants import find_faults
from textsynth.corpus.names import Names, order_names
from textsynth.corpus.span_columns import SPAN, span_array, span_columns, span_list
from textsynth.corpus.table import SCHEMA, Corpus
from textsynth.corpus.tokenizer_name import Tokenizer

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
