"""How long each metric takes, and how much memory: seconds of CPU time on a corpus of many rows.

python benchmarks/metrics.py                                    # 100,000 rows made from corpora/newsroom.jsonl
python benchmarks/metrics.py --source train.jsonl --heldout valid.jsonl --rows 200000
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import numpy as np

import textsynth as ts
from textsynth.components import registry
from textsynth.corpus import Corpus
from textsynth.foundation.seeding import child_rng
from textsynth.metrics import Evidence, Metric

SOURCE = Path(__file__).parents[1] / "corpora" / "newsroom.jsonl"


def vary(source: Corpus, rows: int, seed: int) -> Corpus:
    """Returns rows of a source, every other one with a number behind it, so that most texts are different."""
    rng = child_rng(seed, "metrics")
    drawn = source.take(rng.integers(len(source), size=rows))
    numbers = rng.integers(10 * rows, size=rows)
    texts = [
        f"{text} {number}" if number % 2 else text
        for text, number in zip(drawn.texts.to_pylist(), numbers.tolist(), strict=True)
    ]
    spans = [[(span.start, span.end, span.label) for span in each.spans] for each in drawn]
    return Corpus.from_columns(text=texts, spans=spans, label=[each.label for each in drawn])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, default=SOURCE, help="real text; a file of any format")
    parser.add_argument("--heldout", type=Path, help="other real text; without it, rows made from the source")
    parser.add_argument("--rows", type=int, default=100_000, help="of the synthetic text, and of each made one")
    parser.add_argument("--only", nargs="*", default=registry.names("metric"), help="names of metrics")
    given = parser.parse_args()
    read = ts.read(given.source)
    heldout = ts.read(given.heldout) if given.heldout else vary(read, given.rows, 3)
    evidence = Evidence(vary(read, given.rows, 1), vary(read, given.rows, 2), heldout)
    print(f"{'metric':22}{'seconds':>9}{'MiB':>8}    rows: {', '.join(map(str, sizes(evidence)))}")
    total = sum(measure(name, evidence) for name in given.only)
    print(f"{'all':22}{total:9.1f}")


def sizes(evidence: Evidence) -> list[int]:
    return [len(each) for each in (evidence.synthetic, evidence.source, evidence.heldout)]


def measure(name: str, evidence: Evidence) -> float:
    """Prints the seconds that a metric takes, and the peak of the process' memory until then."""
    metric = registry.look_up("metric", name)()
    assert isinstance(metric, Metric)
    begin = time.process_time()
    metric.measure(evidence, np.random.default_rng(1))
    seconds = time.process_time() - begin
    print(f"{name:22}{seconds:9.1f}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:8}", flush=True)
    return seconds


if __name__ == "__main__":
    main()
