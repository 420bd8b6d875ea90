"""What the parent of a run of a billion rows does: 100,000 shards planned, taken in order and counted.

    python benchmarks/planner.py [--shards 100000] [--workers 16]

The shards are stubs: each is the one that was really made, so that a number stands for its rows. The parent's work is
the real one: it reads every shard, keeps which rows are kept, and counts. The workers have a clock of their own, on
which a shard takes as long as the real one took.
"""

from __future__ import annotations

import argparse
import heapq
import resource
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textsynth.conversion.corpora import read
from textsynth.extract import Resources
from textsynth.generators.template_fill import TemplateFill
from textsynth.production.fitting import fit, step_directory
from textsynth.production.order import Order
from textsynth.production.produce import produce
from textsynth.production.shard import Shard, make_shard
from textsynth.production.stream import divide_order, plan_round
from textsynth.recipes.recipe import Step

NEWSROOM = Path(__file__).resolve().parent.parent / "corpora" / "newsroom.jsonl"
ROWS = 10_000
"""Rows of a shard."""
AHEAD = 3
"""Shards under way for each worker, as `engines/local.py` has it."""


@dataclass
class Clocks:
    """An engine of workers that have clocks alone; the parent's clock goes with its work, and waits for theirs.

    Args:
        workers: how many.
        seconds: that a shard takes one of them.
        path: the shard that stands for all.
    """

    workers: int
    seconds: float
    path: Path
    now: float = 0.0
    parent: float = 0.0
    shards: int = 0

    def __call__(self, function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Path]:
        """Yields the shard, as often as it is asked for, each time when the worker would be done."""
        free = [self.now] * self.workers
        coming, under_way = iter(tasks), deque[float]()
        while True:
            while len(under_way) < self.workers * AHEAD and next(coming, None) is not None:
                done = max(heapq.heappop(free), self.now) + self.seconds
                heapq.heappush(free, done)
                under_way.append(done)
            if not under_way:
                return
            self.now = max(self.now, under_way.popleft())
            begin = time.process_time()
            yield self.path
            took = time.process_time() - begin
            self.now, self.parent, self.shards = self.now + took, self.parent + took, self.shards + 1


def make_one(folder: Path, steps: list[Step]) -> tuple[Path, float]:
    """Makes a shard as a run does, and returns it and the CPU seconds that it took, its sampler loaded."""
    order = Order(steps, (), {None: 2 * ROWS}, 7, ROWS, 0.01)
    fit(order, Resources.of(read(NEWSROOM)), folder)
    shards = [Shard(steps[0], step_directory(folder, steps[0].name), 7, n, ((None, ROWS),)) for n in range(2)]
    make_shard(shards[0])
    begin = time.process_time()
    return make_shard(shards[1]), time.process_time() - begin


def main() -> None:
    """Measures the plan, and then the whole production."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--shards", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=16)
    options = parser.parse_args()
    steps = [Step(name, TemplateFill(values={"PERSON": "faker:name"}), weight) for name, weight in (("a", 3), ("b", 1))]
    with tempfile.TemporaryDirectory(prefix="planner-") as name:
        folder = Path(name)
        path, seconds = make_one(folder, steps)
        order = Order(steps, (), {None: options.shards * ROWS}, 7, ROWS, 0.01)
        before, begin = peak(), time.process_time()
        planned = plan_round(order, divide_order(order), folder, Counter())
        print(f"{len(planned):,} shards planned in {time.process_time() - begin:.2f} s, {peak() - before:,.0f} MB")
        del planned
        clocks, begin = Clocks(options.workers, seconds, path), time.process_time()
        harvest = produce(order, folder, clocks)
        whole = time.process_time() - begin
    busy = clocks.shards * seconds / (options.workers * clocks.now)
    print(f"{len(harvest):,} rows; parent {whole:.1f} s, of {clocks.now:.1f} s with {options.workers} workers")
    print(f"a shard takes a worker {1e3 * seconds:.2f} ms, the parent {1e3 * clocks.parent / clocks.shards:.2f} ms")
    print(f"workers busy {busy:.0%}; enough for {seconds * clocks.shards / clocks.parent:.0f}; peak {peak():,.0f} MB")


def peak() -> float:
    """Returns the MB that this process had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    main()
