"""Pools: the values of each label, drawn once, and records whose values belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from textsynth.foundation.disk import whole_file


@dataclass(frozen=True)
class Uses:
    """In which classes and contexts the source has the values of a pool, as columns.

    Args:
        value: `(uses,)`; the position of the value in its pool.
        label: `(uses,)`; the class, or null.
        context: `(uses,)`; the context.
    """

    value: np.ndarray
    label: pa.StringArray
    context: pa.StringArray


@dataclass(frozen=True)
class Pool:
    """The values of one label, distinct, with their weights.

    Args:
        values: `(values,)` strings.
        weights: `(values,)`; how likely each is, up to a factor.
        uses: of those that the source has, if that is to matter; values without any use may stand anywhere.
    """

    values: pa.StringArray
    weights: np.ndarray
    uses: Uses | None = None


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
        used = {label: pool.uses for label, pool in self.pools.items() if pool.uses is not None}
        _write(_write_uses(used), directory / "uses.parquet")

    @classmethod
    def read(cls, directory: Path) -> Pools:
        """Reads what `write` wrote."""
        uses = _read_uses(pq.read_table(directory / "uses.parquet"))
        pools = {}
        for name, rows in _split(pq.read_table(directory / "pools.parquet")):
            pools[name] = Pool(rows["value"].combine_chunks(), rows["weight"].to_numpy(), uses.get(name))
        records = pq.read_table(directory / "records.parquet")
        return cls(pools, {name: records.column(name).combine_chunks() for name in records.column_names})


def one_line(value: str) -> str:
    r"""Returns a value as it stands in a sentence: trimmed, its lines joined by single spaces.

    >>> one_line("New\r\n York ")
    'New York'
    """
    return " ".join(line for each in value.splitlines() if (line := each.strip()))


def _write_uses(uses: Mapping[str, Uses]) -> pa.Table:
    labels = [label for label, each in uses.items() for _ in each.value]
    return pa.table(
        {
            "label": pa.array(labels, pa.string()),
            "value": pa.chunked_array([pa.array(each.value, pa.int64()) for each in uses.values()], pa.int64()),
            "class": pa.chunked_array([each.label for each in uses.values()], pa.string()),
            "context": pa.chunked_array([each.context for each in uses.values()], pa.string()),
        }
    )


def _read_uses(table: pa.Table) -> dict[str, Uses]:
    return {
        name: Uses(rows["value"].to_numpy(), rows["class"].combine_chunks(), rows["context"].combine_chunks())
        for name, rows in _split(table)
    }


def _split(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Yields the rows of each label."""
    for name in table.column("label").unique().to_pylist():
        yield name, table.filter(pc.equal(table.column("label"), name))


def _write(table: pa.Table, path: Path) -> None:
    with whole_file(path) as partial:
        pq.write_table(table, partial)
