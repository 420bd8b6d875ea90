"""Columns in files that are mapped into memory: the system reads what is looked at, and lets go of it when need be."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from textsynth.foundation.disk import whole_file


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
