"""The public corpora that networks are measured on, from the folder beside the repository; who learns from them."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

import textsynth as ts
from textsynth.components.generator import Generator
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
TEXYGEN = ("mle", "seq", "leakgan", "maligan", "rank", "textgan")


def snips(split: str) -> Corpus:
    """Reads SNIPS, lower-cased: slots and intents."""
    corpus = ts.read(SHARED / "snips" / f"{split}.jsonl")
    return corpus.with_column("text", pc.utf8_lower(corpus.texts))


def coco(split: str) -> Corpus:
    """Reads the COCO captions of Texygen: text alone."""
    return Corpus.from_columns(text=lines(SHARED / "coco_captions" / f"{split}.txt"))


def texygen(name: str) -> list[str]:
    """Reads the sentences that Texygen released for one of its models."""
    return lines(SHARED / "coco_captions" / "texygen_samples" / f"{name}.txt")


def lines(path: Path) -> list[str]:
    """Reads the lines of a file that are not empty."""
    return [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]


def words(text: str) -> list[str]:
    """Cuts a text into words and punctuation, as the scores count them."""
    return re.findall(r"\w+|[^\w\s]", text)


def some(corpus: Corpus, count: int, rng: np.random.Generator) -> Corpus:
    """Draws some of the examples."""
    return corpus.take(np.sort(rng.permutation(len(corpus))[:count]))


def fitted(component: Generator, resources: Resources, directory: Path, seed: int) -> float:
    """Fits a generator unless that was done before; returns the CPU seconds that it took."""
    if (directory / "done").exists():
        return float((directory / "done").read_text())
    directory.mkdir(parents=True, exist_ok=True)
    begin = time.process_time()
    component.fit(resources, directory, child_rng(seed, directory.name))
    taken = time.process_time() - begin
    (directory / "done").write_text(str(taken))
    return taken
