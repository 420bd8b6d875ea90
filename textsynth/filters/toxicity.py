"""Drops texts that have words of a list, or that a model takes for toxic."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pydantic

from textsynth.components.component import Share
from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.foundation.disk import write_whole
from textsynth.labelling.phrases import PhraseSearch
from textsynth.pretrained.judging import find_highest, load_judge
from textsynth.pretrained.loading import resolve_model
from textsynth.reading.records import Faults, read_lines

_WORDS = "words.json"


@dataclass(frozen=True, kw_only=True)
class Toxicity(Filter):
    """Drops texts that have a word or phrase of a list, in whatever case, as whole words; or that a model finds toxic.

    What is toxic differs from one use to the next, so no list and no model comes with it.

    Args:
        path: a text file with a word or phrase a line; blank lines and those that begin with "# " are passed over.
        words: more of them.
        model: a transformer for sequence classification: a directory, "package:NAME/PATH", or "owner/name" on the hub.
        classes: which of its classes are toxic.
        line: how likely one of these must be for a text to be dropped.
    """

    example_options = {"words": ("bloody", "Paris")}

    path: Path | None = None
    words: tuple[str, ...] = ()
    model: str = ""
    classes: Annotated[tuple[str, ...], pydantic.Field(min_length=1)] = ("toxic",)
    line: Share = 0.5

    def libraries(self) -> frozenset[str]:
        """Names what looks for many words at once, and what runs the model."""
        return frozenset({"ahocorasick-rs", *(("torch", "transformers", "tokenizers") if self.model else ())})

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the list and the model from a folder."""
        path = folder / self.path if self.path else None
        return dataclasses.replace(self, path=path, model=resolve_model(self.model, folder) if self.model else "")

    def knows_source(self) -> bool:
        """Says that it learns nothing of the source; only the list is kept."""
        return False

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Keeps the list, and looks whether the model can be loaded.

        Raises:
            InputError: if the file cannot be read.
            OptionError: if there are no words and no model, or the model has no such classes.
            TextsynthError: if the model cannot be found, or what loads it is not installed.
        """
        if self.model:
            load_judge(self.model, self.classes)
        words = {each.strip() for each in [*self.words, *self._read()]} - {""}
        if not words and not self.model:
            raise OptionError("option 'path' or 'words' must give words to look for, or 'model' a model; none does")
        write_whole(directory / _WORDS, json.dumps(sorted(words)))

    def _read(self) -> list[str]:
        lines = read_lines(self.path, "utf-8", Faults()) if self.path else []
        return [line for _, line in lines if not line.startswith("# ")]

    def judge(self, directory: Path) -> Judge:
        """Builds the search, and loads the model."""
        listed = pa.array(json.loads((directory / _WORDS).read_text()), pa.string())
        search = PhraseSearch(_fold(listed).to_pylist())

        def reasons(corpus: Corpus) -> list[str | None]:
            found = np.bincount(search.find(_fold(corpus.texts)).rows, minlength=len(corpus))
            return ["has a word of the list" if each else None for each in found.tolist()]

        if not self.model:
            return reasons
        loaded, columns = load_judge(self.model, self.classes)

        def all_reasons(corpus: Corpus) -> list[str | None]:
            toxic = find_highest(loaded, columns, corpus.texts.to_pylist()) > self.line
            both = zip(reasons(corpus), toxic.tolist(), strict=True)
            return [reason or ("a model finds it toxic" if each else None) for reason, each in both]

        return all_reasons


def _fold(texts: pa.StringArray) -> pa.StringArray:
    """Returns texts in small letters, and in one form of Unicode."""
    return pc.utf8_lower(pc.utf8_normalize(texts, form="NFKC"))
