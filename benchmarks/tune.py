"""What `tune` recommends on draws of public corpora, and what comes of it on their tests.

    python benchmarks/tune.py DATA --rows tune.jsonl [--sets "ai;banking77"] [--size 100] [--draws 0-0] [--options=...]
    python benchmarks/tune.py DATA --rows tune.jsonl --table

DATA is a directory with public corpora, as `utility.py` and `utility_classes.py` have it, and so are the draws: as many
sentences with spans, or five texts of a class, and a thousand raw ones of those that are left. The command is run on
two files of them, as a user would run it, with `--options` as they stand. Then the probe that decides is taught the
whole draw, alone and with what the recommended recipe makes of it, and tested on the test set; if none is recommended,
with what the best of those that were tried makes. The interval of that gain is a bootstrap of 95 %, by the texts of
the test and by three seeds of the recipe. A row is written for each draw, and a draw that has one is not tuned again.
"""

from __future__ import annotations

import argparse
import json
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import utility
import utility_classes
from utility import add_rows, read_rows

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.evaluation.paired import count_f1
from textsynth.evaluation.probing import choose_probe, list_targets, try_probe
from textsynth.foundation.seeding import child_rng
from textsynth.recipes.candidates import CLASSES, SPANS
from textsynth.recipes.sections import Task
from textsynth.runs.tune import EVIDENCE, make_from

SETS: Mapping[str, tuple[str, Task]] = {
    **{name: (name, SPANS) for name in utility.SETS},
    "banking77": ("banking77", CLASSES),
    "snips, classes": ("snips", CLASSES),
}
"""The set of `utility` or `utility_classes`, and the task, by name."""

SEEDS, A_CLASS, DRAWN = 3, 5, 2000
"""Seeds of a recipe, texts of a class, and draws of the bootstrap."""


def draw_from(data: Path, name: str, size: int, number: int) -> tuple[Corpus, Corpus, Corpus]:
    """Returns what is labelled, raw text, and what is tested on."""
    inner, task = SETS[name]
    if task == SPANS:
        spans = utility.draw_from(data, inner, size, number)
        return spans.gold, spans.raw, spans.test
    classes = utility_classes.draw_from(data, inner, size, number, "")
    return classes.gold, Corpus.from_columns(text=list(classes.raw)), classes.test


def run_command(folder: Path, options: Sequence[str]) -> tuple[dict[str, Any], float, float]:
    """Runs `textsynth tune`; returns the evidence, the seconds that passed and those of the processors."""
    files = [str(folder / "gold.jsonl"), "--raw", str(folder / "raw.jsonl"), "--out", str(folder / "out")]
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "textsynth", "tune", *files, "--quiet", *options], check=True)
    passed, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads((folder / "out" / EVIDENCE).read_text()), passed, seconds


def find_gain(task: Task, recipe: str, source: Corpus, test: Corpus) -> dict[str, float]:
    """Returns the score of the source alone on a test, and the gain by a recipe with its interval."""
    probe, targets = choose_probe(task), list_targets(task, [source, test])

    def count(taught: Corpus) -> np.ndarray:
        return try_probe(task, probe, taught, 1.0, test, targets, child_rng(0, "probe")).sum(axis=1)

    alone = count(source)
    made = np.array([count(Corpus.concat([source, make_from(recipe, source, seed)])) for seed in range(SEEDS)])
    gains = [_gain(made[seeds][:, rows], alone[rows]) for seeds, rows in _resample(len(test))]
    low, high = map(float, np.quantile(gains, [0.025, 0.975]))
    return {
        "test": float(count_f1(alone.sum(axis=0))),
        "test_gain": _gain(made, alone),
        "test_low": low,
        "test_high": high,
    }


def _resample(tested: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    rng = child_rng(0, "bootstrap")
    for _ in range(DRAWN):
        yield rng.integers(SEEDS, size=SEEDS), rng.integers(tested, size=tested)


def _gain(made: np.ndarray, alone: np.ndarray) -> float:
    """Returns how far the mean over the seeds is above the source alone."""
    return float(count_f1(made.sum(axis=1)).mean() - count_f1(alone.sum(axis=0)))


def measure(data: Path, name: str, size: int, number: int, options: Sequence[str]) -> dict[str, Any]:
    """Tunes on one draw, and tests what came of it."""
    source, raw, test = draw_from(data, name, size, number)
    task = SETS[name][1]
    with tempfile.TemporaryDirectory() as folder:
        ts.write(source, Path(folder) / "gold.jsonl")
        ts.write(raw, Path(folder) / "raw.jsonl")
        evidence, passed, seconds = run_command(Path(folder), ["--task", task, *options])
        told = {each: evidence[each] for each in ("recommended", "rounds", "cut", "sentences")}
        row = {
            "options": list(options),
            "examples": len(source),
            "passed": round(passed),
            "seconds": round(seconds),
        } | told
        tried = [each for each in evidence["tried"] if not each["failure"]]
        best = next((each for each in tried if each["name"] == evidence["recommended"]), tried[0])
        row |= {"best": best["name"]} | {each: best[each] for each in ("gain", "low", "high", "low_on_weaker")}
        return row | find_gain(task, best["recipe"], source, test)


def write_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Returns the table as Markdown."""
    heads = ("set", "recommended", "best", "gain by tune, 95 %", "alone on test", "gain on test, 95 %", "CPU s")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *map(_write_row, rows)]
    chosen = [row for row in rows if row["recommended"]]
    lost = [row for row in chosen if row["test_high"] < 0]
    missed = [row for row in rows if not row["recommended"] and row["test_low"] > 0]
    told = (
        f"{len(chosen)} of {len(rows)} draws have a recommendation, {len(lost)} of them one that loses beyond the "
        f"interval; of the others, {len(missed)} have a best one that gains beyond it."
    )
    return "\n".join([*lines, "", told])


def _write_row(row: Mapping[str, Any]) -> str:
    name = f"{row['set']}, {A_CLASS} a class" if SETS[row["set"]][1] == CLASSES else f"{row['set']}, {row['size']}"
    tuned, tested = (
        f"{_show(row[prefix + 'gain'])} ({_show(row[prefix + 'low'])} … {_show(row[prefix + 'high'])})"
        for prefix in ("", "test_")
    )
    cells = (
        name,
        row["recommended"] or "nothing",
        row["best"],
        tuned,
        f"{100 * row['test']:.1f}",
        tested,
        row["seconds"],
    )
    return f"| {' | '.join(map(str, cells))} |"


def _show(share: float) -> str:
    return f"{100 * share:+.1f}"


def main() -> None:
    """Measures each draw that is missing and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of the corpora")
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--sets", default=";".join(SETS), help="separated by semicolons")
    parser.add_argument("--size", type=int, default=100, help="sentences, of sets with spans")
    parser.add_argument("--draws", default="0-0", help="the first and the last")
    parser.add_argument("--table", action="store_true", help="only print the table of what was measured")
    parser.add_argument("--options", default="", help='of the command: --options="--workers 1"')
    given = parser.parse_args()
    options = shlex.split(given.options)
    if not given.table:
        first, last = map(int, given.draws.split("-"))
        cells = [
            (name, given.size if SETS[name][1] == SPANS else A_CLASS, draw)
            for draw in range(first, last + 1)
            for name in given.sets.split(";")
        ]
        for row in add_rows(given.rows, cells, ["tune"], lambda *cell, arm: measure(given.data, *cell, options)):
            print(_write_row(row), flush=True)
    print(write_table(read_rows(given.rows)))


if __name__ == "__main__":
    main()
