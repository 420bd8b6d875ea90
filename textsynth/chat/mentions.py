"""A chat model that is asked for more mentions of the kinds that the source has."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from textsynth.chat.model_options import ChatModelOptions
from textsynth.chat.options import Temperature
from textsynth.chat.reply import names_schema, read_reply
from textsynth.chat.request import SEEDS, Answer, Message, Request, Sampling
from textsynth.components.component import Positive
from textsynth.expansion.gate import Found
from textsynth.expansion.suggested import Suggest
from textsynth.values.pool import one_line

_SHOWN, _WANTED = 20, 30
"""Mentions that a request shows, and asks for."""

_TRIALS = 3
"""How often a label is asked about: for each half of the source, to try the model, and for all of it."""

_LONGEST = 100
"""Characters of a mention, at most; what is longer is no name but an explanation."""

_SYSTEM = "You name things of one kind, as they are written in text. You answer with JSON and nothing else."
_USER = """Some mentions of the kind {kind}, as texts have them:
{shown}

Name {wanted} others that texts of the same sort may have: of the same kind, written in the same way, none of those \
above.
Answer with {{"mentions": ["...", "..."]}}."""


@dataclass(frozen=True, kw_only=True)
class ChatMentions(ChatModelOptions):
    """A chat model that is asked for more mentions of each label, shown some of the source and none of its sentences.

    What it suggests for a label counts if it is proved on the source, as what comes from any place is: it is shown the
    mentions of one half of the source, and must find those of the other half.

    Args:
        labels: labels whose names do not say what they are, each with a description.
        requests: requests for each label, which show other mentions; the same number for each half of the source.
        temperature: under 1 for likely words, over 1 for rare ones.
        longest: tokens an answer may have.
    """

    labels: dict[str, str] = field(default_factory=dict)
    requests: Positive = 3
    temperature: Temperature = 1.0
    longest: Positive = 512

    def needs(self) -> list[str]:
        """Says which model is asked, what it is shown, and how often."""
        asked = f"is shown mentions of the source, in {_TRIALS * self.requests} requests a label"
        return [f"{each}; it {asked}" for each in super().needs()]


@contextmanager
def open_suggesting(options: ChatMentions, answers: Path | None = None) -> Iterator[Suggest]:
    """Gives what asks the model.

    Args:
        options: which model, and how it is asked.
        answers: the directory where answers are kept; while the block runs alone if None.

    Raises:
        MissingDependency: if the model or the client is not there.
        OptionError: if the key of the server is missing.
    """
    backend = options.check_backend()
    with tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
        client = options.open_client(answers or Path(folder), backend)

        def suggest(known: Found, rng: np.random.Generator) -> Found:
            asked = [label for label in known for _ in range(options.requests)]
            requests = [_write_request(options, label, known[label], rng) for label in asked]
            found: dict[str, dict[str, None]] = {label: {} for label in known}
            for label, answer in zip(asked, client.ask(requests), strict=True):
                found[label].update(dict.fromkeys(read_names(answer)))
            return {label: list(some) for label, some in found.items()}

        yield suggest


def _write_request(options: ChatMentions, label: str, known: Sequence[str], rng: np.random.Generator) -> Request:
    """Returns a request that shows some of the mentions of a label."""
    shown = [known[at] for at in rng.permutation(len(known))[:_SHOWN]]
    meaning = options.labels.get(label, "")
    kind = f"{label} ({meaning})" if meaning else label
    lines = "\n".join(f"- {one_line(each)}" for each in shown)
    messages = Message("system", _SYSTEM), Message("user", _USER.format(kind=kind, shown=lines, wanted=_WANTED))
    sampling = Sampling(options.temperature, 1.0, options.longest)
    return Request(options.model, messages, sampling, int(rng.integers(SEEDS)), names_schema())


def read_names(answer: Answer) -> list[str]:
    r"""Returns the names that an answer lists, as JSON of many shapes or as numbered lines.

    >>> read_names(Answer('{"mentions": ["Oslo", "Bern"]} I hope that helps.', "stop", 0, 0))
    ['Oslo', 'Bern']
    >>> read_names(Answer("1. Oslo\n2. Bern\n3. Ro", "length", 0, 0))
    ['Oslo', 'Bern']
    """
    reply = read_reply(answer.text, lines=True, ended=answer.finish == "stop")
    lines = [one_line(each.text) for each in reply.sentences if each is not None]
    return [each for each in lines if 0 < len(each) <= _LONGEST and "..." not in each]
