"""Columns in files that are mapped into memory: the system reads what is looked at, and lets go of it when need be."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from textsynth.corpus.ragged import bounds_of
from textsynth.errors import OutputError
from textsynth.foundation.disk import whole_file

_CHUNK = 1 << 25
"""Bytes of columns that lie side by side in a file without a name, at least: of few chunks rows are taken faster."""


def write_mapped(batches: Iterable[pa.RecordBatch], schema: pa.Schema, path: Path) -> None:
    """Writes columns for `read_mapped`, whole or not at all."""
    with whole_file(path) as partial, pa.ipc.new_file(partial, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def read_mapped(path: Path) -> pa.Table:
    """Returns what `write_mapped` wrote; the file must stay as it is while the table is used.

    Its pages are read when they are looked at, and are no memory of the process: the system may take them back.
    """
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def take_rows(table: pa.Table, rows: np.ndarray) -> pa.Table:
    """Returns rows of a table, in any order, without putting its chunks together as Arrow does, which copies all of it.

    Args:
        table: of any number of chunks.
        rows: `(taken,)` positions.

    >>> halves = [pa.table({"n": [1, 2]}), pa.table({"n": [3, 4]})]
    >>> take_rows(pa.concat_tables(halves), np.array([3, 0, 3, 1])).column("n").to_pylist()
    [4, 1, 4, 2]
    """
    batches = table.to_batches()
    if len(batches) < 2:
        return table.take(pa.array(rows, pa.int64()))
    bounds = bounds_of(np.array([batch.num_rows for batch in batches]))
    chunk = np.searchsorted(bounds, rows, "right") - 1
    order = np.argsort(chunk, kind="stable")
    used, first = np.unique(chunk[order], return_index=True)
    groups = np.split(rows[order], first[1:])
    parts = [
        batches[at].take(pa.array(group - bounds[at], pa.int64())) for at, group in zip(used, groups, strict=False)
    ]
    back = np.empty(len(rows), np.int64)
    back[order] = np.arange(len(rows))
    return pa.Table.from_batches(parts, table.schema).combine_chunks().take(pa.array(back))


def spool(tables: Iterable[pa.Table], schema: pa.Schema, folder: Path) -> pa.Table:
    """Returns tables as one whose columns are in a file without a name, which goes with the table or the process.

    Args:
        tables: with this schema.
        schema: theirs.
        folder: on whose disk the file is; made if need be.

    Raises:
        OutputError: if it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            with pa.ipc.new_file(file, schema) as writer:
                for chunk in _gather(tables):
                    writer.write_table(chunk)
            file.flush()
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror or error}") from error
    return pa.ipc.open_file(pa.py_buffer(mapped)).read_all()


def _gather(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yields tables of one chunk, of so many bytes at least but for the last."""
    waiting: list[pa.Table] = []
    size = 0
    for table in tables:
        waiting.append(table)
        size += table.nbytes
        if size >= _CHUNK:
            yield pa.concat_tables(waiting).combine_chunks()
            waiting, size = [], 0
    if waiting:
        yield pa.concat_tables(waiting).combine_chunks()
