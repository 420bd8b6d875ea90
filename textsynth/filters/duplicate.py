"""Drops examples whose text, or wording, was there before, in the run or in the source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.extract import Resources, Template

Difference = Literal["case", "white_space", "punctuation", "unicode_form"]

_WHAT = {"text": "duplicate", "wording": "wording"}
_KEYS = "source.npy"


@dataclass(frozen=True, kw_only=True)
class Duplicate(Filter):
    """Drops an example whose text or wording, after normalisation, equals one before; run-wide, over all shards.

    Texts are compared by 64-bit hashes (8 bytes an example): among ten million, the chance that any two different texts
    pass for equal is three in a million.

    Args:
        compare: "text", or "wording": the text with slots in the place of mentions.
        ignore: differences that do not count: "case", "white_space" (runs of it are one space), "punctuation",
            "unicode_form" (NFKC).
        against_source: whether what the source has counts as being there before.
        against_run: whether what the run has delivered so far does.
    """

    compare: Literal["text", "wording"] = "text"
    ignore: tuple[Difference, ...] = ("case", "white_space", "unicode_form")
    against_source: bool = True
    against_run: bool = True

    def knows_source(self) -> bool:
        """It does where it compares with it."""
        return self.against_source

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Keeps the hashes of the source."""
        keys = self._keys(resources.source) if self.against_source else np.zeros(0, np.uint64)
        np.save(directory / _KEYS, np.unique(keys))

    def judge(self, directory: Path) -> Judge:
        """Begins with the source, and remembers all that it is shown."""
        source = np.load(directory / _KEYS)
        seen = _SortedRuns()
        what = _WHAT[self.compare]
        of_source, of_run = f"{what} of the source", f"{what} of another example"

        def reasons(corpus: Corpus) -> list[str | None]:
            keys = self._keys(corpus)
            known, repeated = _find(source, keys), np.zeros(len(keys), bool)
            if self.against_run:
                repeated = seen.find(keys) | _later(keys)
                seen.add(keys)
            return [of_source if s else of_run if r else None for s, r in zip(known, repeated, strict=True)]

        return reasons

    def _keys(self, corpus: Corpus) -> np.ndarray:
        compared = corpus.texts if self.compare == "text" else _wordings(corpus)
        texts = normalise(compared, self.ignore).cast(pa.binary()).to_pylist()
        return np.fromiter((xxhash.xxh3_64_intdigest(text) for text in texts), np.uint64, len(texts))


def _wordings(corpus: Corpus) -> pa.StringArray:
    return pa.array([Template.of(example).to_text() for example in corpus], pa.string())


def normalise(texts: pa.StringArray, ignore: tuple[Difference, ...]) -> pa.StringArray:
    r"""Returns texts without the differences that do not count.

    >>> normalise(pa.array(["Ａ  quick\u00a0Fox."]), ("case", "white_space", "unicode_form")).to_pylist()
    ['a quick fox.']
    """
    if "unicode_form" in ignore:
        texts = pc.utf8_normalize(texts, form="NFKC")
    if "case" in ignore:
        texts = pc.utf8_lower(pc.utf8_upper(texts))  # both ways, so that the two small sigmas are one
    if "punctuation" in ignore:
        texts = pc.replace_substring_regex(texts, r"\p{P}+", "")
    if "white_space" in ignore:
        texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, r"[\s\p{Z}\x{0b}\x{85}\x{1c}-\x{1f}]+", " "))
    return texts


class _SortedRuns:
    """A growing set of hashes as a few sorted arrays, each at least twice the next: 8 bytes an entry."""

    def __init__(self) -> None:
        self._runs: list[np.ndarray] = []

    def find(self, keys: np.ndarray) -> np.ndarray:
        """Says for each key whether it was added before."""
        found = np.zeros(len(keys), bool)
        for run in self._runs:
            found |= _find(run, keys)
        return found

    def add(self, keys: np.ndarray) -> None:
        """Adds keys, merging runs of about the same size."""
        run = np.unique(keys)
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = np.union1d(self._runs.pop(), run)
        self._runs.append(run)


def _find(run: np.ndarray, keys: np.ndarray) -> np.ndarray:
    if len(run) == 0:
        return np.zeros(len(keys), bool)
    position = np.minimum(np.searchsorted(run, keys), len(run) - 1)
    return run[position] == keys


def _later(keys: np.ndarray) -> np.ndarray:
    """Says for each key whether an earlier one of the same array equals it."""
    later = np.ones(len(keys), bool)
    later[np.unique(keys, return_index=True)[1]] = False
    return later
