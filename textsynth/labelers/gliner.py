"""Finds mentions by the names of their labels, with GLiNER."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

import pydantic
from sentencex import segment

from textsynth.components.component import Positive
from textsynth.components.labeler import Finder, Finding, Findings, Labeler
from textsynth.corpus import Corpus
from textsynth.corpus.example import trim_edges
from textsynth.errors import MissingDependency, OptionError
from textsynth.foundation.disk import prefer_directory

Word = tuple[str, int, int]
"""A word as GLiNER cuts it, with its start and end."""

_PACKAGE = "gliner"


@dataclass(frozen=True, kw_only=True)
class Gliner(Labeler):
    """Finds mentions of any labels by what they are called, with GLiNER (Zaratiana et al. 2023).

    The package `gliner` is in no extra: version 0.2.29 wants a transformers under 5.17, so it wants an environment of
    its own. How sure it is of a mention is its own score. A text that is longer than it reads falls into pieces, at the
    ends of sentences where there are any.

    Args:
        model: a directory, or "owner/name" on the hub.
        labels: each label, with what the model is told that it means, such as { DRUG = "drug or medicine" }; if that is
            empty, the label itself in small letters.
        threshold: the least score of a mention.
        batch: texts that it reads at a time.
    """

    file_options: ClassVar[frozenset[str]] = frozenset({"model"})

    reads_context = True
    example_options = {"labels": {"PERSON": "person"}}

    model: str = "urchade/gliner_small-v2.1"
    labels: dict[str, str] = field(default_factory=lambda: {"PERSON": "", "ORGANIZATION": "", "LOCATION": ""})
    threshold: Annotated[float, pydantic.Field(ge=0, le=1)] = 0.5
    batch: Positive = 8

    def libraries(self) -> frozenset[str]:
        """Names GLiNER's package, and torch."""
        return frozenset({_PACKAGE, "torch"})

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the directory of the model from a folder, if there is one."""
        return dataclasses.replace(self, model=prefer_directory(folder, self.model))

    def needs(self) -> list[str]:
        """Checks that the package is there."""
        if importlib.util.find_spec(_PACKAGE) is None:
            raise MissingDependency(
                f"labeler 'gliner': the package {_PACKAGE} must be installed, is not; it wants an environment with a "
                "transformers under 5.17"
            )
        return []

    def load(self, language: str, workers: int = 1) -> Finder:
        """Loads the model.

        Raises:
            MissingDependency: if the package is not installed.
            OptionError: if there are no labels, two are called the same, or the model cannot be loaded.
        """
        self.needs()
        import torch

        called = self._name_labels()
        with torch.random.fork_rng(devices=[]):
            model = self._load_model()
        most = int(model.config.max_len)

        def find(corpus: Corpus) -> Findings:
            texts = corpus.texts.to_pylist()
            cut = [
                (row, begin, text[begin:end])
                for row, text in enumerate(texts)
                for begin, end in cut_text(text, list(model.data_processor.words_splitter(text)), most, language)
            ]
            pieces = [piece for _, _, piece in cut]
            options = {"threshold": self.threshold, "flat_ner": True, "batch_size": self.batch}
            with torch.random.fork_rng(devices=[]):  # It draws from torch's own generator.
                answers = model.inference(pieces, list(called), **options) if pieces else []
            found: list[list[Finding]] = [[] for _ in texts]
            for (row, begin, piece), entities in zip(cut, answers, strict=True):
                found[row] += _read(piece, begin, entities, called)
            return Findings.of_lists(found)

        return Finder(find, frozenset(self.labels))

    def _name_labels(self) -> dict[str, str]:
        """Returns the labels by what the model is told of them."""
        called = {meaning or label.lower(): label for label, meaning in self.labels.items()}
        if not called or len(called) < len(self.labels):
            raise OptionError("labeler 'gliner': option 'labels' must have labels, each with a meaning of its own")
        return called

    def _load_model(self) -> Any:
        from gliner import GLiNER

        try:
            return GLiNER.from_pretrained(self.model, local_files_only=Path(self.model).is_dir()).eval()
        except (OSError, ValueError, KeyError) as error:
            first = str(error).partition("\n")[0]
            raise OptionError(f"labeler 'gliner': option 'model' must be a model of GLiNER: {first}") from error


def cut_text(text: str, words: Sequence[Word], most: int, language: str) -> Iterator[tuple[int, int]]:
    """Yields where the pieces of a text begin and end, none of which has more words than are read.

    Args:
        text: the text.
        words: of the text.
        most: how many words are read.
        language: of the text, for the ends of sentences.

    >>> words = [("Go", 0, 2), (".", 2, 3), ("We", 4, 6), ("go", 7, 9), (".", 9, 10)]
    >>> list(cut_text("Go. We go.", words, 4, "en"))
    [(0, 4), (4, 10)]
    """
    begins = set()
    if len(words) > most:
        place = 0
        for sentence in segment(language, text):
            begins.add(place)
            place += len(sentence)
    first, begin = 0, 0
    while len(words) - first > most:
        opens = (number for number in range(first + most, first, -1) if _opens(words, number, begins))
        first = next(opens, first + most)
        yield begin, words[first][1]
        begin = words[first][1]
    if words:
        yield begin, len(text)


def _opens(words: Sequence[Word], number: int, begins: set[int]) -> bool:
    """Says whether a sentence begins behind the word before this one, and at latest with it."""
    return any(place in begins for place in range(words[number - 1][2], words[number][1] + 1))


def _read(piece: str, begin: int, entities: Sequence[dict[str, Any]], called: dict[str, str]) -> Iterator[Finding]:
    """Yields entities as findings in the whole text, without white space around them; of two that overlap the first."""
    last = 0
    for each in sorted(entities, key=lambda entity: (entity["start"], -entity["end"])):
        start, end = trim_edges(piece, each["start"], each["end"])
        if last <= start < end:
            yield begin + start, begin + end, called[each["label"]], min(1.0, float(each["score"]))
            last = end
