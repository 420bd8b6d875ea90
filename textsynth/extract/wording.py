"""The wordings of many examples at once: their texts with slots instead of mentions, as templates are written."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus import Corpus
from textsynth.corpus.code_points import CodePoints, join_runs, raw_slices
from textsynth.corpus.ragged import Ragged, count_earlier, find_repeats
from textsynth.extract.template import Slot, write_literal, write_slot
from textsynth.foundation.seeding import fingerprint

_AT_ONCE = 100_000
"""Examples whose wordings are found together."""

_ESCAPED = r"[\\{}\n\r\t]"


def list_wordings(corpus: Corpus) -> pa.StringArray:
    """Returns the wording of each example: what `Template.to_text` writes, without a template in between.

    >>> list_wordings(Corpus.from_columns(text=["Ann met Bo."], spans=[[(0, 3, "P"), (8, 10, "P")]])).to_pylist()
    ['{P} met {P:2}.']
    """
    spans, points = corpus.spans, CodePoints.of(corpus.texts)
    row = spans.row_of_span()
    begins, ends = (points.byte_of[points.rows[row] + edge] for edge in (spans.starts, spans.ends))
    # A text has one literal more than mentions: before the first, between two, behind the last.
    literals = Ragged.of_lengths(np.diff(spans.rows) + 1)
    first, last = literals.bounds[:-1], literals.bounds[1:] - 1
    literal_begins, literal_ends = np.empty((2, len(literals.owner)), np.int64)
    literal_begins[first], literal_ends[last] = points.byte_of[points.rows[:-1]], points.byte_of[points.rows[1:]]
    behind = np.arange(len(row)) + row + 1  # Behind each mention stands this literal.
    literal_begins[behind], literal_ends[behind - 1] = ends, begins
    texts = _escape(raw_slices(points.raw, literal_begins, literal_ends))
    slots, code = _write_slots(spans.labels, row, raw_slices(points.raw, begins, ends))
    # Literal, slot, literal and so on: the slot before literal number i of all stands at place i + its own number.
    order = np.empty(len(texts) + len(row), np.int64)
    place = behind + np.arange(len(row))
    order[place] = len(texts) + code
    order[np.delete(np.arange(len(order)), place)] = np.arange(len(texts))
    pieces = pa.concat_arrays([texts, slots]).take(pa.array(order))
    return join_runs(pieces, literals.bounds + spans.rows)


def _escape(literals: pa.StringArray) -> pa.StringArray:
    """Escapes what has a meaning in a template; most literals have nothing of the kind."""
    special = pc.match_substring_regex(literals, _ESCAPED)
    written = [write_literal(each) for each in literals.filter(special).to_pylist()]
    return pc.replace_with_mask(literals, special, pa.array(written, pa.string())) if written else literals


def _write_slots(
    labels: pa.StringArray, row: np.ndarray, mentions: pa.StringArray
) -> tuple[pa.StringArray, np.ndarray]:
    """Returns the distinct slots as they are written, and which of them each mention becomes, `(spans,)`.

    Within a text the distinct mentions of a label are numbered from 1; equal mentions are one slot.
    """
    names = labels.dictionary_encode()
    kinds = max(len(names.dictionary), 1)
    label, mention = names.indices.to_numpy(), mentions.dictionary_encode().indices.to_numpy()
    _, group = np.unique(row * kinds + label, return_inverse=True)
    new = np.flatnonzero(~find_repeats(group, mention))
    number = np.zeros(len(row), np.int64)
    number[new] = count_earlier(group[new]) + 1
    _, first, which = np.unique(group * len(mentions) + mention, return_index=True, return_inverse=True)
    used, code = np.unique(number[first[which]] * kinds + label, return_inverse=True)
    slots = [Slot(names.dictionary[each % kinds].as_py(), each // kinds) for each in used.tolist()]
    return pa.array(map(write_slot, slots), pa.string()), code


def fingerprint_wordings(corpus: Corpus) -> pa.ChunkedArray:
    """Returns the fingerprint of each example's wording, which is the parent of all that is made from it."""
    # What is worked out on the way takes many times the bytes of the texts.
    return pa.chunked_array(map(_fingerprint_part, corpus.in_batches(_AT_ONCE)), pa.string())


def _fingerprint_part(corpus: Corpus) -> pa.StringArray:
    wordings = list_wordings(corpus).dictionary_encode()
    known = pa.array(map(fingerprint, wordings.dictionary.to_pylist()), pa.string())
    return known.take(wordings.indices)
