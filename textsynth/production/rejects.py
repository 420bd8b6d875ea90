"""The examples that were dropped, each with its step, the filter that dropped it and the reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from textsynth.corpus import SCHEMA, Corpus
from textsynth.errors import InputError
from textsynth.foundation.seeding import child_rng

REJECTED = SCHEMA.append(pa.field("filter", pa.string())).append(pa.field("reason", pa.string()))
"""The columns of `rejected.parquet`: those of an example, and what dropped it and why."""


FILE = "rejected.parquet"


@dataclass(frozen=True)
class Rejected:
    """Examples that were dropped for one reason.

    Args:
        step: the step that made them.
        filter: what dropped them: a filter, or the step itself.
        reason: why.
        count: how many there are.
        examples: some of them.
    """

    step: str
    filter: str
    reason: str
    count: int
    examples: Corpus


def sample_rejected(directory: Path, number: int, seed: int) -> list[Rejected]:
    """Reads a few of the examples that a run dropped, for each step, filter and reason; the commonest come first.

    Args:
        directory: the run's directory.
        number: how many of each, at most.
        seed: which ones.

    Raises:
        InputError: if the run has got no further than to its source.
    """
    path = directory / FILE
    if not path.exists():
        raise InputError(f"{path}: must be there to show what was dropped, the run has not ended or is none")
    names = ["origin", "filter", "reason"]
    table = pq.read_table(path, columns=names)
    table = table.append_column("row", pa.array(np.arange(len(table))))
    groups = table.group_by(names, use_threads=False).aggregate([("row", "list")])
    rows = [each.values.to_numpy() for each in groups.column("row_list")]
    rng, order = child_rng(seed, "show rejected"), sorted(range(len(rows)), key=lambda group: -len(rows[group]))
    chosen = [np.sort(rng.choice(rows[group], min(number, len(rows[group])), replace=False)) for group in order]
    taken = _take(path, np.concatenate(chosen)) if chosen else Corpus.empty()
    ends = np.cumsum([len(each) for each in chosen])
    steps, filters, reasons = (groups.column(name).to_pylist() for name in names)
    return [
        Rejected(steps[group], filters[group], reasons[group], len(rows[group]), taken[int(end) - len(each) : int(end)])
        for group, each, end in zip(order, chosen, ends, strict=True)
    ]


def read_rejected(directory: Path, filter: str) -> Corpus:
    """Reads all examples that one filter of a run dropped."""
    table = pq.read_table(directory / FILE, filters=[("filter", "=", filter)], columns=SCHEMA.names)
    return Corpus.from_trusted(table)


def _take(path: Path, rows: np.ndarray) -> Corpus:
    """Reads some rows of a parquet file, a part of it at a time."""
    import pyarrow.dataset  # It imports pandas, which takes longer than most commands.

    in_order, places = np.unique(rows, return_inverse=True)
    table = pyarrow.dataset.dataset(path).take(pa.array(in_order), columns=SCHEMA.names)
    return Corpus.from_trusted(table).take(places)


class Rejects:
    """Writes dropped examples to a parquet file, those of one shard at a time."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(path, REJECTED)
        self._tables: list[pa.Table] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._writer.close()

    def add(self, corpus: Corpus, filter: str, reasons: pa.StringArray) -> None:
        """Takes examples that a filter dropped, with the reason for each."""
        names = pa.repeat(pa.scalar(filter), len(reasons))
        table = corpus.table.select(SCHEMA.names).append_column("filter", names).append_column("reason", reasons)
        self._tables.append(table.cast(REJECTED))

    def write(self) -> None:
        """Writes what was taken since the last time."""
        if self._tables:
            self._writer.write_table(pa.concat_tables(self._tables).combine_chunks())
        self._tables.clear()
