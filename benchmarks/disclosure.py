"""Whether the count of disclosed records is right: how often it alarms without a leak, and which leaks it finds.

    python benchmarks/disclosure.py PATH... [--splits 200] [--rows 4000] [--draws 10]

The records of all files are dealt out at random to a source, a held-out part and an output, which so is other real
text: each alarm is false. Then records of the source are planted into the output, as they are or with one word changed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span
from textsynth.corpus.tokens import tokenize
from textsynth.foundation.seeding import child_rng
from textsynth.privacy.excess import LEVEL, find_disclosed

PLANTS = ((0.005, False), (0.01, False), (0.05, False), (0.05, True))
"""Which share of the output is planted, and whether a word of each is changed."""


def deal(corpus: Corpus, rows: int, rng: np.random.Generator) -> list[Corpus]:
    """Deals out records to a source, a held-out part and an output of so many rows each, or of a third of all."""
    rows = min(rows, len(corpus) // 3)
    order = rng.permutation(len(corpus))
    return [corpus.take(order[part * rows : (part + 1) * rows]) for part in range(3)]


def plant(output: Corpus, source: Corpus, share: float, *, change: bool, rng: np.random.Generator) -> Corpus:
    """Puts records of the source in the place of a share of the output."""
    count = round(share * len(output))
    planted = source.take(rng.choice(len(source), count, replace=False))
    if change:
        words = tokenize(output, "words").strings.to_pylist()
        planted = Corpus.from_examples([_change_word(each, words, rng) for each in planted])
    return output.take(np.arange(count, len(output))) + planted


def _change_word(example: Example, words: Sequence[str], rng: np.random.Generator) -> Example:
    """Puts another word in the place of a random one that is outside of all mentions, if there is one."""
    tokens = tokenize(Corpus.from_examples([example]), "words")
    free = np.ones(len(tokens.starts), bool)
    for first, stop in zip(tokens.first, tokens.stop, strict=True):
        free[first:stop] = False
    if not free.any():
        return example
    token = rng.choice(np.flatnonzero(free))
    start, end, word = int(tokens.starts[token]), int(tokens.ends[token]), words[rng.integers(len(words))]
    moved = len(word) - (end - start)
    spans = [Span(s.start + moved, s.end + moved, s.label) if s.start >= end else s for s in example.spans]
    return Example(example.text[:start] + word + example.text[end:], tuple(spans), example.label)


def is_alarm(output: Corpus, source: Corpus, heldout: Corpus) -> bool:
    """Says whether anything stands out."""
    return find_disclosed(output, source, heldout).p < LEVEL


def count_alarms(corpus: Corpus, rows: int, splits: int) -> tuple[int, float]:
    """Counts the false alarms of so many splits, and tells the smallest leak of whole texts that is seen in most."""
    alarms, smallest = 0, []
    for split in range(splits):
        source, heldout, output = deal(corpus, rows, child_rng(1, "split", split))
        found = find_disclosed(output, source, heldout)
        alarms += found.p < LEVEL
        smallest.append(found.levels[0].count.find_smallest_leak(found.tests) or 1.0)
    return alarms, float(np.median(smallest))


def count_found(corpus: Corpus, rows: int, draws: int) -> Iterator[tuple[str, int, float]]:
    """Yields for each kind of planted records in how many draws they are found, and how long a count takes."""
    for share, change in PLANTS:
        found, begin = 0, time.process_time()
        for draw in range(draws):
            rng = child_rng(1, "draw", draw)
            source, heldout, output = deal(corpus, rows, rng)
            found += is_alarm(plant(output, source, share, change=change, rng=rng), source, heldout)
        yield f"{share:.1%} planted{', one word changed' * change}", found, (time.process_time() - begin) / draws


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--splits", type=int, default=200)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--draws", type=int, default=10)
    chosen = parser.parse_args()
    corpus = Corpus.concat([ts.read(path) for path in chosen.paths])
    rows = min(chosen.rows, len(corpus) // 3)
    print(f"{len(corpus)} records; source, held-out part and output of {rows} each")
    for name, found, seconds in count_found(corpus, rows, chosen.draws):
        print(f"{name:32} found in {found} of {chosen.draws} draws ({seconds:.1f} s each)", flush=True)
    alarms, smallest = count_alarms(corpus, rows, chosen.splits)
    print(f"{'other real text':32} alarms in {alarms} of {chosen.splits} splits")
    print(f"{'smallest leak of whole texts':32} {smallest:.2%} of the source, in half of the splits")


if __name__ == "__main__":
    main()
