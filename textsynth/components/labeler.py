"""Labeler, Finder, Findings: what every component that finds mentions in text is and gives."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pyarrow as pa

from textsynth.components.component import Component
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import bounds_of
from textsynth.corpus.span_columns import span_list

Finding = tuple[int, int, str, float]
"""A start, an end, a label, and how sure it is, from 0 to 1."""


@dataclass(frozen=True)
class Findings:
    """What was found in the texts of a corpus, as columns; sorted by text and start.

    Args:
        rows: `(findings,)`; the text that each is in.
        starts: `(findings,)`; characters from the start of its text.
        ends: `(findings,)`; the same, half-open.
        labels: `(findings,)` strings, as objects.
        confidences: `(findings,)`; how sure the labeler is of each, from 0 to 1.

    >>> findings = Findings.of_lists([[(4, 8, "CITY", 1.0)], [], [(0, 3, "PERSON", 0.5)]])
    >>> findings.rows.tolist(), findings.labels.tolist()
    ([0, 2], ['CITY', 'PERSON'])
    """

    rows: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    labels: np.ndarray
    confidences: np.ndarray

    @classmethod
    def of_lists(cls, found: Iterable[Sequence[Finding]]) -> Self:
        """Returns the findings of lists, one for each text."""
        flat = [(row, *finding) for row, findings in enumerate(found) for finding in sorted(findings)]
        rows, starts, ends, labels, confidences = zip(*flat, strict=True) if flat else ((), (), (), (), ())
        return cls(
            np.array(rows, np.int64),
            np.array(starts, np.int64),
            np.array(ends, np.int64),
            np.array(labels, object),
            np.array(confidences, np.float64),
        )

    def __len__(self) -> int:
        """Returns the number of findings."""
        return len(self.rows)

    def take(self, chosen: np.ndarray) -> Findings:
        """Returns the findings at these positions, or those for which a boolean array is true."""
        return Findings(*(column[chosen] for column in self.columns()))

    def columns(self) -> tuple[np.ndarray, ...]:
        """Returns rows, starts, ends, labels and confidences."""
        return self.rows, self.starts, self.ends, self.labels, self.confidences

    def label(self, corpus: Corpus) -> Corpus:
        """Returns a corpus with these findings as its spans; none may overlap another."""
        bounds = bounds_of(np.bincount(self.rows, minlength=len(corpus)))
        labels = pa.array(self.labels.tolist(), pa.string())
        return corpus.with_column("spans", span_list(bounds, self.starts, self.ends, labels))

    def mentions(self, corpus: Corpus) -> list[str]:
        """Returns the words of each finding."""
        texts = corpus.texts.to_pylist()
        places = zip(self.rows.tolist(), self.starts.tolist(), self.ends.tolist(), strict=True)
        return [texts[row][start:end] for row, start, end in places]

    @classmethod
    def concat(cls, parts: Sequence[Findings], rows: Sequence[int]) -> Findings:
        """Puts the findings in parts of a corpus together.

        Args:
            parts: what was found in each.
            rows: how many texts each part has.
        """
        if not parts:
            return Findings.of_lists([])
        before = np.repeat(bounds_of(np.array(rows, np.int64))[:-1], [len(part) for part in parts])
        columns = [np.concatenate(column) for column in zip(*(part.columns() for part in parts), strict=True)]
        return Findings(columns[0] + before, *columns[1:])


@dataclass(frozen=True)
class Finder:
    """A labeler that is loaded.

    Args:
        find: finds the mentions in each text of a corpus; they overlap no other, and begin and end in no white space.
        labels: the labels that it can give; None if only what it finds tells.
    """

    find: Callable[[Corpus], Findings]
    labels: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Labeler(Component, abc.ABC):
    """Finds mentions in texts, and says how sure it is of each."""

    reads_context: ClassVar[bool] = False
    """Whether what it finds depends on the words around. Such a labeler is asked again about its mentions elsewhere."""

    def resolve_paths(self, folder: Path) -> Self:
        """Returns the labeler with the relative paths among its options taken from a folder, the recipe's."""
        return self

    def needs(self) -> list[str]:
        """Says what it takes from outside of the run, such as a pretrained model, in a line each.

        Raises:
            MissingDependency: if something is missing; the message says what brings it.
        """
        return []

    @abc.abstractmethod
    def load(self, language: str, workers: int = 1) -> Finder:
        """Loads what it needs, and returns what finds.

        Args:
            language: of the texts, two letters of ISO 639.
            workers: processes that it may take.

        Raises:
            MissingDependency: if something is not installed.
            OptionError: if the options do not fit what they name, or the language.
        """
