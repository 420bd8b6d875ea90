"""A sampler of examples that are all there before the first is asked for."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from textsynth.corpus import Corpus
from textsynth.corpus.classes import Label, join_classes


class FixedExamples:
    """Draws from examples without putting back, so that one call gives none twice, and all of them if it asks for more.

    Args:
        examples: all there are.
    """

    def __init__(self, examples: Corpus) -> None:
        self._examples = examples

    def __call__(self, count: int, rng: np.random.Generator, label: Label | None = None) -> Corpus:
        """Draws examples, of one class if it is given; fewer than asked for if there are no more."""
        rows = np.arange(len(self._examples))
        if label is not None:
            of_class = pc.equal(self._examples.table.column("label"), join_classes(label))
            rows = rows[of_class.fill_null(False).to_numpy(zero_copy_only=False)]
        return self._examples.take(rng.permutation(rows)[:count])
