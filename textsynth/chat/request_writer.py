"""ChatSampler: from a count and an rng to requests, and from their answers to examples."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from textsynth.chat.client import ChatClient
from textsynth.chat.options import TaskOptions
from textsynth.chat.prompt_spec import PromptSpec
from textsynth.chat.prompt_template import PromptTemplate
from textsynth.chat.reply import answer_schema
from textsynth.chat.request import Answer, Request, Sampling
from textsynth.chat.sentence_spec import SentenceSpec, SpecSampler
from textsynth.chat.verdict import Judge, Verdict
from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.foundation.progress import current_stage
from textsynth.values import Pools

SOURCE, TEMPLATE = "source.parquet", "template.jinja"


@dataclass(frozen=True)
class Shot:
    """An example of the source as a template sees it.

    Args:
        text: the text.
        label: its class, or None.
        mentions: each with `text` and `label`.
        json: the example as an answer should write it; the text alone where not all mentions in it are known.
    """

    text: str
    label: str | None
    mentions: tuple[dict[str, str], ...]
    json: str


class SentenceRequest(NamedTuple):
    """A request with what is needed to judge the answer.

    Args:
        request: what is asked.
        label: the class of its sentences.
        specs: what each of them is asked to be.
        shots: the texts it shows.
    """

    request: Request
    label: str | None
    specs: tuple[SentenceSpec, ...]
    shots: tuple[str, ...]


class RequestWriter:
    """Writes requests, from what a fit has left in a directory.

    Args:
        options: what sentences are asked for.
        model: the name of the model.
        sampling: how answers are drawn.
        directory: the fitted one.
    """

    def __init__(self, options: TaskOptions, model: str, sampling: Sampling, directory: Path) -> None:
        self._options, self._model, self._sampling = options, model, sampling
        self.task = PromptSpec.read(directory)
        pools = Pools.read(directory) if self.task.seeded else None
        self._spec_sampler = SpecSampler(self.task, pools, options.mentions, options.attributes)
        self._template = PromptTemplate((directory / TEMPLATE).read_text(encoding="utf-8"), template_name(options))
        self._source = Corpus.read_parquet(directory / SOURCE)
        listed = list(self.task.labels) if options.listing else []
        self._schema = answer_schema(listed)

    def inquiries(self, count: int, rng: np.random.Generator, label: str | None) -> list[SentenceRequest]:
        """Draws as many requests as it takes to ask for so many sentences; none for a class that there is not."""
        if label is not None and label not in self.task.classes:
            return []
        full, rest = divmod(count, self._options.per_request)
        sizes = [self._options.per_request] * full + [rest] * bool(rest)
        return [self._inquiry(size, rng, label) for size in sizes]

    def _inquiry(self, size: int, rng: np.random.Generator, label: str | None) -> SentenceRequest:
        """Draws the class of one request, a spec for each sentence, shots, and a seed, in this order."""
        classes = list(self.task.classes)
        if label is None and classes:
            label = classes[int(rng.choice(len(classes), p=self.task.shares))]
        specs = tuple(self._spec_sampler.draw(label, rng) for _ in range(size))
        shots = [self._source[int(row)] for row in self._rows(label, rng)]
        variables: dict[str, Any] = {
            "count": size,
            "genre": self._options.genre,
            "language": self._options.language,
            "labels": dict(self.task.labels),
            "classes": dict(self.task.classes),
            "label": label,
            "seeded": self.task.seeded,
            "specs": specs,
            "shots": [self._shot(example) for example in shots],
            "listing": self._options.listing,
        }
        messages = self._template.messages(variables)
        request = Request(self._model, messages, self._sampling, int(rng.integers(2**31)), self._schema)
        return SentenceRequest(request, label, specs, tuple(example.text for example in shots))

    def _rows(self, label: str | None, rng: np.random.Generator) -> np.ndarray:
        """Draws the rows of the source that are shown: different ones, of the class alone where one is asked for."""
        own = self._rows_of.get(label or "", np.zeros(0, np.int64))
        return own[rng.choice(len(own), min(self._options.shots, len(own)), replace=False)]

    @functools.cached_property
    def _rows_of(self) -> dict[str, np.ndarray]:
        labels = np.array([each or "" for each in self._source.table.column("label").to_pylist()], object)
        by_class = {name: np.flatnonzero(labels == name) for name in self.task.classes if (labels == name).any()}
        return by_class | {"": np.arange(len(labels))}

    def _shot(self, example: Example) -> Shot:
        pairs = zip(example.spans, example.mentions(), strict=True)
        mentions = tuple(
            {"text": words, "label": span.label} for span, words in pairs if span.label in self.task.labels
        )
        shown = self.task.labels and self.task.annotated and self._options.listing
        listed = {"text": example.text, "mentions": mentions} if shown else None
        return Shot(example.text, example.label, mentions, json.dumps(listed or example.text, ensure_ascii=False))


class ChatSampler:
    """The sampler: requests, their answers, and the examples in them.

    Args:
        writer: writes requests.
        client: has them answered.
    """

    def __init__(self, writer: RequestWriter, client: ChatClient) -> None:
        self._request_writer, self._client = writer, client
        self._bench = Judge(writer.task)

    def __call__(self, count: int, rng: np.random.Generator, label: str | None = None) -> Draft:
        """Asks for so many sentences; what is no example of what was asked for is rejected."""
        inquiries = self._request_writer.inquiries(count, rng, label)
        answers = self._client.ask([each.request for each in inquiries], _Told(len(inquiries)))
        verdicts = [each for pair in zip(inquiries, answers, strict=True) for each in self._judge(*pair)]
        # Prose has no spaces before its punctuation, so its tokens are words, whatever those of the source are.
        corpus = Corpus.from_examples((each.example for each in verdicts), tokenizer="words")
        return Draft(corpus, [each.reason for each in verdicts])

    def _judge(self, inquiry: SentenceRequest, answer: Answer) -> Sequence[Verdict]:
        return self._bench.judge(answer, inquiry.label, inquiry.specs, inquiry.shots)


class _Told:
    """Tells the stage under way how many requests are answered."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0

    def __call__(self, amount: int) -> None:
        self._done += amount
        current_stage().tell(f"{self._done} of {self._total} answers")


def template_name(options: TaskOptions) -> str:
    """Returns what the template is called in errors."""
    return str(options.template or "sentences.jinja")
