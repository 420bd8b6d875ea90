"""Has a chat model mark the mentions of texts."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from textsynth.chat.options import ServerOptions, SpendingOptions
from textsynth.components.component import Positive
from textsynth.components.labeler import Finder, Finding, Findings, Labeler
from textsynth.corpus import Corpus
from textsynth.corpus.example import trim_edges
from textsynth.errors import OptionError
from textsynth.pretrained.loading import PretrainedOptions

if TYPE_CHECKING:
    from textsynth.chat.client import ChatClient
    from textsynth.chat.request import Backend


@dataclass(frozen=True, kw_only=True)
class Chat(PretrainedOptions, Labeler):
    """Has a chat model mark the mentions of each text, which it is shown; they are found in the text again.

    If its answer cannot be read, or names words that the text does not have, the whole text counts as one mention that
    is not sure, so that it is set aside. With `spending.cache` answers are kept, and none is paid twice.

    Args:
        labels: the labels of mentions, each with a description (or "").
        backend: "local" runs the model in this process; "server" sends the texts to any server that speaks OpenAI's
            protocol.
        model: for "server", the name it knows the model by; for "local", a directory, a .gguf file, "owner/name" on
            the hub, or "package:NAME/FILE" inside an installed package.
        longest: tokens an answer may have.
    """

    example_options: ClassVar[Mapping[str, Any]] = {
        "labels": {"CITY": ""},
        "loading": {"device": "cpu"},
        "longest": 20,
    }

    labels: dict[str, str] = field(default_factory=dict)
    backend: Literal["local", "server"] = "local"
    longest: Positive = 512
    server: ServerOptions = field(default_factory=ServerOptions)
    spending: SpendingOptions = field(default_factory=SpendingOptions)

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the cache and a model that is a path from a folder."""
        model = self.model if self.backend == "server" else self.resolve_model_path(folder)
        return dataclasses.replace(self, model=model, spending=self.spending.resolve_paths(folder))

    def needs(self) -> list[str]:
        """Says which model is loaded and from where, or which server is sent the texts."""
        if self.backend == "server":
            return [f"{self.model}, asked at {self.server.base_url}, which is sent every sentence of the source"]
        return super().needs()

    def load(self, language: str, workers: int = 1) -> Finder:
        """Checks that there is something to look for; a local model is loaded when the first text comes.

        Raises:
            MissingDependency: if the model or the client is not there.
            OptionError: if there are no labels, or the key of the server is missing.
        """
        from textsynth.chat.marking import read_mentions, write_request

        if not self.labels or "" in self.labels:
            raise OptionError(f"option 'labels' must name what to look for, was: {self.labels!r}")
        backend = self._backend()
        first = next(iter(self.labels))

        def find(corpus: Corpus) -> Findings:
            texts = corpus.texts.to_pylist()
            full = [row for row, text in enumerate(texts) if text.strip()]
            found: list[list[Finding]] = [[] for _ in texts]
            with tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
                requests = [write_request(self.model, self.labels, texts[row], self.longest) for row in full]
                answers = self._client(backend, Path(folder)).ask(requests)
            for row, answer in zip(full, answers, strict=True):
                spans = read_mentions(answer, self.labels, texts[row])
                unsure = [(*trim_edges(texts[row], 0, len(texts[row])), first, 0.0)]
                found[row] = unsure if spans is None else [(each.start, each.end, each.label, 1.0) for each in spans]
            return Findings.of_lists(found)

        return Finder(find, frozenset(self.labels))

    def _backend(self) -> Backend:
        from textsynth.chat.local import Local
        from textsynth.chat.server import Server

        if self.backend == "server":
            return Server(self.server, self.model)
        self.locate_model()
        return Local(self)

    def _client(self, backend: Backend, folder: Path) -> ChatClient:
        from textsynth.chat.archive import Archive
        from textsynth.chat.budget import Budget, Caps, Prices
        from textsynth.chat.client import ChatClient

        archive = Archive(folder, self.spending.cache)
        caps = Caps(self.spending.max_tokens_total, self.spending.max_cost)
        prices = Prices(self.spending.price_in, self.spending.price_out)
        return ChatClient(backend, archive, Budget(caps, prices, archive))
