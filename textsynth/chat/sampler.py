"""The sampler of the generator `prompt`: requests, their answers, and the examples in them."""

from __future__ import annotations

import numpy as np

from textsynth.chat.client import ChatClient
from textsynth.chat.request_writer import RequestWriter
from textsynth.chat.verdict import Judge
from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.corpus.classes import Label
from textsynth.foundation.plural import tell_count
from textsynth.foundation.progress import current_stage


class ChatSampler:
    """Asks for sentences and judges them.

    Args:
        writer: writes requests.
        client: has them answered.
    """

    def __init__(self, writer: RequestWriter, client: ChatClient) -> None:
        self._writer, self._client = writer, client
        self._judge = Judge(writer.spec)

    def __call__(self, count: int, rng: np.random.Generator, label: Label | None = None) -> Draft:
        """Asks for `count` sentences; those that are not what was asked for are rejected."""
        asked = self._writer.write(count, rng, label)
        answers = self._client.ask([each.request for each in asked], _AnswerCounter(len(asked)))
        verdicts = [
            verdict
            for each, answer in zip(asked, answers, strict=True)
            for verdict in self._judge.judge(answer, each.label, each.specs, each.shots)
        ]
        # Prose has no spaces before its punctuation, so its tokens are words, also if those of the source came with it.
        tokenizer = "words" if self._writer.tokenizer == "whitespace" else self._writer.tokenizer
        corpus = Corpus.from_examples((each.example for each in verdicts), tokenizer=tokenizer)
        return Draft(corpus, [each.reason for each in verdicts])


class _AnswerCounter:
    """Shows in the stage that is running how many requests are answered."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0

    def __call__(self, amount: int) -> None:
        self._done += amount
        current_stage().tell(f"{self._done} of {tell_count(self._total, 'answer')}")
