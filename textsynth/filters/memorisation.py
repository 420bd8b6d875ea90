"""Drops examples that repeat what a single record of the source says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from textsynth.components.component import Positive
from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.privacy.token_runs import Symbols, TokenRuns, keep_unique

_KEYS = "source.npy"
"""The file of the hashes of what one record alone has, sorted."""


@dataclass(frozen=True, kw_only=True)
class Memorisation(Filter):
    """Drops an example that repeats a run of tokens, or a whole text, that only one record of the source has.

    Such a run tells of that record. Runs that several records have are how such texts are written, and stay. It drops
    nearly all of what is made by editing source examples or filling their templates: it is for networks.

    Args:
        run: tokens of a run. The shorter, the less of a record comes through, and the more examples are dropped that
            say the same by chance.
        compare: "wording", with slots instead of mentions, as those that come from a gazetteer are of the source by
            design; or "text".
    """

    run: Positive = 4
    compare: Literal["wording", "text"] = "wording"

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Keeps the hashes of what one record alone has."""
        keys = [keep_unique(runs).keys for runs in self._list_runs(resources.source)]
        np.save(directory / _KEYS, np.unique(np.concatenate(keys)))

    def judge(self, directory: Path) -> Judge:
        """Looks up every run of an example."""
        source = np.load(directory / _KEYS)

        def reasons(corpus: Corpus) -> list[str | None]:
            repeats = np.zeros(len(corpus), bool)
            for runs in self._list_runs(corpus):
                repeats[runs.rows[np.isin(runs.keys, source)]] = True
            reason = f"{self.compare} of one source record"
            return [reason if each else None for each in repeats]

        return reasons

    def _list_runs(self, corpus: Corpus) -> tuple[TokenRuns, TokenRuns]:
        symbols = Symbols.of(corpus)
        return symbols.list_runs(self.compare, 0), symbols.list_runs(self.compare, self.run)
