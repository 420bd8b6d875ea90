"""Keeps the mentions of some labels."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus import Corpus, span_list
from textsynth.corpus.ragged import bounds_of
from textsynth.errors import UnknownName, nearest


def with_labels(corpus: Corpus, labels: Sequence[str]) -> Corpus:
    """Returns a corpus with only the mentions of these labels; with all if there are none.

    Raises:
        UnknownName: for a label that the corpus does not have.

    >>> corpus = Corpus.from_columns(text=["Ada, Rome", "Oslo"], spans=[[(0, 3, "P"), (5, 9, "L")], [(0, 4, "L")]])
    >>> [example.mentions() for example in with_labels(corpus, ["L"])]
    [('Rome',), ('Oslo',)]
    """
    for label in labels:
        if label not in corpus.labels:
            raise UnknownName(f"the source has no label {label!r}; {nearest(label, corpus.labels)}")
    return keep_labels(corpus, labels) if labels else corpus


def keep_labels(corpus: Corpus, labels: Sequence[str]) -> Corpus:
    """Returns a corpus with only the mentions of these labels, which it need not have."""
    spans = corpus.spans
    keep = pc.is_in(spans.labels, pa.array(labels, pa.string())).to_numpy(zero_copy_only=False)
    # The spans that are kept before the first of each text: where its own begin now.
    rows = bounds_of(keep)[spans.rows]
    kept = span_list(rows, spans.starts[keep], spans.ends[keep], spans.labels.filter(pa.array(keep)))
    return corpus.with_column("spans", kept)
