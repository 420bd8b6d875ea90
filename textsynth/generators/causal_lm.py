"""Fine-tunes a pretrained causal language model on the source, and samples it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

import numpy as np
import pydantic

from textsynth.component import Positive
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.generator import Draft, Generator, Sampler
from textsynth.models.options import Above0, WritingOptions
from textsynth.pretrained.loading import PretrainedOptions
from textsynth.pretrained.tuning_options import TuningOptions

if TYPE_CHECKING:
    from textsynth.pretrained.trained_causal import Wish

_SOURCE = "source.parquet"


@dataclass(frozen=True, kw_only=True)
class CausalLm(PretrainedOptions, TuningOptions, WritingOptions, Generator):
    """Fine-tunes a pretrained causal model on the source, and has it write sentences with the labels asked for.

    A sentence is asked for with its class (as LAMBADA does: Anaby-Tavor et al. 2020) and with its slots or mentions.
    Delexicalised, mentions are slots, which are filled afterwards. Entity-seeded, mentions are drawn first, and the
    model writes the sentence around them. Linearised (DAGA, Ding et al. 2020), it writes mentions itself, between
    marks. What is malformed, or lacks a mention, is rejected.

    Args:
        mode: "delexicalised", "entity_seeded" or "linearised".
        mentions: how many slots or mentions a sentence is asked for with, at most; 0 for as many as the source has.
        constrained: whether only marks that fit may be written: those asked for, until all are there. Then no sentence
            lacks one, and the text of a seeded mention is not left to the model.
    """

    mode: Literal["delexicalised", "entity_seeded", "linearised"] = "delexicalised"
    mentions: Annotated[int, pydantic.Field(ge=0)] = 3
    constrained: bool = True
    learning_rate: Above0 = 3e-4
    batch_size: Positive = 4
    temperature: Annotated[float, pydantic.Field(ge=0)] = 0.9
    top_p: Annotated[float, pydantic.Field(gt=0, le=1)] = 0.95

    def anchored(self, folder: Path) -> Self:
        """Takes the model and files of words from a folder."""
        return dataclasses.replace(super().anchored(folder), model=self.anchored_model(folder))

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Fine-tunes the model."""
        from textsynth.models.filling import write_filler
        from textsynth.models.shortage import warn_of_few
        from textsynth.pretrained.trained_causal import learn_causal

        seed = int(rng.integers(2**63))
        if not any(text.strip() for text in resources.source.texts.to_pylist()):
            raise OptionError("causal_lm: the source must have sentences to learn from, has none")
        warn_of_few("causal_lm", resources.source)
        write_filler(self, resources, rng, directory)
        resources.source.write_parquet(directory / _SOURCE)
        learn_causal(resources.source, self.mode, self, self, directory, seed)

    def sampler(self, directory: Path) -> Sampler:
        """Loads the model."""
        return _Asking(self, directory)


class _Asking:
    """The sampler: classes and labels of sentences of the source, a sentence for each."""

    def __init__(self, options: CausalLm, directory: Path) -> None:
        from textsynth.models.filling import read_filler
        from textsynth.pretrained.trained_causal import read_causal

        self._options = options
        self._seeds = read_filler(directory, slots=True)
        self._filler = read_filler(directory, slots=options.mode == "delexicalised")
        source = Corpus.read_parquet(directory / _SOURCE)
        self._trained = read_causal(source, options, options, directory)
        self._classes: list[str | None] = source.table.column("label").to_pylist()
        self._labels = [[span.label for span in example.spans] for example in source]

    def __call__(self, count: int, rng: np.random.Generator, label: str | None = None) -> Corpus | Draft:
        from textsynth.models.device import threads

        rows = np.flatnonzero([label in (None, each) for each in self._classes])
        if len(rows) == 0:
            return Corpus.empty()
        wishes = self._wishes(rows[rng.integers(len(rows), size=count)], rng)
        style = self._options.temperature, self._options.top_p
        with threads(self._options.threads):
            written = self._trained.write(wishes, style, self._options.constrained, rng)
        return self._filler.corpus(written, [wish.name for wish in wishes], rng)

    def _wishes(self, rows: np.ndarray, rng: np.random.Generator) -> list[Wish]:
        """Takes the classes and labels of these sentences of the source; of the labels some that follow each other."""
        from textsynth.models.vocabulary import Part
        from textsynth.pretrained.trained_causal import Wish

        labels = [_some(self._labels[row], self._options.mentions, rng) for row in rows]
        if self._options.mode == "entity_seeded":
            mentions = self._seeds.mentions(labels, rng)
        else:
            linear = self._options.mode == "linearised"
            mentions = [[] if linear else [Part("", label) for label in each] for each in labels]
        return [Wish(self._classes[row], each) for row, each in zip(rows, mentions, strict=True)]


def _some(labels: list[str], most: int, rng: np.random.Generator) -> list[str]:
    """Returns so many labels that follow each other, beginning anywhere; all where there are no more."""
    if not most or len(labels) <= most:
        return labels
    first = int(rng.integers(len(labels) - most + 1))
    return labels[first : first + most]
