"""Pools: the values of each label, drawn once, and records whose values belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from textsynth.foundation.disk import whole_file


@dataclass(frozen=True)
class Pool:
    """The values of one label, distinct, with their weights.

    Args:
        values: `(values,)` strings.
        weights: `(values,)`; how likely each is, up to a factor.
    """

    values: pa.StringArray
    weights: np.ndarray


@dataclass(frozen=True)
class Pools:
    """What slots are filled from.

    Args:
        pools: by label, values that stand alone.
        records: by label, one value a record: value `i` of all of them belongs to record `i`.
    """

    pools: Mapping[str, Pool]
    records: Mapping[str, pa.StringArray]

    def values(self, label: str) -> pa.StringArray:
        """Returns the values of a label, be they a pool or a column of the records."""
        return self.records[label] if label in self.records else self.pools[label].values

    def write(self, directory: Path) -> None:
        """Writes the pools into a directory."""
        columns = {
            "label": [label for label, pool in self.pools.items() for _ in pool.weights],
            "value": [value for pool in self.pools.values() for value in pool.values.to_pylist()],
            "weight": [weight for pool in self.pools.values() for weight in pool.weights.tolist()],
        }
        types = {"label": pa.string(), "value": pa.string(), "weight": pa.float64()}
        arrays = {name: pa.array(column, types[name]) for name, column in columns.items()}
        _write(pa.table(arrays), directory / "pools.parquet")
        _write(pa.table(dict(self.records)), directory / "records.parquet")

    @classmethod
    def read(cls, directory: Path) -> Pools:
        """Reads what `write` wrote."""
        table = pq.read_table(directory / "pools.parquet")
        pools = {}
        for name in table.column("label").unique().to_pylist():
            rows = table.filter(pc.equal(table.column("label"), name))
            pools[name] = Pool(rows.column("value").combine_chunks(), rows.column("weight").to_numpy())
        records = pq.read_table(directory / "records.parquet")
        return cls(pools, {name: records.column(name).combine_chunks() for name in records.column_names})


def one_line(value: str) -> str:
    r"""Returns a value as it stands in a sentence: trimmed, its lines joined by single spaces.

    >>> one_line("New\r\n York ")
    'New York'
    """
    return " ".join(line for each in value.splitlines() if (line := each.strip()))


def _write(table: pa.Table, path: Path) -> None:
    with whole_file(path) as partial:
        pq.write_table(table, partial)
