"""A sampler of examples that are all there before the first is asked for."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from textsynth.corpus import Corpus
from textsynth.corpus.classes import Label, join_classes


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
            of_class = pc.equal(self._examples.table.column("label"), join_classes(label))
            rows = rows[of_class.fill_null(False).to_numpy(zero_copy_only=False)]
        rounds = -(-count // len(rows)) if len(rows) else 0
        drawn = [rng.permutation(rows) for _ in range(rounds)]
        return self._examples.take(np.concatenate([*drawn, rows[:0]])[:count])
