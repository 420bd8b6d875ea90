"""What comes of raw text: how right the labels are that labelers find, and what recall that costs.

    python benchmarks/raw_text.py                          # make demo's recipe on corpora/newsroom.txt, some minutes
    python benchmarks/raw_text.py ../shared/data/bc5cdr    # half of BC5CDR's mentions as word lists, on its raw text
    python benchmarks/raw_text.py --speed                  # a million terms over 100 MB of text

The first counts, of the examples that the recipe delivers, those in which a mention of `corpora/newsroom.jsonl` (its
words, wherever they stand alone) has another label or none; for the recipe as it is, and for the pipeline alone without
cleaning. The second takes the folder of BC5CDR (train.tsv, test.tsv), writes half of the distinct mentions of its
training part into two lists, labels its text without spans, and trains a small tagger on what comes of it and on gold.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from network_sections.tagger import Tagger

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged
from textsynth.foundation.seeding import child_rng
from textsynth.labelers.word_list import WordList
from textsynth.labelling.label import Labelled
from textsynth.labelling.phrases import PhraseSearch
from textsynth.recipes.recipe import Recipe, load
from textsynth.runs.label import label
from textsynth.runs.run import run

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT / "corpora" / "newsroom.jsonl"
TWICE = r"\p{Sc}[\s\d.,]{0,2}\p{Sc}|\p{Sc}\p{L}{0,3}\p{Sc}"
"""A sign of a currency behind another."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bc5cdr", nargs="?", type=Path)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    if given.speed:
        measure_speed(given.seed)
    elif given.bc5cdr:
        measure_lists(given.bc5cdr, given.seed)
    else:
        measure_demo(given.seed)


