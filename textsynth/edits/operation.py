"""Operation: a generator that makes edited copies of source examples, alone or as a part of another operation."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.components import registry
from textsynth.components.component import build, options_of
from textsynth.components.generator import Draft, Generator
from textsynth.corpus import Corpus
from textsynth.corpus.code_points import text_buffers
from textsynth.edits.copies import UNCHANGED, distinct_copies
from textsynth.edits.tokenised import Tokenised
from textsynth.errors import OptionError
from textsynth.extract import Resources


class Maker(Protocol):
    """Makes edited copies of the examples of one corpus."""

    @property
    def usable(self) -> np.ndarray:
        """Says for each example whether the operation may change something in it, `(examples,)`."""

    def __call__(self, chosen: np.ndarray, rng: np.random.Generator) -> Corpus:
        """Makes a copy of each chosen example; where nothing could be changed it equals the example."""


@dataclass(frozen=True, kw_only=True)
class Operation(Generator):
    """Makes edited copies of source examples, each example as often as the next."""

    @abc.abstractmethod
    def store(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Learns what the operation needs beside the text, and stores it in a directory of its own."""

    @abc.abstractmethod
    def maker(self, tokenised: Tokenised, directory: Path) -> Maker:
        """Prepares the operation for a corpus; `directory` is what `store` has written."""

    def check_copies(self) -> None:
        """Every operation makes copies."""

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Keeps the source, and lets the operation store what it needs."""
        if not len(resources.source):
            raise OptionError("the source must have examples to edit, has none")
        resources.source.write_parquet(directory / "source.parquet")
        self.store(resources, directory, rng)

    def sampler(self, directory: Path) -> EditSampler:
        """Tokenises the source once, and edits copies of it."""
        source = Corpus.read_parquet(directory / "source.parquet")
        whole = Corpus.from_trusted(source.table.combine_chunks(), source.tokenizer)
        return EditSampler(self, Tokenised.of(whole), directory)


class EditSampler:
    """Gives edited copies of examples; those that came out unchanged are rejected by name.

    Args:
        operation: makes the copies.
        tokenised: the source.
        directory: what the operation has stored.
    """

    def __init__(self, operation: Operation, tokenised: Tokenised, directory: Path) -> None:
        self.source = tokenised.corpus
        self._maker = operation.maker(tokenised, directory)
        self._sizes = np.diff(text_buffers(self.source.texts)[0])
        self._rows: dict[str | None, np.ndarray] = {None: np.flatnonzero(self._maker.usable)}

    def __call__(self, count: int, rng: np.random.Generator, label: str | None = None) -> Corpus | Draft:
        """Takes the usable examples in random order, again and again."""
        rows = self._usable(label)
        if count == 0 or len(rows) == 0:
            return Corpus.empty()
        turns = [rng.permutation(rows) for _ in range(count // len(rows))]
        chosen = np.concatenate([*turns, rng.choice(rows, count % len(rows), replace=False)])
        corpus = self._maker(chosen, rng)
        same = self._find_unchanged(corpus.texts, chosen)
        if len(same) == 0:
            return corpus
        reasons: list[str | None] = [None] * len(chosen)
        for copy in same.tolist():
            reasons[copy] = UNCHANGED
        return Draft(corpus, reasons)

    def copies(self, rows: np.ndarray, rng: np.random.Generator) -> Draft:
        """Makes one copy for each row, all copies of a row different from it and from each other.

        Args:
            rows: `(copies,)`; the source example of each copy.
            rng: all randomness comes from here.
        """
        return distinct_copies(self.source, rows, lambda chosen: self._maker(chosen, rng), self._maker.usable)

    def _usable(self, label: str | None) -> np.ndarray:
        """Returns the examples of a class in which something may be changed."""
        if label not in self._rows:
            column = self.source.table.column("label")
            alike = pc.fill_null(pc.equal(column, label), False).to_numpy()
            self._rows[label] = np.flatnonzero(self._maker.usable & alike)
        return self._rows[label]

    def _find_unchanged(self, texts: pa.StringArray, chosen: np.ndarray) -> np.ndarray:
        """Returns which copies equal their example; most have another length."""
        alike = np.flatnonzero(np.diff(text_buffers(texts)[0]) == self._sizes[chosen])
        some = texts if len(alike) == len(texts) else texts.take(pa.array(alike))
        same = pc.equal(some, self.source.texts.take(pa.array(chosen[alike])))
        return alike[same.to_numpy(zero_copy_only=False)]


def operations_of(tables: Sequence[Mapping[str, Any]], option: str) -> list[Operation]:
    """Builds the operations that an option of another operation names.

    Args:
        tables: for each, `use` with its name, and its options.
        option: the name of that option, for messages.

    Raises:
        OptionError: for what is no table, names no operation or has wrong options.
        UnknownName: for a name that nothing is registered under.
    """
    built = []
    for position, table in enumerate(tables, 1):
        where = f"option {option!r}, number {position}"
        if not isinstance(table.get("use"), str):
            raise OptionError(f'{where}: must say which operation to use, such as use = "word_deletion"')
        cls = registry.look_up("generator", table["use"], f"{where}: ")
        if not issubclass(cls, Operation):
            raise OptionError(f"{where}: must be an operation on source examples, was: {table['use']!r}")
        options = {name: value for name, value in table.items() if name not in ("use", "weight")}
        built.append(build(cls, options, f"{where}, {table['use']!r}"))
    return built


def resolve_paths_of(tables: Sequence[Mapping[str, Any]], folder: Path, option: str) -> tuple[dict[str, Any], ...]:
    """Returns the tables with the relative paths among their options taken from a folder, every default written out."""
    operations = [each.resolve_paths(folder) for each in operations_of(tables, option)]
    return tuple({**table, **options_of(each)} for table, each in zip(tables, operations, strict=True))
