"""Applies operations one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.corpus import Corpus
from textsynth.edits.composite import Composite
from textsynth.edits.operation import Maker
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True, kw_only=True)
class Chain(Composite):
    """Applies operations one after the other, each to what the one before it made."""

    def maker(self, tokenised: Tokenised, directory: Path) -> Maker:
        """Prepares the first operation for the corpus; the others are prepared for what comes to them."""
        return _Chained(self, tokenised, directory)


class _Chained:
    def __init__(self, chain: Chain, tokenised: Tokenised, directory: Path) -> None:
        self._later, self._directory = chain.operations()[1:], directory
        makers = chain.makers(tokenised, directory)
        self._first = makers[0]
        self.usable = np.logical_or.reduce([each.usable for each in makers])

    def __call__(self, chosen: np.ndarray, rng: np.random.Generator) -> Corpus:
        corpus = self._first(chosen, rng)
        for place, operation in enumerate(self._later, 1):
            maker = operation.maker(Tokenised.of(corpus), self._directory / str(place))
            corpus = maker(np.arange(len(corpus)), rng)
        return corpus
