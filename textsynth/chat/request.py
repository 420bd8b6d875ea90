"""Request and Answer: what a model is asked, and what it said."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

Finish = Literal["stop", "length", "filter"]
SEEDS = 2**31
"""Seeds of requests lie under this: servers take 32-bit integers with a sign."""

_CHARACTERS_A_TOKEN = 3
"""Rather few, so that estimates are rather too high: English has four."""
_TOKENS_A_MESSAGE = 8
"""What a chat template puts around each message: its role, and marks of beginning and end."""


@dataclass(frozen=True)
class Message:
    """One message of a conversation.

    Args:
        role: who speaks: "system", "user" or "assistant".
        content: what is said.
    """

    role: str
    content: str


@dataclass(frozen=True)
class Sampling:
    """How an answer is drawn.

    Args:
        temperature: under 1 for likely words; 0 always takes the likeliest.
        top_p: only the likeliest symbols that together have this probability.
        longest: tokens an answer may have.
    """

    temperature: float
    top_p: float
    longest: int


@dataclass(frozen=True)
class Request:
    """One conversation that a model is to answer.

    Args:
        model: the name of the model.
        messages: the conversation until now.
        sampling: how the answer is drawn.
        seed: of this answer alone.
        schema: the JSON schema of the answer, for servers that can keep to one; it is no part of the key.
    """

    model: str
    messages: tuple[Message, ...]
    sampling: Sampling
    seed: int
    schema: Mapping[str, Any] | None = None

    def key(self) -> str:
        """Returns 32 hexadecimal digits that stand for everything that decides the answer.

        >>> one, other = (Request("m", (Message("user", "hi"),), Sampling(1.0, 1.0, 9), seed) for seed in (1, 2))
        >>> one.key() == other.key(), len(one.key())
        (False, 32)
        """
        parts = [self.model, [asdict(each) for each in self.messages], asdict(self.sampling), self.seed]
        return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()

    def prompt_tokens(self) -> int:
        """Returns about how many tokens the prompt has, rather too many; only the model's tokenizer knows."""
        return tokens_in("".join(each.content for each in self.messages)) + _TOKENS_A_MESSAGE * len(self.messages)

    def to_text(self) -> str:
        """Returns the conversation as one text for people."""
        return "\n\n".join(f"[{each.role}]\n{each.content}" for each in self.messages)


@dataclass(frozen=True)
class Answer:
    """What a model said.

    Args:
        text: its words.
        finish: why it ended: "stop" if it was done, "length" if it was cut off, "filter" if it was refused.
        prompt_tokens: tokens of the request.
        new_tokens: tokens of the answer.
        counted: whether the server counted them; they are estimated if not.
    """

    text: str
    finish: Finish
    prompt_tokens: int
    new_tokens: int
    counted: bool = True


Ask = Callable[[Sequence[Request]], list[Answer]]
"""Answers a batch of requests; raises ServerFailure if there is no answer to be had."""


class Backend(Protocol):
    """Answers requests: a server, or a model in this process.

    Args:
        batch: requests that are answered together, always the same ones.
        concurrency: batches under way at a time.
    """

    @property
    def batch(self) -> int:
        """Requests that are answered together."""

    @property
    def concurrency(self) -> int:
        """Batches under way at a time."""

    def open_connection(self, failed: threading.Event) -> AbstractContextManager[Ask]:
        """Gives the function that answers a batch, on any thread, while a block runs.

        Args:
            failed: is set when a batch has failed for good, so that the others are not tried again.
        """


def tokens_in(text: str) -> int:
    """Estimates the tokens of a text, rather too many: English has four characters a token, other languages less.

    >>> tokens_in("twelve chars")
    4
    """
    return -(-len(text) // _CHARACTERS_A_TOKEN)
