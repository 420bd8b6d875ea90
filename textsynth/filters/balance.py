"""Drops examples of which labels there are too many mentions already."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import pydantic

from textsynth.components.component import Share
from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.disk import write_whole

_SHARES = "shares.json"
"""The file with the labels, and with a list of combinations of classes and their shares, null for the whole source."""

_FIRST = 20
"""Mentions of each label that every class may have beside its share, so that the first are not all too many."""

Mentions = list[tuple[int, int]]
"""Labels, by their place in a list, and how many mentions of each there are."""


@dataclass(frozen=True, kw_only=True)
class Balance(Filter):
    """Drops an example if, with it, a label would have too large a share of the mentions that were kept.

    A label has too large a share if its mentions are more than `tolerance` times those that its share in the source
    asks for, and 20 more. It is counted within the examples of each class, as the classes of a run come one after the
    other. How many examples each class has is no matter of this filter: the recipe's counts and `balance` settle it.
    Examples without mentions are kept.

    Args:
        shares: of labels, such as { CITY = 0.25 }, instead of those of the source.
        tolerance: by how many times a label may exceed its share.
    """

    shares: dict[str, Share] = field(default_factory=dict)
    tolerance: Annotated[float, pydantic.Field(ge=1)] = 1.2

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Counts the mentions of the source."""
        source = resources.source
        labels = sorted({*source.labels, *self.shares})
        counts: dict[str | None, Counter[int]] = {None: Counter()}
        for each, own in zip(source.table.column("label").to_pylist(), _list_mentions(source, labels), strict=True):
            for name in {None, each}:
                counts.setdefault(name, Counter()).update(dict(own))
        given = {labels.index(label): share for label, share in self.shares.items()}
        found = [(name, self._share(count, given)) for name, count in counts.items() if count or given]
        write_whole(directory / _SHARES, json.dumps([labels, found]))

    def _share(self, counts: Counter[int], given: dict[int, float]) -> list[tuple[int, float]]:
        """Returns the share of each label, by its place: as it was given, else as it was counted, if it was."""
        whole = max(1, counts.total())
        return sorted(({label: count / whole for label, count in counts.items()} | given).items())

    def judge(self, directory: Path) -> Judge:
        """Counts what is kept."""
        labels, found = json.loads((directory / _SHARES).read_text())
        shares = {name: dict(map(tuple, each)) for name, each in found}
        if not shares:
            return lambda corpus: [None] * len(corpus)
        kept: dict[str | None, Counter[int]] = {}
        wholes: Counter[str | None] = Counter()

        def explain(combination: str | None, own: Mentions) -> str | None:
            before = kept.setdefault(combination, Counter())
            whole = wholes[combination] + sum(count for _, count in own)
            share = shares.get(combination, shares[None])
            for label, count in own:
                if before[label] + count > self.tolerance * share.get(label, 0.0) * whole + _FIRST:
                    return f"too many mentions of {labels[label]}"
            before.update(dict(own))
            wholes[combination] = whole
            return None

        def reasons(corpus: Corpus) -> list[str | None]:
            classes = corpus.table.column("label").to_pylist()
            return list(map(explain, classes, _list_mentions(corpus, labels)))

        return reasons


def _list_mentions(corpus: Corpus, labels: list[str]) -> list[Mentions]:
    """Returns for each example its labels, by their place, with how many mentions it has; others are left out."""
    spans, place = corpus.spans, {label: number for number, label in enumerate(labels)}
    counts: list[Counter[int]] = [Counter() for _ in range(len(corpus))]
    for row, label in zip(spans.row_of_span().tolist(), spans.labels.to_pylist(), strict=True):
        if label in place:
            counts[row][place[label]] += 1
    return [sorted(each.items()) for each in counts]
