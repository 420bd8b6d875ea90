"""Metric, Evidence, Measured: what every component that scores a corpus is given, and gives."""

from __future__ import annotations

import abc
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np

from textsynth.components.component import Component
from textsynth.corpus import Corpus

Cell = str | int | float | None
"""What a table of a metric holds."""


@dataclass(frozen=True)
class Exposure:
    """How far canaries come up among candidates like them, each in bits: log2 of candidates by rank.

    Args:
        by: what they were ranked by.
        planted: `(canaries,)`; of those that were learnt.
        kept: `(canaries,)`; of those that were not.
    """

    by: str
    planted: np.ndarray
    kept: np.ndarray


@dataclass(frozen=True)
class Evidence:
    """The corpora that a metric looks at.

    Args:
        synthetic: the corpus that is scored.
        source: the real text that it was made from.
        heldout: real text that nothing was made from; empty if there is none.
        exposures: of canaries, if any were planted.
    """

    synthetic: Corpus
    source: Corpus
    heldout: Corpus
    exposures: tuple[Exposure, ...] = ()


@dataclass(frozen=True)
class Score:
    """One number about a corpus, beside the same number about held-out real text.

    Args:
        value: of the synthetic text; None if it cannot be told from this much data.
        heldout: of the held-out text, measured in the same way; None if there is none, or it cannot be told.
        low: the lower end of the interval in which `value - heldout` lies 95 times in 100; None if not estimated.
        high: the upper end.
        better: what is better, "higher", "lower" or "heldout": as near to the held-out text as can be.
        unit: of the value, such as "share" or "bits"; empty for a pure number.
    """

    value: float | None
    heldout: float | None = None
    low: float | None = None
    high: float | None = None
    better: str = "heldout"
    unit: str = ""

    @property
    def difference(self) -> float | None:
        """The value less that of the held-out text; None if one of the two is not known."""
        return None if self.value is None or self.heldout is None else self.value - self.heldout


@dataclass(frozen=True)
class Table:
    """Rows that say more than a number: shares by label, the likeliest errors.

    Args:
        title: what it shows, in a few words.
        columns: their names.
        rows: one cell for each column.
        private: whether it quotes the source, so that it is for the owner's eyes and left out of a shared report.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    private: bool = False


@dataclass(frozen=True)
class Measured:
    """What a metric says of a corpus.

    Args:
        scores: by name, in the order in which they are told.
        tables: more about them.
        notes: what a reader has to know about these scores, in a line each; why one is missing, say.
    """

    scores: dict[str, Score] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Metric(Component, abc.ABC):
    """Scores a synthetic corpus beside held-out real text."""

    def resolve_paths(self, folder: Path) -> Self:
        """Returns the metric with the relative paths among its options taken from a folder, the recipe's."""
        return self

    def needs(self) -> list[str]:
        """Says which models will be loaded, from where, and how large they are; most metrics need none.

        Raises:
            TextsynthError: if one cannot be found, or what an option takes is not installed.
        """
        return []

    @abc.abstractmethod
    def measure(self, evidence: Evidence, rng: np.random.Generator) -> Measured:
        """Scores the synthetic corpus of the evidence.

        It gives the same numbers for the same evidence and stream. It bears corpora without spans, without classes,
        with one row and with none: what cannot be told is None, and a note says why.

        Args:
            evidence: what is looked at.
            rng: all randomness comes from here.

        Raises:
            MissingDependency: if something is not installed.
        """
