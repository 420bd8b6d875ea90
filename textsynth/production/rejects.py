"""The examples that were dropped, each with its step, the filter that dropped it and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from textsynth.corpus import SCHEMA, Corpus

REJECTED = SCHEMA.append(pa.field("filter", pa.string())).append(pa.field("reason", pa.string()))
"""The columns of `rejected.parquet`: those of an example, and what dropped it and why."""


class Rejects:
    """Writes dropped examples to a parquet file, those of one shard at a time."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(path, REJECTED)
        self._tables: list[pa.Table] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._writer.close()

    def add(self, corpus: Corpus, filter: str, reasons: Sequence[str]) -> None:
        """Takes examples that a filter dropped, with the reason for each."""
        names, given = pa.array([filter] * len(reasons), pa.string()), pa.array(reasons, pa.string())
        table = corpus.table.select(SCHEMA.names).append_column("filter", names).append_column("reason", given)
        self._tables.append(table.cast(REJECTED))

    def write(self) -> None:
        """Writes what was taken since the last time."""
        if self._tables:
            self._writer.write_table(pa.concat_tables(self._tables).combine_chunks())
        self._tables.clear()
