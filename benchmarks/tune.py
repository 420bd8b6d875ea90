"""What `tune` recommends on draws of public corpora, and what comes of it on their tests.

    python benchmarks/tune.py DATA [--only NAME ...] [--sizes 50 100] [--draws 1] [--rounds 4] [--out tune.jsonl]

DATA has the folders crossner, bc5cdr, snips and banking77. Of each training set so many sentences are drawn, or five of
a class; `tune` tries its recipes on them, as a user would; then the probe is taught the whole draw, alone and with what
the recommended recipe makes of it, or if none is recommended the best one, and both are tested on the test set. The
interval of that gain is by the texts of the test (a bootstrap, 2.5 to 97.5 %), over five seeds of the recipe. A line is
written for each draw as soon as it is known, and a draw that has one is not made again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.errors import TextsynthError
from textsynth.evaluation.paired import count_f1
from textsynth.evaluation.probing import choose_probe, list_targets, try_probe
from textsynth.evaluation.tuning import Tuning
from textsynth.foundation.seeding import child_rng
from textsynth.recipes.candidates import CLASSES, SPANS
from textsynth.runs.tune import make_from

_SEEDS, _TESTED, _A_CLASS = 5, 1000, 5

SETS: dict[str, tuple[str, str, str]] = {
    "politics": ("crossner/politics/train.txt", "crossner/politics/test.txt", SPANS),
    "science": ("crossner/science/train.txt", "crossner/science/test.txt", SPANS),
    "music": ("crossner/music/train.txt", "crossner/music/test.txt", SPANS),
    "bc5cdr": ("bc5cdr/train.tsv", "bc5cdr/test.tsv", SPANS),
    "snips slots": ("snips/train.jsonl", "snips/valid.jsonl", SPANS),
    "banking77": ("banking77/train.csv", "banking77/test.csv", CLASSES),
    "snips classes": ("snips/train.jsonl", "snips/valid.jsonl", CLASSES),
}
"""Training set, test set and task by name."""


def draw(corpus: Corpus, task: str, size: int, number: int) -> Corpus:
    """Draws so many sentences, or five of each class."""
    order = child_rng(number, "benchmark", "draw").permutation(len(corpus))
    if task == SPANS:
        return corpus.take(order[:size])
    rows = defaultdict(list)
    for row in order.tolist():
        rows[corpus[row].label].append(row)
    return corpus.take(np.sort([row for some in rows.values() for row in some[:_A_CLASS]]))


def find_gain(tuning: Tuning, source: Corpus, test: Corpus) -> tuple[float, float, float, float]:
    """Returns the score of the source alone on a test, and the gain of the best recipe with its interval."""
    best = tuning.best
    assert best is not None
    probe, targets = choose_probe(tuning.task), list_targets(tuning.task, [source, test])

    def count(taught: Corpus, seed: int) -> np.ndarray:
        return try_probe(probe, taught, 1.0, test, targets, child_rng(seed, "probe")).sum(axis=1)

    alone = count(source, 0)
    made = [make_from(best.recipe, source, seed) for seed in range(_SEEDS)]
    with_best = np.mean([count(Corpus.concat([source, each]), seed) for seed, each in enumerate(made)], axis=0)
    rows = child_rng(0, "bootstrap").integers(len(test), size=(2000, len(test)))
    gains = [count_f1(with_best[some].sum(axis=0)) - count_f1(alone[some].sum(axis=0)) for some in rows]
    whole = float(count_f1(alone.sum(axis=0)))
    return whole, float(count_f1(with_best.sum(axis=0))) - whole, *map(float, np.quantile(gains, [0.025, 0.975]))


def measure(  # noqa: PLR0913
    data: Path, folder: str, name: str, size: int, number: int, rounds: int, raw: int
) -> dict[str, Any]:
    """Tunes on one draw, and tests what came of it."""
    train, test, task = SETS[name]
    whole, heldout = ts.read(data / train), ts.read(data / test)
    source, heldout = draw(whole, task, size, number), heldout[:_TESTED]
    order = child_rng(number, "benchmark", "raw").permutation(len(whole))[:raw]
    text = Path(folder) / "raw.jsonl"
    ts.write(Corpus.from_columns(text=whole.take(order).texts), text)
    began = time.process_time()
    tuning = ts.tune(source, task=task, raw=text if raw else None, rounds=rounds, minutes=600)
    seconds = time.process_time() - began
    best = tuning.best
    row: dict[str, Any] = {"set": name, "size": len(source), "draw": number, "raw": raw, "rounds": tuning.rounds[0]}
    row |= {"recommended": tuning.recommended, "seconds": round(seconds), "sentences": tuning.sentences()}
    if best is None:
        return row
    alone, gain, low, high = find_gain(tuning, source, heldout)
    told = {
        "best": best.name,
        "gain": best.gain,
        "low": best.low,
        "high": best.high,
        "low_on_weaker": best.low_on_weaker,
    }
    return row | told | {"test": alone, "test_gain": gain, "test_low": low, "test_high": high}


def tell(rows: list[dict[str, Any]]) -> str:
    """Returns the table as Markdown."""
    show: Callable[[float], str] = lambda value: f"{100 * value:+.1f}"  # noqa: E731
    lines = [
        "| set | examples | recommended | best | gain by tune, 95 % | alone on test | gain on test, 95 % | CPU s |"
    ]
    lines.append("|---|---|---|---|---|---|---|---|")
    for row in rows:
        if "best" not in row:
            continue
        tuned = f"{show(row['gain'])} ({show(row['low'])} … {show(row['high'])})"
        tested = f"{show(row['test_gain'])} ({show(row['test_low'])} … {show(row['test_high'])})"
        cells = (
            row["set"],
            row["size"],
            row["recommended"] or "nothing",
            row["best"],
            tuned,
            f"{100 * row['test']:.1f}",
        )
        lines.append("| " + " | ".join(map(str, [*cells, tested, row["seconds"]])) + " |")
    chosen = [row for row in rows if row["recommended"]]
    lost = [row for row in chosen if row["test_high"] < 0]
    return "\n".join(
        [*lines, "", f"Recommended {len(chosen)} of {len(rows)} times; {len(lost)} lost beyond the interval."]
    )


def main() -> None:
    """Measures each draw and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of the corpora")
    parser.add_argument("--only", nargs="*", choices=SETS, default=list(SETS))
    parser.add_argument("--sizes", nargs="*", type=int, default=[50, 100], help="sentences, of sets with spans")
    parser.add_argument("--draws", nargs="*", type=int, default=[0], help="numbers of draws")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--raw", type=int, default=0, help="sentences of raw text")
    parser.add_argument("--out", type=Path, default=Path("tune.jsonl"), help="a line for each draw")
    given = parser.parse_args()
    rows = [json.loads(line) for line in given.out.read_text().splitlines()] if given.out.exists() else []
    known = {(row["set"], row["asked"], row["draw"], row["raw"]) for row in rows}
    for number in given.draws:
        for size in given.sizes:
            for name in given.only:
                asked = size if SETS[name][2] == SPANS else _A_CLASS
                if (name, asked, number, given.raw) in known:
                    continue
                known.add((name, asked, number, given.raw))
                try:
                    with tempfile.TemporaryDirectory() as folder:
                        row = measure(given.data, folder, name, size, number, given.rounds, given.raw)
                except TextsynthError as error:
                    print(f"{name}: {error}", flush=True)
                    continue
                row["asked"] = asked
                rows.append(row)
                with given.out.open("a") as file:
                    file.write(json.dumps(row) + "\n")
                print(tell([row]).splitlines()[2], flush=True)
    print(tell(rows))


if __name__ == "__main__":
    main()
