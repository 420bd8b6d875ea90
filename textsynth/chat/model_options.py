"""Which chat model is asked, in this process or on a server, and what it may cost."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from textsynth.chat.options import ServerOptions, SpendingOptions
from textsynth.errors import OptionError
from textsynth.pretrained.loading import PretrainedOptions

if TYPE_CHECKING:
    from textsynth.chat.budget import Prices
    from textsynth.chat.client import ChatClient
    from textsynth.chat.request import Backend

_PACKAGED = "package:"


@dataclass(frozen=True, kw_only=True)
class ChatModelOptions(PretrainedOptions):
    """Which chat model is asked, where it runs, and what that may cost.

    Args:
        backend: "local" runs the model in this process; "server" asks any server that speaks OpenAI's protocol (vLLM,
            llama.cpp, Ollama, `transformers serve`, OpenAI).
        model: for "server", the name it knows the model by; for "local", a directory, a .gguf file, "owner/name" on
            the hub, or "package:NAME/FILE" inside an installed package.
    """

    backend: Literal["local", "server"] = "local"
    server: ServerOptions = field(default_factory=ServerOptions)
    spending: SpendingOptions = field(default_factory=SpendingOptions)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.has_server and (not self.model or self.model.startswith(_PACKAGED)):
            raise OptionError(f"option 'model' must be the name of a model of the server, was: {self.model!r}")

    @property
    def has_server(self) -> bool:
        """Whether a server is asked."""
        return self.backend == "server"

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the cache and a model that is a path from a folder."""
        model = self.model if self.has_server else self.resolve_model_path(folder)
        return dataclasses.replace(self, model=model, spending=self.spending.resolve_paths(folder))

    def libraries(self) -> frozenset[str]:
        """Names what runs the model or asks for it."""
        return frozenset({"openai"}) if self.has_server else super().libraries()

    def needs(self) -> list[str]:
        """Says which model is loaded and from where, or which server is asked for it."""
        return [f"{self.model}, asked at {self.server.base_url}"] if self.has_server else super().needs()

    def memory(self) -> int:
        """Returns about how many bytes the model takes in this process; 0 if a server has it."""
        return 0 if self.has_server else super().memory()

    def open_backend(self) -> Backend:
        """Returns what answers; a local model is loaded when the first request comes.

        Raises:
            MissingDependency: if the client is not installed.
            OptionError: if the key of the server is missing.
        """
        from textsynth.chat.local import Local
        from textsynth.chat.server import Server

        return Server(self.server, self.model) if self.has_server else Local(self)

    def check_backend(self) -> Backend:
        """Returns what answers, after a look whether anything is missing: a key, a model."""
        if not self.has_server:
            self.locate_models()
        return self.open_backend()

    def open_client(self, directory: Path, backend: Backend | None = None) -> ChatClient:
        """Returns what asks within the budget.

        Args:
            directory: keeps the answers.
            backend: what answers; a new one if None.
        """
        from textsynth.chat.archive import Archive
        from textsynth.chat.budget import Budget, Caps
        from textsynth.chat.client import ChatClient

        archive = Archive(directory, self.spending.cache)
        caps = Caps(self.spending.max_tokens_total, self.spending.max_cost)
        return ChatClient(backend or self.open_backend(), archive, Budget(caps, self.find_prices(), archive))

    def find_prices(self) -> Prices:
        """Returns what tokens cost."""
        from textsynth.chat.budget import Prices

        return Prices(self.spending.price_in, self.spending.price_out)