def measure_demo(seed: int) -> None:
    recipe = load(ROOT / "recipes" / "quickstart.toml")
    recipe = dataclasses.replace(recipe, production=dataclasses.replace(recipe.production, seed=seed))
    spacy = tuple(each for each in recipe.labelers if each.labeler.reads_context)
    plain = dataclasses.replace(recipe.label, clean=False)
    ways = {
        "pipeline alone, no cleaning": dataclasses.replace(recipe, labelers=spacy, label=plain),
        "pipeline alone, cleaned": dataclasses.replace(recipe, labelers=spacy),
        "all labelers, no cleaning": dataclasses.replace(recipe, label=plain),
        "the recipe": recipe,
    }
    gold = ts.read(GOLD)
    print("| way | examples | other label | no label | either | currency twice | mentions kept | recall | CPU s |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name, way in ways.items():
        started = time.process_time()
        delivered, source = deliver(way)
        seconds = time.process_time() - started
        other, missing = find_wrong(delivered, gold)
        cells = [other.mean(), missing.mean(), (other | missing).mean()]
        twice = count_twice(delivered)
        kept, recall = len(source.spans.starts), recall_of(source, gold)
        shares = " | ".join(f"{cell:.1%}" for cell in cells)
        print(f"| {name} | {len(delivered)} | {shares} | {twice} | {kept} | {recall:.1%} | {seconds:.0f} |", flush=True)


def deliver(recipe: Recipe) -> tuple[Corpus, Corpus]:
    """Returns all examples that a recipe makes, and the labelled sentences that it makes them of."""
    with tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
        run(recipe, Path(folder) / "out")
        files = sorted((Path(folder) / "out" / "exports").glob("*.jsonl"))
        made = Corpus.concat([ts.read(path) for path in files])
        return made, Corpus.read_parquet(Path(folder) / "out" / "extracted" / "source.parquet")


def find_wrong(delivered: Corpus, gold: Corpus) -> tuple[np.ndarray, np.ndarray]:
    """Says of each example whether a mention of gold has another label in it, and whether one has none."""
    labels: dict[str, set[str]] = {}
    for example in gold:
        for mention, span in zip(example.mentions(), example.spans, strict=True):
            labels.setdefault(mention, set()).add(span.label)
    phrases = sorted(labels)
    places = PhraseSearch(phrases).find(delivered.texts)
    spans = Ragged.of_bounds(delivered.spans.rows)
    given = delivered.spans.labels.to_pylist()
    other, missing = np.zeros(len(delivered), bool), np.zeros(len(delivered), bool)
    for row, start, end, phrase in zip(places.rows, places.starts, places.ends, places.phrases, strict=True):
        own = spans[row]
        touched = own[(delivered.spans.starts[own] < end) & (start < delivered.spans.ends[own])]
        missing[row] |= not len(touched)
        other[row] |= bool(len(touched)) and not any(given[each] in labels[phrases[phrase]] for each in touched)
    return other, missing


def count_twice(delivered: Corpus) -> int:
    import regex

    return sum(bool(regex.search(TWICE, text)) for text in delivered.texts.to_pylist())


def recall_of(found: Corpus, gold: Corpus) -> float:
    """Returns the share of gold mentions that the labelled sentences have, with their exact bounds."""
    return len(spans_of(found) & spans_of(gold)) / max(1, len(spans_of(gold)))


def spans_of(corpus: Corpus) -> set[tuple[str, int, int, str]]:
    return {(each.text, span.start, span.end, span.label) for each in corpus for span in each.spans}


def measure_lists(folder: Path, seed: int) -> None:
    gold, test = ts.read(folder / "train.tsv", "conll"), ts.read(folder / "test.tsv", "conll")
    raw = Corpus.from_columns(text=gold.texts, tokenizer=gold.tokenizer)
    with tempfile.TemporaryDirectory(prefix="textsynth-") as place:
        lists = list(write_lists(gold, Path(place), seed))
        print("| way | sentences | mentions | precision | recall | with a missed mention | tagger F1 on test |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        for name, clean in (("half of the mentions, no cleaning", False), ("half of the mentions, cleaned", True)):
            found = label(raw, lists, clean=clean, sentences=False, language="en", seed=seed)
            print(
                f"| {name} | {describe(found, gold)} | {Tagger(found.corpus, Corpus.empty(), seed).f1(test):.1f} |",
                flush=True,
            )
            print(found.describe())
    scored = Tagger(gold, Corpus.empty(), seed).f1(test)
    print(f"| gold | {len(gold)} | {len(gold.spans.starts)} | 100.0% | 100.0% | 0.0% | {scored:.1f} |")


def write_lists(gold: Corpus, folder: Path, seed: int) -> Iterator[WordList]:
    """Writes half of the distinct mentions of each label, and yields the labelers that find them."""
    for name in gold.labels:
        mentions = sorted(
            {m for each in gold for m, span in zip(each.mentions(), each.spans, strict=True) if span.label == name}
        )
        half = child_rng(seed, "half", name).permutation(mentions)[: len(mentions) // 2]
        (folder / f"{name}.txt").write_text("\n".join(half.tolist()) + "\n", encoding="utf-8")
        yield WordList(path=folder / f"{name}.txt", label=name, plurals=True)


def describe(found: Labelled, gold: Corpus) -> str:
    """Returns cells: sentences, mentions, precision, recall of all gold, share of sentences with a missed mention."""
    mine, theirs = spans_of(found.corpus), spans_of(gold)
    right = len(mine & theirs)
    texts = set(found.corpus.texts.to_pylist())
    missed = {text for text, start, end, _ in theirs if text in texts and not touches(mine, text, start, end)}
    shares = right / max(1, len(mine)), right / len(theirs), len(missed) / max(1, len(texts))
    return " | ".join([str(len(found.corpus)), str(len(mine)), *(f"{each:.1%}" for each in shares)])


def touches(spans: set[tuple[str, int, int, str]], text: str, start: int, end: int) -> bool:
    return any(one[0] == text and one[1] < end and start < one[2] for one in by_text(spans).get(text, ()))


_INDEX: dict[int, dict[str, list[tuple[str, int, int, str]]]] = {}


def by_text(spans: set[tuple[str, int, int, str]]) -> dict[str, list[tuple[str, int, int, str]]]:
    """Returns spans by their texts; the index of each set is made once."""
    if id(spans) not in _INDEX:
        _INDEX[id(spans)] = {}
        for each in spans:
            _INDEX[id(spans)].setdefault(each[0], []).append(each)
    return _INDEX[id(spans)]


def measure_speed(seed: int) -> None:
    """Times a list of a million invented terms on 100 MB of invented text."""
    rng = child_rng(seed, "speed")
    letters = np.array(list("etaoinshrdlucmfwypvbgkjqxz"))
    words = ["".join(rng.choice(letters, rng.integers(3, 11))) for _ in range(200_000)]
    terms = {
        " ".join(words[each] for each in rng.integers(len(words), size=size))
        for size in (1, 2, 2, 3)
        for _ in range(260_000)
    }
    terms = sorted(terms)[:1_000_000]
    sentences = [" ".join(words[each] for each in row) for row in rng.integers(len(words), size=(800_000, 17))]
    with tempfile.TemporaryDirectory(prefix="textsynth-") as place:
        path = Path(place) / "terms.txt"
        path.write_text("\n".join(terms) + "\n", encoding="utf-8")
        started = time.process_time()
        finder = WordList(path=path, label="TERM").load("en")
        loaded = time.process_time()
        texts = pa.array(sentences, pa.string())
        found = 0
        for first in range(0, len(texts), 10_000):
            found += len(finder.find(Corpus.from_columns(text=texts[first : first + 10_000])))
    size = sum(map(len, sentences)) / 1e6
    print(
        f"{len(terms):,} terms loaded in {loaded - started:.0f} s; {size:.0f} MB, {len(sentences):,} sentences: "
        f"{found:,} mentions in {time.process_time() - loaded:.0f} s"
    )


if __name__ == "__main__":
    main()
