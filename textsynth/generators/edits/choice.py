"""Applies one of several operations, chosen by weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.corpus import Corpus
from textsynth.edits.composite import Composite
from textsynth.edits.operation import Maker
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError


@dataclass(frozen=True, kw_only=True)
class Choice(Composite):
    """Applies one of several operations to each copy: by weight, among those that can change something in it.

    Args:
        steps: the operations, each a table with `use`, its options and `weight`, 1 if it is not given, or in Python the
            operation itself.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        for weight in self._weights():
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < float("inf"):
                raise OptionError(f"option 'steps': weight must be a number greater than 0, was: {weight!r}")

    def maker(self, tokenised: Tokenised, directory: Path) -> Maker:
        """Prepares all operations for the corpus."""
        return _Chosen(self.makers(tokenised, directory), self._weights(), tokenised.corpus)

    def _weights(self) -> list[float]:
        return [step.get("weight", 1) for step in self.steps]


class _Chosen:
    def __init__(self, makers: Sequence[Maker], weights: Sequence[float], source: Corpus) -> None:
        self._makers, self._source = makers, source
        # `(operations, examples)`: for each example the weights of those that can change it, summed up. A number
        # below the last sum falls to one of them; for an example that nothing can change, no number does.
        likely = np.stack([weight * maker.usable for weight, maker in zip(weights, makers, strict=True)])
        self.usable = likely.sum(axis=0) > 0
        self._bounds = np.cumsum(likely, axis=0)

    def __call__(self, chosen: np.ndarray, rng: np.random.Generator) -> Corpus:
        bounds = self._bounds[:, chosen]
        which = (rng.random(len(chosen)) * bounds[-1] >= bounds).sum(axis=0)
        parts, places = [], []
        for number in range(len(self._makers) + 1):
            mine = np.flatnonzero(which == number)
            if len(mine):
                unchanged = number == len(self._makers)
                parts.append(self._source.take(chosen[mine]) if unchanged else self._makers[number](chosen[mine], rng))
                places.append(mine)
        return Corpus.concat(parts).take(np.argsort(np.concatenate(places))) if parts else Corpus.empty()
