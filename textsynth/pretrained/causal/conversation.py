"""A causal model as it is, asked in a chat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from textsynth.models.writing import Style
from textsynth.pretrained.decoding import Ask, continuations
from textsynth.pretrained.loading import Pretrained, PretrainedOptions, load


@dataclass(frozen=True)
class Reply:
    """What a chat model said.

    Args:
        text: without the symbols that end it.
        ended: whether it came to an end, rather than being cut off.
        prompt_tokens: symbols it read.
        new_tokens: symbols it wrote.
    """

    text: str
    ended: bool
    prompt_tokens: int
    new_tokens: int


@dataclass(frozen=True)
class Causal:
    """A causal model as it is."""

    pretrained: Pretrained

    @classmethod
    def load(cls, options: PretrainedOptions) -> Causal:
        """Loads it."""
        return cls(load("causal", options))

    def chat(
        self, conversations: Sequence[Sequence[Mapping[str, str]]], style: Style, rng: np.random.Generator
    ) -> list[Reply]:
        """Replies to conversations, many at a time.

        Args:
            conversations: messages with `role` and `content`, written out by the model's own chat template.
            style: how symbols are drawn; `longest` counts those of a reply.
            rng: draws one uniform number a symbol.
        """
        tokenizer: Any = self.pretrained.tokenizer
        prompts = [
            tokenizer.apply_chat_template(list(each), add_generation_prompt=True, return_dict=True)["input_ids"]
            for each in conversations
        ]
        ends = self._ends()
        pad = int(tokenizer.pad_token_id)
        found = continuations(self.pretrained.model, prompts, Ask(style, ends, pad), rng)
        return [
            Reply(
                tokenizer.decode(symbols, skip_special_tokens=True),
                bool(symbols) and symbols[-1] in ends,
                len(prompt),
                len(symbols),
            )
            for prompt, symbols in zip(prompts, found, strict=True)
        ]

    def _ends(self) -> tuple[int, ...]:
        """The symbols that end a reply: the tokenizer's, and those the model's own settings name."""
        named = self.pretrained.model.generation_config.eos_token_id
        named = named if isinstance(named, list) else [named]
        return tuple({each for each in [*named, self.pretrained.tokenizer.eos_token_id] if each is not None})
