"""Drops examples by which the output would repeat more of the source than of text that nothing has learnt from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.extract.heldout import number_groups
from textsynth.foundation.distinct import find_distinct
from textsynth.privacy.token_runs import LENGTHS, Symbols, TokenRuns, keep_unique

_LENGTHS = (*LENGTHS, 2, 1)
"""How many tokens a run has. Runs of one or two tell the most: few write them by chance."""

_MARGIN = 0.5
"""Standard errors by which chance is taken for less than was counted, as it may have come out high by luck."""

_SIZES = "sizes.npy"
"""The file of how many records the source and the text held out for validation have."""


@dataclass(frozen=True, kw_only=True)
class Excess(Filter):
    """Drops examples by which more records of the source would be repeated than chance explains.

    A record of the source is repeated if the output has a run of tokens that no other record of the source has: of 1,
    2, 3, 4, 5, 6, 8 or 10 tokens, or the whole text. What chance does is counted as the run goes on, on the text that
    is held out for validation: its records are repeated by a run that the source has not at all. An example that
    repeats more records of the source is dropped if their share would be above that of the records held out, less half
    its standard error, for any length. So the excess is none on average, at every length and however a generator
    writes, and little is dropped of what repeats the source by chance alone.

    It knows chance as well as the records held out are many: a few hundred. It is for networks: of what is made by
    editing source examples or filling their templates, it drops nearly all. It counts wordings, as those mentions that
    come from a gazetteer are of the source by design. The text held out for validation then is no longer unseen, and
    the metrics compare with that of the test alone.

    Args:
        compare: "wording", with slots instead of mentions, or "text".
    """

    compare: Literal["wording", "text"] = "wording"

    def needs_validation(self) -> bool:
        """Says that it counts on text held out for validation."""
        return True

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Keeps what single records alone have, as hashes.

        Raises:
            OptionError: if no text is held out for validation.
        """
        source, validation = resources.source, resources.validation
        if not len(validation):
            raise OptionError(
                "there must be text held out for validation, to count what chance does, is none; in a recipe say "
                "[source] heldout = { test = 0.2, validation = 0.2 }"
            )
        of_source, of_validation = Symbols.of(source), Symbols.of(validation)
        alone = _are_alone(validation)
        for length in _LENGTHS:
            own = of_source.list_runs(self.compare, length)
            _write(keep_unique(own), directory / f"source-{length}.npy")
            others = of_validation.list_runs(self.compare, length)
            new = ~np.isin(others.keys, own.keys) & alone[others.rows]
            _write(TokenRuns(others.keys[new], others.rows[new]), directory / f"validation-{length}.npy")
        np.save(directory / _SIZES, [len(source), len(validation)])

    def judge(self, directory: Path) -> Judge:
        """Counts what is repeated, example by example."""
        sizes = np.load(directory / _SIZES)
        source, validation = (
            _Repeated([_read(directory / f"{name}-{length}.npy") for length in _LENGTHS], int(size))
            for name, size in zip(("source", "validation"), sizes, strict=True)
        )
        reason = f"{self.compare} of the source more often than of held-out text"

        def reasons(corpus: Corpus) -> list[str | None]:
            symbols = Symbols.of(corpus)
            runs = [symbols.list_runs(self.compare, length) for length in _LENGTHS]
            found = zip(source.find(runs, len(corpus)), validation.find(runs, len(corpus)), strict=True)
            return [None if _passes(source, validation, *each) else reason for each in found]

        return reasons


class _Repeated:
    """Which records are repeated by what was kept so far, for each length of runs.

    Args:
        tables: the runs of the records, by length, in rising order of their keys.
        records: how many there are.
    """

    def __init__(self, tables: list[TokenRuns], records: int) -> None:
        self._tables = tables
        self._seen = np.zeros((len(tables), records), bool)
        self.counts = np.zeros(len(tables), np.int64)

    @property
    def records(self) -> int:
        """How many records there are."""
        return self._seen.shape[1]

    def find(self, runs: list[TokenRuns], examples: int) -> Iterator[np.ndarray]:
        """Yields for each example the places, by length and record in one number, that it repeats."""
        found = [
            _match(table, each, level * self.records)
            for level, (table, each) in enumerate(zip(self._tables, runs, strict=True))
        ]
        rows = np.concatenate([rows for rows, _ in found])
        places = np.concatenate([places for _, places in found])
        order = np.lexsort((places, rows))
        bounds = np.searchsorted(rows[order], np.arange(examples + 1))
        places = places[order]
        for low, high in itertools.pairwise(bounds.tolist()):
            yield find_distinct(places[low:high])

    def keep_new(self, places: np.ndarray) -> np.ndarray:
        """Returns those places that nothing has repeated yet."""
        new: np.ndarray = places[~self._seen.flat[places]]
        return new

    def count(self, places: np.ndarray) -> np.ndarray:
        """Returns how many of the places are of each length."""
        return np.bincount(places // self.records, minlength=len(self.counts))

    def add(self, places: np.ndarray) -> None:
        """Notes places that are repeated now."""
        self._seen.flat[places] = True
        self.counts += self.count(places)


def _passes(source: _Repeated, validation: _Repeated, of_source: np.ndarray, of_validation: np.ndarray) -> bool:
    """Says whether an example may pass, and if so notes what it repeats.

    What it repeats of held-out text itself does not help it: that would favour text which repeats both.
    """
    new = source.keep_new(of_source)
    if len(new):
        more = source.count(new)
        chance = validation.counts - _MARGIN * np.sqrt(validation.counts)
        ahead = (source.counts + more) * validation.records > chance * source.records
        if np.any(ahead & (more > 0)):
            return False
    source.add(new)
    validation.add(validation.keep_new(of_validation))
    return True


def _match(table: TokenRuns, runs: TokenRuns, offset: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the examples that repeat a run of a record, and the record's number, counted from an offset."""
    low, high = (np.searchsorted(table.keys, runs.keys, side) for side in ("left", "right"))
    hits = np.flatnonzero(high > low)
    owners = Ragged.of_ranges(low[hits], high[hits])
    return runs.rows[hits][owners.owner], offset + table.rows[owners.values]


def _are_alone(corpus: Corpus) -> np.ndarray:
    """Says which records share neither text nor wording with another one. Of the source too, no others are counted."""
    groups = number_groups(corpus)
    alone: np.ndarray = np.bincount(groups)[groups] == 1
    return alone


def _write(runs: TokenRuns, path: Path) -> None:
    order = np.argsort(runs.keys, kind="stable")
    np.save(path, np.stack([runs.keys[order], runs.rows[order].astype(np.uint64)]))


def _read(path: Path) -> TokenRuns:
    keys, rows = np.load(path)
    return TokenRuns(keys, rows.astype(np.int64))
