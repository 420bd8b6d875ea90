"""Drops examples whose text, or wording, the run or the source has already."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from textsynth.components.filter import Filter, Judge
from textsynth.components.generator import Generator
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.extract.template import list_wordings

Difference = Literal["case", "white_space", "punctuation", "unicode_form"]

_REASONS = {"text": "duplicate", "wording": "wording"}
"""How the reason begins, by what is compared."""
_HASHES = "source.npy"
"""The file of the hashes of the source, sorted, without repeats."""


@dataclass(frozen=True, kw_only=True)
class Duplicate(Filter):
    """Drops an example whose text or wording, once normalised, equals one of the source or an earlier one of the run.

    Texts are compared by 64-bit hashes (8 bytes an example): among ten million, the chance that any two different texts
    pass for equal is three in a million.

    Args:
        compare: "text", or "wording": the text with slots instead of mentions.
        ignore: differences that do not count: "case", "white_space" (runs of it are one space), "punctuation",
            "unicode_form" (NFKC).
        against_source: whether an example that the source has is dropped.
        against_run: whether an example that the run has made before is dropped.
    """

    compare: Literal["text", "wording"] = "text"
    ignore: tuple[Difference, ...] = ("case", "white_space", "unicode_form")
    against_source: bool = True
    against_run: bool = True

    def knows_source(self) -> bool:
        """Says whether it compares with the source."""
        return self.against_source

    def check_generator(self, generator: Generator) -> None:
        """Refuses a generator whose examples differ from the source in nothing but what is ignored."""
        differences = generator.list_differences()
        if not self.against_source or not differences:
            return
        if self.compare == "wording" and "mentions" in differences and differences <= {*self.ignore, "mentions"}:
            raise OptionError(
                'option \'compare\' must be "text" beside a generator that changes mentions alone, was "wording", '
                "which the source has of all of them; or against_source = false, which keeps one example of each"
            )
        if differences <= set(self.ignore):
            rest = json.dumps([each for each in self.ignore if each not in differences])
            says = "option 'ignore' must leave out what all that it makes differs in"
            names = " and ".join(sorted(differences))
            raise OptionError(f"{says}, {names}, or everything is a duplicate; ignore = {rest} keeps it")

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Keeps the hashes of the source."""
        hashes = self._hash(resources.source) if self.against_source else np.zeros(0, np.uint64)
        np.save(directory / _HASHES, np.unique(hashes))

    def judge(self, directory: Path) -> Judge:
        """Compares with the source and with all examples that were judged before."""
        source = np.load(directory / _HASHES)
        seen = _HashSet()
        begin = _REASONS[self.compare]
        of_source, of_run = f"{begin} of the source", f"{begin} of another example"

        def reasons(corpus: Corpus) -> list[str | None]:
            hashes = self._hash(corpus)
            in_source, in_run = _find(source, hashes), np.zeros(len(hashes), bool)
            if self.against_run:
                in_run = seen.find(hashes) | _find_repeats(hashes)
                seen.add(hashes)
            return [of_source if s else of_run if r else None for s, r in zip(in_source, in_run, strict=True)]

        return reasons

    def _hash(self, corpus: Corpus) -> np.ndarray:
        """Returns the hash of each example, `(examples,)`."""
        compared = corpus.texts if self.compare == "text" else list_wordings(corpus)
        texts = normalise(compared, self.ignore).cast(pa.binary()).to_pylist()
        return np.fromiter((xxhash.xxh3_64_intdigest(text) for text in texts), np.uint64, len(texts))


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


class _HashSet:
    """A growing set of hashes as a few sorted arrays, each at least twice as long as the next: 8 bytes an entry.

    A Python set takes about 60 bytes an entry. One sorted array would have to be copied whole for each shard; here an
    entry is copied about as often as the set has doubled since it was added.
    """

    def __init__(self) -> None:
        self._arrays: list[np.ndarray] = []

    def find(self, hashes: np.ndarray) -> np.ndarray:
        """Says for each key whether it was added before."""
        found = np.zeros(len(hashes), bool)
        for array in self._arrays:
            found |= _find(array, hashes)
        return found

    def add(self, hashes: np.ndarray) -> None:
        """Adds hashes, and merges arrays of about the same size."""
        added = np.unique(hashes)
        while self._arrays and len(self._arrays[-1]) < 2 * len(added):
            added = np.union1d(self._arrays.pop(), added)
        self._arrays.append(added)


def _find(array: np.ndarray, hashes: np.ndarray) -> np.ndarray:
    """Says for each hash whether a sorted array has it, by binary search."""
    if len(array) == 0:
        return np.zeros(len(hashes), bool)
    # A hash larger than all would stand behind the last, at no valid index; the last is as unequal to it.
    position = np.minimum(np.searchsorted(array, hashes), len(array) - 1)
    return array[position] == hashes


def _find_repeats(hashes: np.ndarray) -> np.ndarray:
    """Says for each key whether an earlier one of the same array equals it."""
    is_repeat = np.ones(len(hashes), bool)
    is_repeat[np.unique(hashes, return_index=True)[1]] = False  # `unique` gives the first index of each.
    return is_repeat
