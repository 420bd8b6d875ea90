"""How far two labellings of the same texts agree: exact spans and classes, counted text by text."""

from __future__ import annotations

from collections import Counter

import numpy as np

from textsynth.corpus import Corpus


def count_spans(truth: Corpus, found: Corpus) -> np.ndarray:
    """Counts spans text by text, `(examples, 3)`: in both with the same label, found, and true.

    >>> truth = Corpus.from_columns(text=["Ada in Rome"], spans=[[(0, 3, "P"), (7, 11, "C")]])
    >>> found = Corpus.from_columns(text=["Ada in Rome"], spans=[[(0, 3, "P")]])
    >>> count_spans(truth, found).tolist()
    [[1, 1, 2]]
    """
    counts = np.zeros((len(truth), 3), np.int64)
    for column, keys in enumerate((_span_keys(truth) & _span_keys(found), _span_keys(found), _span_keys(truth))):
        rows = [key[0] for key in keys.elements()]
        counts[:, column] = np.bincount(np.array(rows, np.int64), minlength=len(truth))
    return counts


def f1(counts: np.ndarray) -> float | None:
    """Returns the micro-averaged F1 of counts as `count_spans` gives them; None if there are no spans at all.

    >>> f1(np.array([[1, 1, 2]]))
    0.6666666666666666
    """
    both, found, true = counts.sum(axis=0).tolist()
    return 2 * both / (found + true) if found + true else None


def _span_keys(corpus: Corpus) -> Counter[tuple[int, int, int, str]]:
    spans = corpus.spans
    columns = spans.row_of_span().tolist(), spans.starts.tolist(), spans.ends.tolist(), spans.labels.to_pylist()
    return Counter(zip(*columns, strict=True))
