"""Operation: what makes a generator one of edited copies, which can be used alone or as a step of another operation."""

from __future__ import annotations

import abc
import tempfile
from pathlib import Path
from typing import Protocol, overload

import numpy as np

from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.edits.copies import CopyingSampler
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError
from textsynth.extract import Resources

_SOURCE = "source.parquet"


class Maker(Protocol):
    """Makes edited copies of the examples of one corpus."""

    @property
    def usable(self) -> np.ndarray:
        """Says for each example whether the operation may change something in it, `(examples,)`."""

    def __call__(self, chosen: np.ndarray, rng: np.random.Generator) -> Corpus:
        """Makes a copy of each chosen example; if nothing could be changed, it equals the example."""


class Operation:
    """Makes edited copies of source examples, each example as often as the next.

    It stands before `Generator` among the bases of a class, and does for it all that generators must do; what is left
    to the class is to store what it needs, and to prepare itself for a corpus: the source, or, within a chain, what the
    step before has made.
    """

    @overload
    def __call__(self, example: str, seed: int = 0) -> str: ...
    @overload
    def __call__(self, example: Example, seed: int = 0) -> Example: ...
    def __call__(self, example: str | Example, seed: int = 0) -> str | Example:
        """Returns an edited copy of one text, or of one example with its spans.

        It is for trying an operation out; `textsynth.generate` makes many copies at once, some thousand times as fast.

        Args:
            example: a text, or an example.
            seed: another one gives another copy.

        Returns:
            The copy; what was given if the operation can change nothing in it.
        """
        given = Example(example) if isinstance(example, str) else example
        rng = np.random.default_rng(seed)
        with tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
            self.fit(Resources.of(Corpus.from_examples([given])), Path(folder), rng)
            made = self.sampler(Path(folder))(1, rng)
        copies = made.corpus if isinstance(made, Draft) else made
        copy = copies[0] if len(copies) else given
        return copy.text if isinstance(example, str) else copy

    @abc.abstractmethod
    def store(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Learns what the operation needs beside the text, and stores it in a directory of its own."""

    @abc.abstractmethod
    def maker(self, tokenised: Tokenised, directory: Path) -> Maker:
        """Prepares the operation for a corpus; `directory` is what `store` has written."""

    @abc.abstractmethod
    def explain(self, tokenised: Tokenised, directory: Path) -> str:
        """Says why nothing in a corpus can be changed, and what helps; `directory` is what `store` has written."""

    def list_differences(self) -> frozenset[str]:
        """Says what all that it makes differs from the source in, if in nothing else; most differ in more."""
        return frozenset()

    def explain_nothing(self, directory: Path) -> str:
        """Says it of the source."""
        source = Corpus.read_parquet(directory / _SOURCE)
        return self.explain(Tokenised.of(source), directory)

    def makes_copies(self) -> bool:
        """Every operation makes copies."""
        return True

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Keeps the source, and lets the operation store what it needs."""
        if not len(resources.source):
            raise OptionError("the source must have examples to edit, has none")
        resources.source.write_parquet(directory / _SOURCE)
        self.store(resources, directory, rng)

    def sampler(self, directory: Path) -> CopyingSampler:
        """Tokenises the source once, and edits copies of it."""
        source = Corpus.read_parquet(directory / _SOURCE)
        whole = Corpus.from_trusted(source.table.combine_chunks(), source.tokenizer)
        maker = self.maker(Tokenised.of(whole), directory)
        return CopyingSampler(whole, maker, maker.usable)
