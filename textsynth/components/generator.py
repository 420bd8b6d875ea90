"""Generator, Sampler, Draft: what every component that makes examples is and gives."""

from __future__ import annotations

import abc
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

import numpy as np

from textsynth.components.component import Component
from textsynth.corpus import Corpus
from textsynth.corpus.classes import Label
from textsynth.extract import Resources


@dataclass(frozen=True)
class Draft:
    """Examples some of which their own maker rejects.

    Args:
        corpus: all that were made.
        reasons: for each, why it is rejected, or None; empty if none is.
    """

    corpus: Corpus
    reasons: Sequence[str | None] = ()

    @classmethod
    def of(cls, made: Corpus | Draft) -> Draft:
        """Returns what a sampler gave as a draft."""
        return made if isinstance(made, Draft) else cls(made)

    @classmethod
    def concat(cls, drafts: Sequence[Draft]) -> Draft:
        """Puts drafts one after the other; one is as good as none."""
        if len(drafts) == 1:
            return drafts[0]
        rejecting = any(each.reasons for each in drafts)
        reasons = [list(each.reasons) or [None] * len(each.corpus) for each in drafts] if rejecting else []
        return cls(Corpus.concat(each.corpus for each in drafts), list(itertools.chain(*reasons)))


class Sampler(Protocol):
    """Makes examples; all of its state lies in the directory it was built from."""

    def __call__(self, count: int, rng: np.random.Generator, label: Label | None = None) -> Corpus | Draft:
        """Makes examples; a `Draft` if some are to be counted as rejected.

        Args:
            count: how many; a sampler may give fewer, never more.
            rng: all randomness comes from here.
            label: the class every example must have, or the classes, as an `Example` has them; any if None.
        """


@runtime_checkable
class ClassSampler(Protocol):
    """A sampler that makes examples of many classes at once, which saves a call for each."""

    def of_classes(self, amounts: Sequence[tuple[Label | None, int]], rng: np.random.Generator) -> Corpus | Draft:
        """Makes examples of several classes.

        Args:
            amounts: classes, no class twice, each with how many examples to make of it; there may be fewer, never more.
            rng: all randomness comes from here.
        """


@runtime_checkable
class CopySampler(Protocol):
    """A sampler that starts from source examples, and can be asked for copies of each."""

    def copies(self, rows: np.ndarray, rng: np.random.Generator) -> Draft:
        """Makes one copy for each row, all copies of a row different from it and from each other.

        Args:
            rows: `(copies,)`; the source example of each copy.
            rng: all randomness comes from here.
        """


@dataclass(frozen=True, kw_only=True)
class Generator(Component, abc.ABC):
    """Makes examples. First it learns from the resources and writes what it learned; then it gives a sampler."""

    def resolve_paths(self, folder: Path) -> Self:
        """Returns the generator with the relative paths among its options taken from a folder, the recipe's."""
        return self

    def needs(self) -> list[str]:
        """Says what it takes from outside of the run, such as a pretrained model, in a line each.

        A run asks at its very beginning, so that what is missing is known before any work is done.

        Raises:
            MissingDependency: if something is missing; the message says what brings it.
        """
        return []

    def memory(self) -> int:
        """Returns about how many bytes a process takes to sample, if that is much; 0 if not.

        A run starts no more processes than the memory allows.
        """
        return 0

    def is_private(self) -> bool:
        """Says whether what it learns is protected by differential privacy."""
        return False

    def measure_costs(self, directory: Path, corpus: Corpus) -> np.ndarray | None:
        """Returns how unlikely examples are by what was learnt, `(examples,)` nats; None if it knows no likelihood.

        Args:
            directory: what `fit` has written.
            corpus: examples whose labels and classes the source has.
        """
        return None

    def makes_copies(self) -> bool:
        """Says whether its sampler is a `CopySampler`; if not, a run that asks for copies has it make as many."""
        return False

    def expands(self) -> bool:
        """Says whether it takes new mentions or wordings, which a run then looks for."""
        return False

    def takes_wordings(self) -> bool:
        """Says whether it starts from wordings of raw text, without which it can make nothing."""
        return False

    def list_differences(self) -> frozenset[str]:
        """Says what all that it makes differs from the source in, if in nothing else; empty if it is not known.

        The names are those of the differences that a filter may ignore: "case", "white_space", "punctuation", and
        "mentions" if the wording stays.
        """
        return frozenset()

    def explain_nothing(self, directory: Path) -> str:
        """Says why it makes nothing and what helps; a run asks if its own reasons are all that it gave.

        Args:
            directory: what `fit` has written.

        Returns:
            What goes on a sentence such as "can make none"; empty if nothing is known.
        """
        return ""

    @abc.abstractmethod
    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Learns, and writes everything the sampler needs into a directory.

        Args:
            resources: the source and what was extracted from it.
            directory: empty, or with what a `fit` that was cut off has left there: one of the same options, resources
                and randomness. Long work may keep its state there to go on from, and removes that at its end; other
                work begins again and writes over what stands there.
            rng: all randomness comes from here.

        Raises:
            OptionError: if the options ask for something the resources do not have.
        """

    @abc.abstractmethod
    def sampler(self, directory: Path) -> Sampler:
        """Builds the sampler out of a directory that `fit` has written, in any process."""
