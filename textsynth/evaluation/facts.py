"""What a report says of the corpora themselves: how many, which labels, how long; and some of their examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow.compute as pc

from textsynth.corpus import Corpus
from textsynth.corpus.classes import count_classes, describe_classes
from textsynth.corpus.example import Example
from textsynth.corpus.tokens import tokenize
from textsynth.extract.resources import with_parents

SAMPLED = 500
"""Examples of the synthetic corpus that a report shows."""
_BINS = 20
_COMMON = 0.99
"""The share of texts that all bins but the last are for."""


def describe_corpora(corpora: Mapping[str, Corpus]) -> dict[str, Any]:
    """Returns what a report tells of each corpus, with lengths in the same bins for all."""
    lengths = {name: np.diff(tokenize(corpus).rows) for name, corpus in corpora.items()}
    bounds = choose_bounds(np.concatenate([*lengths.values(), np.zeros(0, np.int64)]))
    return {name: _describe(corpus, lengths[name], bounds) for name, corpus in corpora.items()}


def choose_bounds(lengths: np.ndarray) -> np.ndarray:
    """Returns bounds of bins that all lengths lie in, half-open; the last one takes the few that are very long.

    >>> choose_bounds(np.array([3, 4])).tolist()
    [0, 1, 2, 3, 4, 5]
    """
    longest = int(lengths.max(initial=0)) + 1
    common = int(np.quantile(lengths, _COMMON)) + 1 if len(lengths) else 1
    bounds = np.arange(0, common + 1, -(-common // _BINS))
    return np.append(bounds, longest) if longest > bounds[-1] else bounds


def _describe(corpus: Corpus, lengths: np.ndarray, bounds: np.ndarray) -> dict[str, Any]:
    return {
        "examples": len(corpus),
        "mentions": len(corpus.spans.labels),
        "labels": _count(corpus.spans.labels),
        "classes": count_classes(_count(corpus.table.column("label").drop_null())),
        "lengths": {"bounds": bounds.tolist(), "counts": np.histogram(lengths, bounds)[0].tolist()},
    }


def _count(column: Any) -> dict[str, int]:
    counts = {each["values"]: each["counts"] for each in pc.value_counts(column).to_pylist()}
    return dict(sorted(counts.items()))


def sample_examples(synthetic: Corpus, source: Corpus, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Returns some examples, in their order, each with the source example that has its parent, if one has."""
    chosen = synthetic.take(np.sort(rng.permutation(len(synthetic))[:SAMPLED]))
    known = {example.parent for example in chosen} - {None}
    by_parent: dict[str | None, Example] = {}
    if known:
        for example in with_parents(source):
            if example.parent in known:
                by_parent.setdefault(example.parent, example)
    return [
        _show(example) | {"origin": example.origin, "source": _show_source(by_parent.get(example.parent))}
        for example in chosen
    ]


def _show_source(example: Example | None) -> dict[str, Any] | None:
    return None if example is None else _show(example)


def _show(example: Example) -> dict[str, Any]:
    spans = [[span.start, span.end, span.label] for span in example.spans]
    return {
        "text": example.text,
        "spans": spans,
        "class": None if example.label is None else describe_classes(example.label),
    }
