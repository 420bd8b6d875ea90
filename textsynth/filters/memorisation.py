"""Drops examples that repeat what single records of the source say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from textsynth.components.component import Positive, Share
from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.distinct import find_distinct
from textsynth.privacy.token_runs import Symbols, TokenRuns, keep_shared, keep_unique

_KEYS = "source.npy"
"""The file of the hashes of what one record alone has, sorted."""

_LINE = "line.npy"
"""The file of how many of them an example may repeat."""


@dataclass(frozen=True, kw_only=True)
class Memorisation(Filter):
    """Drops an example that repeats runs of tokens, or a whole text, that only one record of the source has.

    Such a run tells of that record. Runs that several records have are how such texts are written, and stay. Some are
    repeated by chance; so the line is drawn by what records of the source repeat of each other, unless `keep` is 0. It
    drops nearly all of what is made by editing source examples or filling their templates: it is for networks.

    Args:
        run: tokens of a run. The shorter, the less of a record comes through, and the more examples are dropped that
            say the same by chance.
        compare: "wording", with slots instead of mentions, as those that come from a gazetteer are of the source by
            design; or "text".
        keep: the share of the source that must pass, each record judged by the others; 0 to let no run through.
    """

    run: Positive = 4
    compare: Literal["wording", "text"] = "wording"
    keep: Share = 0.95

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Keeps the hashes of what one record alone has, and draws the line."""
        kinds = self._list_runs(resources.source)
        np.save(directory / _KEYS, find_distinct(np.concatenate([keep_unique(runs).keys for runs in kinds])))
        np.save(directory / _LINE, self._draw_line(kinds, len(resources.source)))

    def judge(self, directory: Path) -> Judge:
        """Looks up every run of an example."""
        source, line = np.load(directory / _KEYS), np.load(directory / _LINE)

        def reasons(corpus: Corpus) -> list[str | None]:
            repeats = np.zeros(len(corpus), int)
            for runs in self._list_runs(corpus):
                repeats += np.bincount(runs.rows[np.isin(runs.keys, source)], minlength=len(corpus))
            reason = f"{self.compare} of single source records"
            return [reason if each else None for each in repeats > line]

        return reasons

    def _draw_line(self, kinds: tuple[TokenRuns, ...], records: int) -> int:
        """Returns how many runs that one other record alone has most records of the source have."""
        if not self.keep or not records:
            return 0
        repeats = sum(np.bincount(keep_shared(runs).rows, minlength=records) for runs in kinds)
        return int(np.quantile(repeats, self.keep, method="higher"))

    def _list_runs(self, corpus: Corpus) -> tuple[TokenRuns, TokenRuns]:
        symbols = Symbols.of(corpus)
        return symbols.list_runs(self.compare, 0), symbols.list_runs(self.compare, self.run)
