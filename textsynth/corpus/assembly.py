"""Makes a corpus of pieces: the one mapping of offsets that every generator which puts text together goes through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from textsynth.corpus.code_points import char_lengths, join_runs
from textsynth.corpus.ragged import Ragged, bounds_of
from textsynth.corpus.span_columns import span_list
from textsynth.corpus.table import SCHEMA, Corpus
from textsynth.corpus.tokenizer_name import Tokenizer


@dataclass(frozen=True, slots=True)
class Pieces:
    """Distinct strings that texts are put together from, with their lengths in characters."""

    strings: pa.StringArray
    lengths: np.ndarray

    @classmethod
    def of(cls, strings: Sequence[str] | pa.StringArray) -> Pieces:
        """Measures the strings once."""
        array = strings if isinstance(strings, pa.StringArray) else pa.array(strings, pa.string())
        return cls(array, char_lengths(array))


@dataclass(frozen=True, slots=True)
class Layout:
    """Which pieces make which text, and which of them are mentions.

    Args:
        codes: `(pieces used,)`; positions in the store of pieces, text after text.
        rows: `(texts + 1,)`; text `i` is made of `codes[rows[i]:rows[i + 1]]`.
        span_rows: `(texts + 1,)`; its spans are `span_rows[i]:span_rows[i + 1]`.
        first: `(spans,)`; the first piece of each span, a position in `codes`.
        stop: `(spans,)`; the piece after its last.
        labels: `(spans,)` strings.
    """

    codes: np.ndarray
    rows: np.ndarray
    span_rows: np.ndarray
    first: np.ndarray
    stop: np.ndarray
    labels: pa.StringArray


def assemble(
    pieces: Pieces,
    layout: Layout,
    *,
    label: pa.Array,
    parent: pa.Array,
    tokenizer: Tokenizer = "words",
) -> Corpus:
    """Puts the texts together and finds their spans, exact by construction.

    Args:
        pieces: the store.
        layout: which pieces where.
        label: the class of each text, or null.
        parent: what each text was made from.
        tokenizer: how the texts fall into tokens.

    >>> store = Pieces.of(["Hi ", "Zoë", "!"])
    >>> layout = Layout(np.array([0, 1, 2, 1]), np.array([0, 3, 4]), np.array([0, 1, 1]), np.array([1]), np.array([2]),
    ...                 pa.array(["PERSON"]))
    >>> corpus = assemble(store, layout, label=pa.nulls(2, pa.string()), parent=pa.array(["", ""]))
    >>> [(example.text, example.mentions()) for example in corpus]
    [('Hi Zoë!', ('Zoë',)), ('Zoë', ())]
    """
    taken = pieces.strings.take(pa.array(layout.codes, pa.int64()))
    # Where each piece begins, in characters through all texts; a span is counted from where its own text begins.
    chars = bounds_of(pieces.lengths[layout.codes])
    text_begin = Ragged.of_bounds(layout.span_rows).expand(chars[layout.rows[:-1]])
    starts = (chars[layout.first] - text_begin).astype(np.int32)
    ends = (chars[layout.stop] - text_begin).astype(np.int32)
    columns = [
        join_runs(taken, layout.rows),
        span_list(layout.span_rows, starts, ends, layout.labels),
        label,
        pa.repeat(pa.scalar(""), len(label)),
        parent,
    ]
    return Corpus(pa.table(columns, schema=SCHEMA), tokenizer=tokenizer)
