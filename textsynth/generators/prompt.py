"""Asks a chat model for sentences, in this process or on a server."""

from __future__ import annotations

import dataclasses
import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np

from textsynth.chat.options import ServerOptions, SpendingOptions, TaskOptions
from textsynth.components.generator import Generator, Sampler
from textsynth.components.learned import Fact, write_learned
from textsynth.components.preview import Preview, SamplerCall
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.pretrained.loading import PretrainedOptions
from textsynth.reading.records import open_binary
from textsynth.values import draw_pools
from textsynth.values.source import Draw
from textsynth.wording.options import WritingOptions

if TYPE_CHECKING:
    from textsynth.chat.budget import Prices
    from textsynth.chat.request import Backend, Request
    from textsynth.chat.request_writer import RequestWriter
    from textsynth.pretrained.model_source import ModelSource

_ANSWERS = "answers"
_PACKAGED = "package:"


@dataclass(frozen=True, kw_only=True)
class Prompt(TaskOptions, WritingOptions, ServerOptions, SpendingOptions, PretrainedOptions, Generator):
    """Asks a chat model for sentences: with drawn mentions, of labels and classes by name, like examples, varied.

    Every answer is kept, so that none is paid twice. A sentence without its mentions, or with more, is rejected.

    Args:
        backend: "local" has the model in this process; "server" asks any OpenAI-compatible one (vLLM, llama.cpp,
            Ollama, `transformers serve`, OpenAI), which the mentions and the examples of the source are sent to.
        model: for "server", the name it knows the model by; for "local", a directory, a .gguf file, "owner/name" on
            the hub, or "package:NAME/FILE" inside an installed package.
    """

    example_options: ClassVar[Mapping[str, Any]] = {
        "loading": {"device": "cpu"},
        "per_request": 1,
        "mentions": (1, 1),
        "longest": 60,
    }

    backend: Literal["local", "server"] = "local"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.backend == "server" and (not self.model or self.model.startswith(_PACKAGED)):
            raise OptionError(f"option 'model' must be the name of a model of the server, was: {self.model!r}")

    def resolve_paths(self, folder: Path) -> Self:
        """Takes template, cache, word lists and a model that is a path from a folder."""
        return dataclasses.replace(
            super().resolve_paths(folder),
            template=folder / self.template if self.template else None,
            cache=folder / self.cache if self.cache else None,
            model=self.resolve_model_path(folder) if self.backend == "local" else self.model,
        )

    def locate_models(self) -> list[ModelSource]:
        """Says where the model is; nothing is loaded where a server is asked."""
        return [] if self.backend == "server" else super().locate_models()

    def needs(self) -> list[str]:
        """Says which model is loaded from where, or asked where."""
        return [f"{self.model}, asked at {self.base_url}"] if self.backend == "server" else super().needs()

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Settles the task, draws the values, and keeps template and examples; checks that somebody could answer."""
        self._prepare(resources, directory, rng)
        self._check_backend()
        (directory / _ANSWERS).mkdir(exist_ok=True)
        write_learned(directory, {"backend": self.backend, "model": self.model})

    def sampler(self, directory: Path) -> Sampler:
        """Reads the task; a model is loaded when the first answer is missing."""
        from textsynth.chat.archive import Archive
        from textsynth.chat.budget import Budget, Caps
        from textsynth.chat.client import ChatClient
        from textsynth.chat.request_writer import ChatSampler

        archive = Archive(directory / _ANSWERS, self.cache)
        budget = Budget(Caps(self.max_tokens_total, self.max_cost), self._prices(), archive)
        return ChatSampler(self._request_writer(directory), ChatClient(self._backend(), archive, budget))

    def account(self, directory: Path) -> dict[str, Fact]:
        """Returns what all answers took, those of earlier starts included."""
        from textsynth.chat.archive import Archive

        spent = Archive(directory / _ANSWERS).compute_usage()
        facts: dict[str, Fact] = {"answers": spent.requests, "tokens_in": spent.prompt_tokens}
        facts |= {"tokens_out": spent.new_tokens, "answers_not_counted": spent.estimated or None}
        return facts | {"cost": self._prices().cost(spent)}

    def preview(
        self, resources: Resources, rng: np.random.Generator, asked: Sequence[SamplerCall], prompts: int
    ) -> Preview:
        """Writes the first requests, and estimates the rest of the first round from them."""
        from textsynth.chat.archive import Usage

        with tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
            self._prepare(resources, Path(folder), rng)
            writer = self._request_writer(Path(folder))
        shown: list[Request] = []
        for each in asked:
            few = min(each.count, (prompts - len(shown)) * self.per_request)
            shown += [inquiry.request for inquiry in writer.inquiries(few, each.rng, each.label)]
        requests = sum(math.ceil(each.count / self.per_request) for each in asked)
        length = sum(each.prompt_tokens() for each in shown) / max(1, len(shown))
        most = Usage(requests, round(length * requests), self.longest * requests)
        facts: dict[str, Fact] = {"backend": self.backend, "model": self.model}
        facts |= {"base_url": self.base_url} if self.backend == "server" else {}
        facts |= {"requests": requests, "tokens_in_about": most.prompt_tokens}
        # What is rejected is asked for anew, so that only `max_cost` holds for the run as a whole.
        facts |= {"first_round_tokens_out_at_most": most.new_tokens}
        facts |= {"first_round_cost_at_most": self._prices().cost(most)}
        return Preview(facts, [each.to_text() for each in shown])

    def _prepare(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Writes what requests are made from, and makes one for a try."""
        from textsynth.chat.prompt_spec import PromptSpec
        from textsynth.chat.prompt_template import default_template
        from textsynth.chat.request_writer import SOURCE, TEMPLATE

        task = PromptSpec.of(self, self.values, resources)
        if task.seeded:
            draw = Draw(self.pool_size, self.locales, True, rng)
            pools = draw_pools(task.seeded, self.values, resources.gazetteer, draw)
            pools.write(directory)
            task = task.knowing(pools, self.values)
        task.write(directory)
        (resources.source if self.shots else Corpus.empty()).write_parquet(directory / SOURCE)
        template = _read(self.template) if self.template else default_template()
        (directory / TEMPLATE).write_text(template, encoding="utf-8")
        self._request_writer(directory).inquiries(self.per_request, rng, None)

    def _request_writer(self, directory: Path) -> RequestWriter:
        from textsynth.chat.request import Sampling
        from textsynth.chat.request_writer import RequestWriter

        return RequestWriter(self, self.model, Sampling(self.temperature, self.top_p, self.longest), directory)

    def _backend(self) -> Backend:
        from textsynth.chat.local import Local
        from textsynth.chat.server import Server

        return Server(self, self.model) if self.backend == "server" else Local(self)

    def _check_backend(self) -> None:
        """Finds out what is missing before anything is asked: a key, a model."""
        if self.backend == "server":
            self._backend()
        else:
            self.locate_model()

    def _prices(self) -> Prices:
        from textsynth.chat.budget import Prices

        return Prices(self.price_in, self.price_out)


def _read(template: Path) -> str:
    with open_binary(template) as file:
        try:
            return file.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise OptionError(f"option 'template': {template}: must be UTF-8: {error.reason}") from error
