"""Asks a chat model for sentences, in this process or on a server."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from textsynth.chat.model_options import ChatModelOptions
from textsynth.chat.options import SentenceOptions
from textsynth.components.generator import Generator, Sampler
from textsynth.components.learned import write_learned
from textsynth.components.preview import FirstRound, ModelUsage, Preview, SamplerCall
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.reading.records import open_binary
from textsynth.values import draw_pools
from textsynth.values.source import Draw, list_libraries

if TYPE_CHECKING:
    from textsynth.chat.request import Request
    from textsynth.chat.request_writer import RequestWriter

_ANSWERS = "answers"
"""The folder of answers inside a fitted directory."""


@dataclass(frozen=True, kw_only=True)
class Prompt(SentenceOptions, ChatModelOptions, Generator):
    """Asks a chat model for sentences: with drawn mentions, of labels and classes by name, like examples, varied.

    Every answer is kept, so that none is paid twice. A sentence without its mentions, or with more, is rejected.

    A server is sent the mentions and the examples of the source that a request shows.
    """

    example_options: ClassVar[Mapping[str, Any]] = {
        "loading": {"device": "cpu"},
        "mentions": (1, 1),
        "request": {"sentences": 1, "longest": 60},
    }

    def resolve_paths(self, folder: Path) -> Self:
        """Takes template, cache, word lists and a model that is a path from a folder."""
        return ChatModelOptions.resolve_paths(super().resolve_paths(folder), folder)

    def libraries(self) -> frozenset[str]:
        """Names what writes requests, what runs the model or asks for it, and what values come from."""
        return super().libraries() | {"jinja2"} | list_libraries(self.values)

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Writes what is asked for, draws values, keeps template and examples; checks that there is a model."""
        self._prepare(resources, directory, rng)
        self.check_backend()
        (directory / _ANSWERS).mkdir(exist_ok=True)
        write_learned(directory, {"backend": self.backend, "model": self.model})

    def sampler(self, directory: Path) -> Sampler:
        """Reads what `fit` wrote; a model is loaded when the first answer is missing."""
        from textsynth.chat.sampler import ChatSampler

        return ChatSampler(self._request_writer(directory), self.open_client(directory / _ANSWERS))

    def account(self, directory: Path) -> ModelUsage:
        """Returns what all answers took, those of earlier starts included."""
        from textsynth.chat.archive import Archive

        usage = Archive(directory / _ANSWERS).compute_usage()
        cost = self.find_prices().cost(usage)
        return ModelUsage(usage.requests, usage.prompt_tokens, usage.new_tokens, usage.estimated or None, cost)

    def preview(
        self, resources: Resources, rng: np.random.Generator, calls: Sequence[SamplerCall], prompts: int
    ) -> Preview:
        """Writes the first requests, and estimates the rest of the first round from them."""
        with tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
            self._prepare(resources, Path(folder), rng)
            writer = self._request_writer(Path(folder))
        shown: list[Request] = []
        for call in calls:
            count = min(call.count, (prompts - len(shown)) * self.request.sentences)
            shown += [each.request for each in writer.write(count, call.rng, call.label)]
        return Preview(self._estimate_first_round(calls, shown), [each.to_text() for each in shown])

    def _estimate_first_round(self, calls: Sequence[SamplerCall], shown: Sequence[Request]) -> FirstRound:
        from textsynth.chat.archive import Usage

        requests = sum(math.ceil(each.count / self.request.sentences) for each in calls)
        length = sum(each.prompt_tokens() for each in shown) / max(1, len(shown))
        most = Usage(requests, round(length * requests), self.request.longest * requests)
        base_url = self.server.base_url if self.has_server else None
        return FirstRound(
            self.backend,
            self.model,
            base_url,
            requests=requests,
            tokens_in_about=most.prompt_tokens,
            tokens_out_at_most=most.new_tokens,
            cost_at_most=self.find_prices().cost(most),
            key=(self.server.api_key_env or None) if self.has_server else None,
        )

    def _prepare(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Writes what requests are made from, and makes one as a check of the template."""
        from textsynth.chat.prompt_spec import PromptSpec
        from textsynth.chat.prompt_template import default_template
        from textsynth.chat.request_writer import SOURCE, TEMPLATE

        spec = PromptSpec.of(self, resources)
        if spec.seeded:
            draw = Draw(self.pool_size, self.locales, True, rng, resources.today, resources.usage)
            pools = draw_pools(spec.seeded, self.values, resources.gazetteer, draw)
            pools.write(directory)
            spec = spec.add_known(pools, self.values)
        spec.write(directory)
        resources.source[: None if self.request.shots else 0].write_parquet(directory / SOURCE)
        template = _read(self.request.template) if self.request.template else default_template()
        (directory / TEMPLATE).write_text(template, encoding="utf-8")
        self._request_writer(directory).write(self.request.sentences, rng, None)

    def _request_writer(self, directory: Path) -> RequestWriter:
        from textsynth.chat.request_writer import RequestWriter

        return RequestWriter(self, self.model, directory)


def _read(template: Path) -> str:
    with open_binary(template) as file:
        try:
            return file.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise OptionError(f"option 'template': {template}: must be UTF-8: {error.reason}") from error
