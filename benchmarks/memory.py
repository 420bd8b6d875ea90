"""One task on a large file, in a process of its own, so that its peak of memory is the task's: prints JSON.

python benchmarks/memory.py build BASE.jsonl OUT.parquet ROWS
python benchmarks/memory.py convert IN.jsonl OUT.parquet
python benchmarks/memory.py scan IN.parquet
python benchmarks/memory.py edit SOURCE OPERATION ROWS
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
from material import SHARD, edit_sampler
from measure import cpu_seconds

import textsynth as ts
from textsynth.conversion.files import find, find_for_writing, read_batches
from textsynth.foundation.seeding import child_rng
from textsynth.generators import Sampler
from textsynth.reading.records import Faults


def measured(task: str, *args: str | int | Path) -> dict[str, Any]:
    """Runs a task in a process of its own and returns what it printed."""
    command = [sys.executable, str(Path(__file__)), task, *map(str, args)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def build(base: Path, out: Path, rows: int) -> dict[str, float]:
    """Makes a corpus of columns, which checks it, and writes it as parquet."""
    few = ts.read(base)
    table = few.table.take(pa.array(np.arange(rows) % len(few))).combine_chunks()
    columns = {name: table.column(name).chunk(0) for name in ("text", "spans", "label", "origin")}
    del table
    before = {"columns_mb": sum(column.nbytes for column in columns.values()) / 1e6, "before_mb": peak_mb()}
    begin = time.process_time()
    corpus = ts.Corpus.from_columns(**columns)
    built = time.process_time()
    after = {"built_mb": peak_mb()}
    corpus.write_parquet(out)
    return before | after | {"rows": rows, "build": built - begin, "write": time.process_time() - built}


def convert(source: Path, out: Path) -> dict[str, float]:
    """Reads JSON lines and writes parquet, batch by batch."""
    rows, reader, writer = 0, find(source), find_for_writing(out)

    def counted() -> Iterator[ts.Corpus]:
        nonlocal rows
        for batch in read_batches(source, reader, Faults()):
            rows += len(batch)
            yield batch

    before = peak_mb()
    begin = time.process_time()
    writer.write(counted(), out)
    return {"rows": rows, "seconds": time.process_time() - begin, "before_mb": before}


def scan(source: Path) -> dict[str, float]:
    """Reads and checks a parquet file, batch by batch."""
    reader, before = find(source), peak_mb()
    begin = time.process_time()
    rows = sum(len(batch) for batch in read_batches(source, reader, Faults()))
    return {"rows": rows, "seconds": time.process_time() - begin, "before_mb": before}


def edit(path: Path, operation: Path, rows: int) -> dict[str, float]:
    """Makes edited sentences, shard by shard, and keeps none; the median of as many times as take a second or two."""
    with TemporaryDirectory() as folder:
        fitted = edit_sampler(str(operation), ts.read(path), Path(folder))
        before = peak_mb()
        times = max(3, 1_500_000 // rows)
        seconds = median(cpu_seconds(lambda: _make_edited(fitted, rows)) for _ in range(times))
    return {"rows": rows, "seconds": seconds, "before_mb": before}


def _make_edited(sampler: Sampler, rows: int) -> None:
    rng = child_rng(7, "edit")
    for first in range(0, rows, SHARD):
        sampler(min(SHARD, rows - first), rng)


def peak_mb() -> float:
    """Returns the most memory this process has had so far.

    Linux hands `ru_maxrss` down from the process that started this one, so its own mark is better where there is one.
    """
    status = Path("/proc/self/status")
    mark = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    if mark:
        return int(mark[1]) * 1024 / 1e6
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 1e6 if sys.platform == "darwin" else used * 1024 / 1e6


TASKS: dict[str, Callable[..., dict[str, float]]] = {"build": build, "convert": convert, "scan": scan, "edit": edit}


def main() -> None:
    task, *args = sys.argv[1:]
    ts.Corpus.from_columns(text=["warm up"], spans=[[(0, 4, "VERB")]])  # Arrow imports pandas when it first meets numpy
    result = TASKS[task](*(int(arg) if arg.isdecimal() else Path(arg) for arg in args))
    print(json.dumps(result | {"peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
