"""Drops examples of which labels there are too many mentions already."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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

Shares = dict[str | None, np.ndarray]
"""By combination of classes, `(labels,)`; by None for those that the source does not have."""


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
        counts = _count_mentions(source, labels)
        of_row = pc.index_in(source.table.column("label"), pa.array(source.combinations, pa.string())).to_numpy()
        some = np.flatnonzero(~np.isnan(of_row))
        by_class = np.zeros((len(source.combinations), len(labels)), counts.dtype)
        np.add.at(by_class, of_row[some].astype(np.int64), counts[some])
        found = [(None, counts.sum(axis=0)), *zip(source.combinations, by_class, strict=True)]
        shares = [(each, self._share(labels, count).tolist()) for each, count in found if count.sum() or self.shares]
        write_whole(directory / _SHARES, json.dumps([labels, shares]))

    def _share(self, labels: list[str], counts: np.ndarray) -> np.ndarray:
        """Returns the share of each label: as it was given, else as it was counted, `(labels,)`."""
        counted = counts / max(1, counts.sum())
        return np.array([self.shares.get(each, own) for each, own in zip(labels, counted.tolist(), strict=True)])

    def judge(self, directory: Path) -> Judge:
        """Counts what is kept."""
        labels, found = json.loads((directory / _SHARES).read_text())
        shares = {each: np.array(share) for each, share in found}
        if not shares:
            return lambda corpus: [None] * len(corpus)
        kept: dict[str | None, np.ndarray] = {}

        def explain(combination: str | None, own: np.ndarray) -> str | None:
            before = kept.setdefault(combination, np.zeros(len(labels), np.int64))
            after = before + own
            limits = self.tolerance * shares.get(combination, shares[None]) * after.sum() + _FIRST
            too_many = np.flatnonzero((after > limits) & (own > 0))
            if len(too_many):
                return f"too many mentions of {labels[too_many[0]]}"
            kept[combination] = after
            return None

        def reasons(corpus: Corpus) -> list[str | None]:
            classes = corpus.table.column("label").to_pylist()
            return list(map(explain, classes, _count_mentions(corpus, labels)))

        return reasons


def _count_mentions(corpus: Corpus, labels: list[str]) -> np.ndarray:
    """Returns how many mentions of each label each example has, `(examples, labels)`; others are not counted."""
    spans, place = corpus.spans, {label: column for column, label in enumerate(labels)}
    columns = np.array([place.get(each, len(labels)) for each in spans.labels.to_pylist()], np.int64)
    width = len(labels) + 1
    flat = np.bincount(spans.row_of_span() * width + columns, minlength=len(corpus) * width)
    return flat.reshape(len(corpus), width)[:, :-1]
