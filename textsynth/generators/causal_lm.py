"""Fine-tunes a pretrained causal language model on the source, and samples it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

import numpy as np
import pydantic

from textsynth.components.generator import Draft, Generator, Sampler
from textsynth.corpus import Corpus
from textsynth.corpus.classes import Label, join_classes
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.pretrained.causal.options import CausalOptions
from textsynth.wording.options import WritingOptions

if TYPE_CHECKING:
    from textsynth.pretrained.causal.trained import SentenceSpec
    from textsynth.wording.vocabulary import Part

_SOURCE = "source.parquet"
_SPARE = 2
"""Mentions of each label that a sentence with seeds may have beside them."""


@dataclass(frozen=True, kw_only=True)
class CausalLm(CausalOptions, WritingOptions, Generator):
    """Fine-tunes a pretrained causal model on the source, and has it write sentences with the labels asked for.

    A sentence is asked for with its class (as LAMBADA does: Anaby-Tavor et al. 2020) and with its slots or mentions.
    Delexicalised, mentions are slots, which are filled afterwards. Entity-seeded, mentions are drawn first, and the
    model writes the sentence around them. Linearised (DAGA, Ding et al. 2020), it writes mentions itself, between
    marks. What is malformed, or lacks a mention, is rejected.
    """

    extras = ("models",)

    example_options: ClassVar[Mapping[str, Any]] = {"loading": {"device": "cpu"}, "tuning": {"epochs": 1}}

    temperature: Annotated[float, pydantic.Field(ge=0)] = 0.9
    top_p: Annotated[float, pydantic.Field(gt=0, le=1)] = 0.95

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the model and files of words from a folder."""
        return dataclasses.replace(super().resolve_paths(folder), model=self.resolve_model_path(folder))

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Fine-tunes the model."""
        from textsynth.pretrained.causal.trained import learn_causal
        from textsynth.training.shortage import warn_of_few
        from textsynth.wording.filling import write_filler

        seed = int(rng.integers(2**63))
        if not any(text.strip() for text in resources.source.texts.to_pylist()):
            raise OptionError("causal_lm: the source must have sentences to learn from, has none")
        warn_of_few("causal_lm", resources.source)
        write_filler(self, resources, rng, directory)
        resources.source.write_parquet(directory / _SOURCE)
        learn_causal(resources.source, self, directory, seed)

    def sampler(self, directory: Path) -> Sampler:
        """Loads the model."""
        return _CausalSampler(self, directory)


class _CausalSampler:
    """The sampler: classes and labels of sentences of the source, a sentence for each."""

    def __init__(self, options: CausalLm, directory: Path) -> None:
        from textsynth.pretrained.causal.trained import read_causal
        from textsynth.wording.filling import read_filler

        self._options = options
        self._seeds = read_filler(directory, slots=True)
        self._filler = read_filler(directory, slots=options.mode == "delexicalised")
        source = Corpus.read_parquet(directory / _SOURCE)
        self._trained = read_causal(source, options, directory)
        self._classes: list[str | None] = source.table.column("label").to_pylist()
        self._labels = [[span.label for span in example.spans] for example in source]

    def __call__(self, count: int, rng: np.random.Generator, label: Label | None = None) -> Corpus | Draft:
        from textsynth.training.device import threads

        asked = join_classes(label)
        rows = np.flatnonzero([asked in (None, each) for each in self._classes])
        if len(rows) == 0:
            return Corpus.empty()
        specs = self._specs(rows[rng.integers(len(rows), size=count)], rng)
        style = self._options.temperature, self._options.top_p
        with threads(self._options.loading.threads):
            written = self._trained.write(specs, style, self._options.constrained, rng)
        return self._filler.corpus(written, [spec.name for spec in specs], rng)

    def _specs(self, rows: np.ndarray, rng: np.random.Generator) -> list[SentenceSpec]:
        """Takes the classes and labels of these sentences of the source, and what else each may have."""
        from textsynth.pretrained.causal.trained import SentenceSpec

        options = self._options
        listed = [options.draw_listed(self._labels[row], rng) for row in rows]
        spare = [self._trained.codec.labels * _SPARE if options.more_mentions else ()] * len(rows)
        names = [self._classes[row] for row in rows]
        return list(map(SentenceSpec, names, self._parts(listed, names, rng), self._parts(spare, names, rng)))

    def _parts(
        self, labels: Sequence[Sequence[str]], classes: Sequence[str | None], rng: np.random.Generator
    ) -> list[list[Part]]:
        """Returns slots of these labels, or draws mentions; neither if the model writes them itself."""
        from textsynth.wording.vocabulary import Part

        if self._options.mode == "entity_seeded":
            return self._seeds.mentions(labels, classes, rng)
        slots = self._options.mode == "delexicalised"
        return [[Part("", label) for label in each if slots] for each in labels]
