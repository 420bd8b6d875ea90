"""A model in this process as a back-end."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from textsynth.chat.request import Answer, Ask, Request
from textsynth.errors import OptionError
from textsynth.foundation.seeding import child_rng
from textsynth.pretrained.loading import PretrainedOptions

if TYPE_CHECKING:
    from textsynth.pretrained.causal.conversation import Causal

_BATCH = 32
"""Requests that are answered together."""


class Local:
    """Answers many requests at a time with a model that is loaded when the first comes.

    One rng draws for a whole batch, so the same requests must always be in one batch: an answer is then the same,
    whichever of the others were answered before.

    Args:
        options: which model, and how it is loaded.
    """

    batch, concurrency = _BATCH, 1

    def __init__(self, options: PretrainedOptions) -> None:
        self._options = options

    @contextmanager
    def open_connection(self, failed: threading.Event) -> Iterator[Ask]:
        """Gives the function that answers a batch, whose requests all have the same sampling."""
        yield self._answers

    def _answers(self, requests: Sequence[Request]) -> list[Answer]:
        from textsynth.training.device import threads
        from textsynth.wording.symbol_sampling import Style

        sampling = requests[0].sampling
        style = Style(sampling.temperature, sampling.top_p, sampling.longest)
        conversations = [[asdict(message) for message in request.messages] for request in requests]
        with threads(self._options.loading.threads):
            replies = self._model.chat(conversations, style, child_rng(requests[0].seed, "answers"))
        return [
            Answer(reply.text, "stop" if reply.ended else "length", reply.prompt_tokens, reply.new_tokens)
            for reply in replies
        ]

    @functools.cached_property
    def _model(self) -> Causal:
        from textsynth.pretrained.causal.conversation import Causal

        causal = Causal.load(self._options)
        if not getattr(causal.pretrained.tokenizer, "chat_template", None):
            raise OptionError(f"chat model: {self._options.model!r} must have a chat template, has none")
        return causal
