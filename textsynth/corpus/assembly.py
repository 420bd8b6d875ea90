"""Makes a corpus of pieces: the one mapping of offsets that every generator which puts text together goes through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus.code_points import char_lengths, join_runs
from textsynth.corpus.invariants import find_faulty_labels
from textsynth.corpus.ragged import Ragged, bounds_of
from textsynth.corpus.span_columns import span_list
from textsynth.corpus.table import SCHEMA, Corpus
from textsynth.corpus.tokenizer_name import Tokenizer


@dataclass(frozen=True, slots=True)
class Pieces:
    """Distinct strings that texts are put together from, none of them null.

    Args:
        strings: the pieces.
        lengths: `(pieces,)` characters.
        opens: `(pieces,)`; whether a mention may begin with the piece: it begins with no white space.
        closes: `(pieces,)`; whether one may end with it.
    """

    strings: pa.StringArray
    lengths: np.ndarray
    opens: np.ndarray
    closes: np.ndarray

    @classmethod
    def of(cls, strings: Sequence[str] | pa.StringArray) -> Pieces:
        """Measures the strings once."""
        array = strings if isinstance(strings, pa.StringArray) else pa.array(strings, pa.string())
        edges = [(each[:1], each[-1:]) for each in array.to_pylist()]
        opens, closes = ([bool(each[at]) and not each[at].isspace() for each in edges] for at in range(2))
        return cls(array, char_lengths(array), np.array(opens, bool), np.array(closes, bool))


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
    table = pa.table(columns, schema=SCHEMA)
    if _are_sound(pieces, layout) and not find_faulty_labels(label.unique()).any():
        return Corpus.from_checked(table, tokenizer)
    return Corpus(table, tokenizer=tokenizer)


def _are_sound(pieces: Pieces, layout: Layout) -> bool:
    """Says whether all spans are sound, as far as pieces can tell, which are far fewer; else texts are looked at."""
    row = Ragged.of_bounds(layout.span_rows).owner
    inside = (layout.rows[row] <= layout.first) & (layout.first < layout.stop) & (layout.stop <= layout.rows[row + 1])
    if not inside.all() or np.any(layout.first[1:] < layout.stop[:-1]):
        return False
    if layout.labels.null_count or not pc.all(pc.not_equal(layout.labels, "")).as_py():
        return False
    opens, closes = pieces.opens[layout.codes[layout.first]], pieces.closes[layout.codes[layout.stop - 1]]
    return bool(opens.all() and closes.all())
