"""Drops texts that have words of a list."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.foundation.disk import write_whole
from textsynth.labelling.phrases import PhraseSearch
from textsynth.reading.records import Faults, read_lines

_WORDS = "words.json"


@dataclass(frozen=True, kw_only=True)
class Toxicity(Filter):
    """Drops texts that have a word or phrase of a list, in whatever case, as whole words.

    What is toxic differs from one use to the next, so no list comes with it.

    Args:
        path: a text file with a word or phrase a line; blank lines and those that begin with "# " are passed over.
        words: more of them.
    """

    example_options = {"words": ("bloody", "Paris")}

    path: Path | None = None
    words: tuple[str, ...] = ()

    def libraries(self) -> frozenset[str]:
        """Names what looks for many words at once."""
        return frozenset({"ahocorasick-rs"})

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the list from a folder."""
        return dataclasses.replace(self, path=folder / self.path if self.path else None)

    def knows_source(self) -> bool:
        """Says that it learns nothing of the source; only the list is kept."""
        return False

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Keeps the list.

        Raises:
            InputError: if the file cannot be read.
            OptionError: if there are no words.
        """
        words = {each.strip() for each in [*self.words, *self._read()]} - {""}
        if not words:
            raise OptionError("option 'path' or 'words' must give words to look for, neither does")
        write_whole(directory / _WORDS, json.dumps(sorted(words)))

    def _read(self) -> list[str]:
        lines = read_lines(self.path, "utf-8", Faults()) if self.path else []
        return [line for _, line in lines if not line.startswith("# ")]

    def judge(self, directory: Path) -> Judge:
        """Builds the search."""
        listed = pa.array(json.loads((directory / _WORDS).read_text()), pa.string())
        search = PhraseSearch(_fold(listed).to_pylist())

        def reasons(corpus: Corpus) -> list[str | None]:
            found = np.bincount(search.find(_fold(corpus.texts)).rows, minlength=len(corpus))
            return ["has a word of the list" if each else None for each in found.tolist()]

        return reasons


def _fold(texts: pa.StringArray) -> pa.StringArray:
    """Returns texts in small letters, and in one form of Unicode."""
    return pc.utf8_lower(pc.utf8_normalize(texts, form="NFKC"))
