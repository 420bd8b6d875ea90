"""A causal model as it is, asked in a chat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jinja2
import numpy as np

from textsynth.errors import OptionError
from textsynth.pretrained.decoding import Decoding, continue_prompts
from textsynth.pretrained.loading import Pretrained, PretrainedOptions, load
from textsynth.pretrained.tokenizing import limit_of
from textsynth.wording.symbol_sampling import Style

Conversation = Sequence[Mapping[str, str]]
"""Messages with `role` and `content`."""

_FAULTS = (jinja2.TemplateError, TypeError, ValueError, LookupError, ArithmeticError)
"""What may go wrong in a template that somebody else has written."""


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

    def chat(self, conversations: Sequence[Conversation], style: Style, rng: np.random.Generator) -> list[Reply]:
        """Replies to conversations, many at a time.

        Args:
            conversations: written out by the model's own chat template.
            style: how symbols are drawn; `longest` counts those of a reply, and is cut to what the model can still read
                behind the longest of the conversations.
            rng: draws one uniform number a symbol.

        Raises:
            OptionError: if the template fails, or a conversation leaves no room for a reply.
        """
        tokenizer: Any = self.pretrained.tokenizer
        prompts = [self._prompt(each) for each in conversations]
        style = replace(style, longest=min(style.longest, self._room(max(map(len, prompts), default=0))))
        ends = self._ends()
        pad = int(tokenizer.pad_token_id)
        found = continue_prompts(self.pretrained.model, prompts, Decoding(style, ends, pad), rng)
        return [
            Reply(
                tokenizer.decode(symbols, skip_special_tokens=True),
                bool(symbols) and symbols[-1] in ends,
                len(prompt),
                len(symbols),
            )
            for prompt, symbols in zip(prompts, found, strict=True)
        ]

    def _prompt(self, conversation: Conversation) -> list[int]:
        """Writes a conversation out in symbols."""
        try:
            try:
                return self._symbols(conversation)
            except jinja2.TemplateError:  # Those of Gemma 2 and early Mistral forbid the system role.
                return self._symbols(_without_system(conversation))
        except _FAULTS as error:
            reason = " ".join(str(error).split())
            raise OptionError(
                f"{self._name}: must have a chat template that takes prompts, its own says: {reason}"
            ) from error

    def _symbols(self, conversation: Conversation) -> list[int]:
        tokenizer: Any = self.pretrained.tokenizer
        written = tokenizer.apply_chat_template(list(conversation), add_generation_prompt=True, return_dict=True)
        symbols: list[int] = written["input_ids"]
        return symbols

    def _room(self, read: int) -> int:
        """Returns how many symbols a reply may have after those that were read."""
        limit = limit_of(self.pretrained.model, self.pretrained.tokenizer)
        if read >= limit:
            raise OptionError(
                f"{self._name}: prompt and answer must have at most {limit} symbols, the prompt alone has {read}; "
                "lower request.shots or request.sentences, or take a model that reads more"
            )
        return limit - read

    @property
    def _name(self) -> str:
        return self.pretrained.model_source.name

    def _ends(self) -> tuple[int, ...]:
        """The symbols that end a reply: the tokenizer's, and those the model's own settings name."""
        named = self.pretrained.model.generation_config.eos_token_id
        named = named if isinstance(named, list) else [named]
        return tuple({each for each in [*named, self.pretrained.tokenizer.eos_token_id] if each is not None})


def _without_system(conversation: Conversation) -> list[Mapping[str, str]]:
    r"""Returns a conversation with what the system says at the head of the first message instead.

    >>> _without_system([{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}])
    [{'role': 'user', 'content': 'Be kind.\n\nHi'}]
    """
    system = [each["content"] for each in conversation if each["role"] == "system"]
    first, *rest = [each for each in conversation if each["role"] != "system"] or [{"role": "user", "content": ""}]
    return [{**first, "content": "\n\n".join(filter(None, [*system, first["content"]]))}, *rest]
