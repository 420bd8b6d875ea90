"""From a count and an rng to requests, by what a fit has left in a directory."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from textsynth.chat.options import SentenceOptions
from textsynth.chat.prompt_spec import PromptSpec
from textsynth.chat.prompt_template import DEFAULT, PromptTemplate
from textsynth.chat.reply import answer_schema
from textsynth.chat.request import SEEDS, Request, Sampling
from textsynth.chat.sentence_spec import SentenceSpec, SpecSampler
from textsynth.corpus import Corpus, Tokenizer
from textsynth.corpus.classes import Label, describe_classes, join_classes
from textsynth.corpus.example import Example
from textsynth.values import Pools

SOURCE, TEMPLATE = "source.parquet", "template.jinja"


@dataclass(frozen=True)
class Shot:
    """An example of the source as a template sees it.

    Args:
        text: the text.
        label: its class, or its classes as people read them, or None.
        mentions: each with `text` and `label`.
        json: the example as an answer should write it; the text alone if not all mentions in it are known.
    """

    text: str
    label: str | None
    mentions: tuple[dict[str, str], ...]
    json: str


class SentenceRequest(NamedTuple):
    """A request for sentences, with what is needed to judge the answer.

    Args:
        request: what is asked.
        label: the class of its sentences, several as `join_classes` joins them; None for any.
        specs: what each of them must be.
        shots: the texts it shows.
    """

    request: Request
    label: str | None
    specs: tuple[SentenceSpec, ...]
    shots: tuple[str, ...]


class RequestWriter:
    """Writes requests.

    Args:
        options: which sentences are asked for.
        model: the name of the model.
        directory: the fitted one.
    """

    def __init__(self, options: SentenceOptions, model: str, directory: Path) -> None:
        self._options, self._model = options, model
        self._sampling = Sampling(options.request.temperature, options.request.top_p, options.request.longest)
        self.spec = PromptSpec.read(directory)
        pools = Pools.read(directory) if self.spec.seeded else None
        self._spec_sampler = SpecSampler(self.spec, pools, options.mentions, options.request.attributes)
        name = str(options.request.template or DEFAULT)
        self._template = PromptTemplate((directory / TEMPLATE).read_text(encoding="utf-8"), name)
        self._source = Corpus.read_parquet(directory / SOURCE)
        self._schema = answer_schema(list(self.spec.labels) if options.request.listing else [])

    @property
    def tokenizer(self) -> Tokenizer:
        """How the texts of the source fall into tokens."""
        return self._source.tokenizer

    def write(self, count: int, rng: np.random.Generator, asked: Label | None) -> list[SentenceRequest]:
        """Writes as many requests as it takes to ask for `count` sentences; none for a class that does not exist."""
        label = join_classes(asked)
        if label is not None and label not in self.spec.classes:
            return []
        each = self._options.request.sentences
        full, rest = divmod(count, each)
        sizes = [each] * full + [rest] * bool(rest)
        return [self._write_one(size, rng, label) for size in sizes]

    def _write_one(self, size: int, rng: np.random.Generator, label: str | None) -> SentenceRequest:
        """Draws the class of one request, a spec for each sentence, shots, and a seed, in this order."""
        classes = list(self.spec.classes)
        if label is None and classes:
            label = classes[int(rng.choice(len(classes), p=self.spec.shares))]
        specs = tuple(self._spec_sampler.draw(label, rng) for _ in range(size))
        shots = [self._source[int(row)] for row in self._draw_rows(label, rng)]
        messages = self._template.messages(self._variables(label, specs, shots))
        request = Request(self._model, messages, self._sampling, int(rng.integers(SEEDS)), self._schema)
        return SentenceRequest(request, label, specs, tuple(example.text for example in shots))

    def _variables(self, label: str | None, specs: tuple[SentenceSpec, ...], shots: list[Example]) -> dict[str, Any]:
        """Returns what a template can use."""
        return {
            "count": len(specs),
            "genre": self._options.request.genre,
            "language": self._options.request.language,
            "labels": dict(self.spec.labels),
            "classes": {describe_classes(name): meaning for name, meaning in self.spec.classes.items()},
            "label": None if label is None else describe_classes(label),
            "seeded": self.spec.seeded,
            "specs": specs,
            "shots": [self._shot(example) for example in shots],
            "listing": self._options.request.listing,
        }

    def _draw_rows(self, label: str | None, rng: np.random.Generator) -> np.ndarray:
        """Draws the rows of the source that are shown: different ones, of the class alone if one is asked for."""
        own = self._rows_of_class.get(label or "", np.zeros(0, np.int64))
        return own[rng.choice(len(own), min(self._options.request.shots, len(own)), replace=False)]

    @functools.cached_property
    def _rows_of_class(self) -> dict[str, np.ndarray]:
        """The rows of the source of each class; all of them under ""."""
        labels = np.array([each or "" for each in self._source.table.column("label").to_pylist()], object)
        by_class = {name: np.flatnonzero(labels == name) for name in self.spec.classes if (labels == name).any()}
        return by_class | {"": np.arange(len(labels))}

    def _shot(self, example: Example) -> Shot:
        pairs = zip(example.spans, example.mentions(), strict=True)
        mentions = tuple(
            {"text": words, "label": span.label} for span, words in pairs if span.label in self.spec.labels
        )
        has_list = self.spec.labels and self.spec.annotated and self._options.request.listing
        listed = {"text": example.text, "mentions": mentions} if has_list else None
        label = None if example.label is None else describe_classes(example.label)
        return Shot(example.text, label, mentions, json.dumps(listed or example.text, ensure_ascii=False))
