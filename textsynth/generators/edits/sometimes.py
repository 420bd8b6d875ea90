"""Applies an operation to some of the copies."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast

import numpy as np

from textsynth.components.component import Share
from textsynth.components.generator import Generator
from textsynth.corpus import Corpus
from textsynth.edits.composite import operations_of, resolve_paths_of, to_table
from textsynth.edits.operation import Maker, Operation
from textsynth.edits.tokenised import Tokenised
from textsynth.extract import Resources


@dataclass(frozen=True, kw_only=True)
class Sometimes(Operation, Generator):
    """Applies an operation to some of the copies, and leaves the others as they are; made to stand in a chain.

    Args:
        chance: share of the copies it is applied to.
        step: the operation, a table with `use` and its options, or in Python the operation itself.
    """

    chance: Share = 0.5
    step: dict[str, Any] = field(default_factory=lambda: {"use": "word_deletion"})

    def __post_init__(self) -> None:
        object.__setattr__(self, "step", to_table(self.step))
        super().__post_init__()
        operations_of([self.step], "step")

    def list_differences(self) -> frozenset[str]:
        """Says what the operation's changes differ in."""
        return operations_of([self.step], "step")[0].list_differences()

    def explain(self, tokenised: Tokenised, directory: Path) -> str:
        """Says it of the operation."""
        return operations_of([self.step], "step")[0].explain(tokenised, directory)

    def libraries(self) -> frozenset[str]:
        """Names what the operation needs."""
        return cast("Generator", operations_of([self.step], "step")[0]).libraries()

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the files that the operation names from a folder."""
        return dataclasses.replace(self, step=resolve_paths_of([self.step], folder, "step")[0])

    def store(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Lets the operation store what it needs."""
        operations_of([self.step], "step")[0].store(resources, directory, rng)

    def maker(self, tokenised: Tokenised, directory: Path) -> Maker:
        """Prepares the operation for the corpus."""
        return _Sometimes(operations_of([self.step], "step")[0].maker(tokenised, directory), self.chance, tokenised)


class _Sometimes:
    def __init__(self, maker: Maker, chance: float, tokenised: Tokenised) -> None:
        self._maker, self._chance, self._source = maker, chance, tokenised.corpus
        self.usable = maker.usable

    def __call__(self, chosen: np.ndarray, rng: np.random.Generator) -> Corpus:
        applied = rng.random(len(chosen)) < self._chance
        parts = [self._maker(chosen[applied], rng), self._source.take(chosen[~applied])]
        order = np.argsort(np.concatenate([np.flatnonzero(applied), np.flatnonzero(~applied)]))
        return Corpus.concat(parts).take(order)
