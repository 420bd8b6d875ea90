"""What a small pretrained model makes of a hundred sentences: causal_lm in each of its modes, through a whole run.

    python benchmarks/few_shot.py [--only WAY] [--out DIR] [--samples FILE] [--taggers 3]

Beside the modes stand two other ways of delexicalised sampling: with no slot but those asked for, and with nothing held
back in decoding. What each is worth to a small tagger, beside the hundred sentences, is measured on the test set.

It needs the public corpora in ../shared/data, and SmolLM2-135M-Instruct (`make models`). What stands in DIR is measured
again without training.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from network_sections.tagger import Tagger

import textsynth as ts
from textsynth import formats
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.extract import Template
from textsynth.foundation.seeding import child_rng
from textsynth.recipes.recipe import parse
from textsynth.runs.run import run
from textsynth.wording.stray_mention import EXTRA

SOURCE = Path(__file__).resolve().parents[2] / "shared" / "data" / "crossner" / "politics" / "train.txt"
WAYS: dict[str, dict[str, Any]] = {
    "delexicalised": {},
    "entity_seeded": {"mode": "entity_seeded", "mentions": 2},
    "linearised": {"mode": "linearised"},
    "asked_for_alone": {"more_mentions": False},
    "unconstrained": {"constrained": False},
}
"""Options of causal_lm by name."""

MODES = tuple(WAYS)[:3]
SENTENCES, COUNT, SHOWN = 100, 500, 20


@dataclass(frozen=True)
class Result:
    """What a mode came to.

    Args:
        way: of sampling.
        fit: seconds of fine-tuning.
        sample: seconds of sampling.
        complete: share of what was made that ended, with its marks right and all that was asked for.
        accepted: share that was kept: without those that have a mention of the source unlabelled, too.
        reasons: why the others were dropped, with their number.
        copies: share of the sentences delivered that stand in the source, whatever their mentions.
        corpus: what was delivered.
    """

    way: str
    fit: float
    sample: float
    complete: float
    accepted: float
    reasons: dict[str, int]
    copies: float
    corpus: Corpus


def measure(way: str, out: Path, count: int = COUNT) -> Result:
    """Fine-tunes on a hundred sentences, and has as many delivered as asked for."""
    out.mkdir(parents=True, exist_ok=True)
    source = few()
    formats.write(source, out / "source.jsonl")
    content = {
        "seed": 7,
        "count": count,
        "shard_size": 128,
        "source": "source.jsonl",
        "generator": [{"use": "causal_lm", **WAYS[way]}],
        "filter": [{"use": "duplicate"}],
        "export": {"source": False},
    }
    summary = run(parse(content, out, way), out / way)
    corpus = formats.read(out / way / "dataset", "datasets", options={"split": "all"})
    known = {Template.of(example).fingerprint() for example in source}
    copies = sum(Template.of(example).fingerprint() in known for example in corpus) / len(corpus)
    step, seconds = summary.steps["causal_lm"], summary.seconds
    complete = (step.kept + step.dropped.get(EXTRA, 0)) / step.made
    accepted = step.kept / step.made
    times = seconds["fit"], seconds["generate and filter"]
    return Result(way, *times, complete, accepted, dict(summary.dropped), copies, corpus)


def few() -> Corpus:
    """Reads the hundred sentences."""
    return ts.read(SOURCE)[:SENTENCES]


def f1(corpus: Corpus, seeds: int) -> list[float]:
    """Returns the F1 of taggers that learn the hundred sentences and a corpus, in percent, by exact spans."""
    heldout = ts.read(SOURCE.with_name("test.txt"))
    return [Tagger(few(), corpus, seed).f1(heldout) for seed in range(seeds)]


def samples(results: Sequence[Result]) -> str:
    """Returns twenty sentences of each mode as Markdown, chosen by the seed."""
    lines = []
    for result in results:
        rows = sorted(child_rng(0, "samples").permutation(len(result.corpus))[:SHOWN].tolist())
        lines += [f'## `mode = "{result.way}"`', ""]
        lines += [f"{number}. {marked(result.corpus[row])}" for number, row in enumerate(rows, 1)]
        lines.append("")
    return "\n".join(lines)


def marked(example: Example) -> str:
    """Returns a text with its mentions in bold, each with its label."""
    text, position = "", 0
    for span in example.spans:
        text += example.text[position : span.start] + f"**{example.text[span.start : span.end]}** ({span.label})"
        position = span.end
    return text + example.text[position:]


def main() -> None:
    """Measures each way and prints what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", choices=WAYS, help="a way; may be given more than once")
    parser.add_argument("--out", type=Path, default=Path("out/few_shot"), help="where runs are kept")
    parser.add_argument("--samples", type=Path, help="a Markdown file to write twenty sentences of each mode to")
    parser.add_argument("--taggers", type=int, default=3, help="seeds of the tagger; 0 trains none")
    options = parser.parse_args()
    results = []
    for way in options.only or WAYS:
        began = time.perf_counter()
        result = measure(way, options.out)
        results.append(result)
        print(
            f"{way}: fine-tuned in {result.fit:.0f} s, {len(result.corpus)} delivered in {result.sample:.0f} s, "
            f"complete {result.complete:.1%}, accepted {result.accepted:.1%} {result.reasons}, "
            f"copies {result.copies:.1%}, "
            f"all in {time.perf_counter() - began:.0f} s",
            flush=True,
        )
    if options.taggers:
        for name, corpus in [("gold alone", Corpus.empty()), *((each.way, each.corpus) for each in results)]:
            found = f1(corpus, options.taggers)
            print(f"tagger, {name}: F1 {np.mean(found):.1f} ({', '.join(f'{each:.1f}' for each in found)})", flush=True)
    if options.samples:
        options.samples.write_text(samples([each for each in results if each.way in MODES]), encoding="utf-8")


if __name__ == "__main__":
    main()
