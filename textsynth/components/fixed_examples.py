"""A sampler of examples that are all there before the first is asked for."""

from __future__ import annotations

import numpy as np

from textsynth.corpus import Corpus
from textsynth.corpus.class_rows import have_class
from textsynth.corpus.classes import Label


class FixedExamples:
    """Draws from examples without putting back: one call gives all of them before it gives any a second time.

    Args:
        examples: all there are.
    """

    def __init__(self, examples: Corpus) -> None:
        self._examples = examples

    def __call__(self, count: int, rng: np.random.Generator, label: Label | None = None) -> Corpus:
        """Draws examples, of one class if it is given; none if it has none."""
        rows = np.arange(len(self._examples))
        if label is not None:
            rows = rows[have_class(self._examples.table.column("label"), label)]
        rounds = -(-count // len(rows)) if len(rows) else 0
        drawn = [rng.permutation(rows) for _ in range(rounds)]
        return self._examples.take(np.concatenate([*drawn, rows[:0]])[:count])
