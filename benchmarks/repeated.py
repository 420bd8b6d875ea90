"""Which generators repeat records of their source, and what the filters `memorisation` and `excess` leave of that.

    python benchmarks/repeated.py PATH... --out DIR [--rows 3000] [--generator language_model ...]

The records of all files are dealt out at random to a source, a held-out part as large, and a fifth as much for
validation, which `excess` counts on. Each generator has the options of the
recipe that is shipped with it, but mentions of the source in all slots, and makes as many examples as the source has,
with `duplicate` as the only filter. What it has made is kept in DIR, and not made again. Then it is judged by
`memorisation`, with several lines, and by `excess`, and counted before and after.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import textsynth as ts
from textsynth.components.generator import Generator
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.filters import Filter
from textsynth.filters.excess import Excess
from textsynth.filters.memorisation import Memorisation
from textsynth.foundation.seeding import child_rng
from textsynth.generators import TemplateFill
from textsynth.privacy.excess import Repeats, find_disclosed
from textsynth.recipes.recipe import load

RECIPES = Path(__file__).resolve().parents[1] / "recipes"
GENERATORS = ("template_fill", "language_model", "vae", "gan")
FILTERS: dict[str, Filter] = {
    "memorisation, keep 95 %": Memorisation(),
    "memorisation, keep 80 %": Memorisation(keep=0.8),
    "memorisation, every run of 4": Memorisation(keep=0.0),
    "excess": Excess(),
}
SHOWN = (("wording", 0), ("wording", 6), ("wording", 5), ("wording", 4), ("wording", 3), ("text", 0), ("mention", 0))


def build(name: str) -> Generator:
    """Returns a generator with the options of its recipe, and mentions of the source in all slots."""
    if name == "template_fill":
        return TemplateFill()
    (step,) = load(RECIPES / f"{name}.toml").steps
    return replace(step.generator, values={}) if "values" in vars(step.generator) else step.generator


def make(name: str, source: Corpus, out: Path) -> Corpus:
    """Returns what a generator makes; it is read, if it stands there."""
    path = out / f"{name}.parquet"
    if not path.exists():
        ts.generate(source, [build(name)], len(source), seed=7, allow_fewer=True).write_parquet(path)
    return Corpus.read_parquet(path)


def judge(judged: Filter, resources: Resources, corpus: Corpus) -> Corpus:
    """Returns what a filter keeps of a corpus."""
    with TemporaryDirectory() as folder:
        judged.fit(resources, Path(folder), child_rng(1))
        verdict = judged.judge(Path(folder))
        return corpus.mask(np.array([reason is None for reason in verdict(corpus)], bool))


def show(found: Repeats) -> str:
    """Returns the counts of some runs, and the smallest p of all runs of wordings."""
    counts = {(each.kind, each.length): each.count for each in found.levels}
    told = [f"{counts[level].source:5}:{counts[level].heldout:<5}" for level in SHOWN if level in counts]
    of_wordings = [p for each, p in zip(found.levels, found.corrected, strict=True) if each.kind == "wording"]
    return "".join(told) + (f" {min(of_wordings):.2g}" if of_wordings else "")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--generator", nargs="+", choices=GENERATORS, default=GENERATORS)
    chosen = parser.parse_args()
    corpus = Corpus.concat([ts.read(path) for path in chosen.paths])
    order, rows = child_rng(1, "deal").permutation(len(corpus)), min(chosen.rows, 5 * len(corpus) // 11)
    source, heldout = corpus.take(order[:rows]), corpus.take(order[rows : 2 * rows])
    resources = replace(Resources.of(source), validation=corpus.take(order[2 * rows : 2 * rows + rows // 5]))
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, judged in FILTERS.items():
        passed = judge(judged, resources, heldout)
        print(f"{name}: would drop {1 - len(passed) / len(heldout):.1%} of the held-out records")
    print(f"{'':34}{'kept':>6}", *(f"{kind} {length or 'whole'}" for kind, length in SHOWN), "smallest p of wordings")
    for name in chosen.generator:
        made = make(name, source, chosen.out)
        print(f"{name:34}{len(made):6}", show(find_disclosed(made, source, heldout)), flush=True)
        for line, judged in FILTERS.items():
            kept = judge(judged, resources, made)
            print(f"{'    ' + line:34}{len(kept):6}", show(find_disclosed(kept, source, heldout)), flush=True)


if __name__ == "__main__":
    main()
