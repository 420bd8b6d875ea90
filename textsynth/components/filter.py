"""Filter, Judge: what every component that drops examples is and gives."""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from textsynth.components.component import Component
from textsynth.components.generator import Generator
from textsynth.corpus import Corpus
from textsynth.extract import Resources

Judge = Callable[[Corpus], Sequence[str | None]]
"""Gives one reason a row, None if the row is kept. It sees all examples of a run once, in their order."""


@dataclass(frozen=True, kw_only=True)
class Filter(Component, abc.ABC):
    """Says why an example is dropped. First it may learn from the resources; then it gives a judge."""

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Learns, and writes everything the judge needs into a directory; most filters learn nothing.

        Args:
            resources: the source and what was extracted from it.
            directory: empty, or with what a `fit` that was cut off has left there, as for a `Generator`.
            rng: all randomness comes from here.
        """

    def resolve_paths(self, folder: Path) -> Self:
        """Returns the filter with the relative paths among its options taken from a folder, the recipe's."""
        return self

    def knows_source(self) -> bool:
        """Says whether what is dropped depends on the source; as it does if something was learnt."""
        return type(self).fit is not Filter.fit

    def needs_validation(self) -> bool:
        """Says whether it must see the text that `[source] heldout` puts aside for validation."""
        return False

    def check_generator(self, generator: Generator) -> None:
        """Checks, as soon as a recipe names both, that it may keep something that a generator makes.

        Raises:
            OptionError: if it is known that it would drop all of it; says what to change.
        """

    @abc.abstractmethod
    def judge(self, directory: Path) -> Judge:
        """Builds the judge of one run out of a directory that `fit` has written."""
