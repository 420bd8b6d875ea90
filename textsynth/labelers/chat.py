"""Has a chat model mark the mentions of texts."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from textsynth.chat.model_options import ChatModelOptions
from textsynth.components.component import Positive
from textsynth.components.labeler import Finder, Finding, Findings, Labeler
from textsynth.corpus import Corpus
from textsynth.corpus.example import trim_edges
from textsynth.errors import OptionError


@dataclass(frozen=True, kw_only=True)
class Chat(ChatModelOptions, Labeler):
    """Has a chat model mark the mentions of each text, which it is shown; they are found in the text again.

    If its answer cannot be read, or names words that the text does not have, the whole text counts as one mention that
    is not sure, so that it is set aside. With `spending.cache` answers are kept, and none is paid twice.

    Args:
        labels: the labels of mentions, each with a description (or "").
        longest: tokens an answer may have.
    """

    example_options: ClassVar[Mapping[str, Any]] = {
        "labels": {"CITY": ""},
        "loading": {"device": "cpu"},
        "longest": 20,
    }

    labels: dict[str, str] = field(default_factory=dict)
    longest: Positive = 512

    def needs(self) -> list[str]:
        """Says which model is loaded and from where, or which server is sent the texts."""
        sent = ", which is sent every sentence of the source" if self.has_server else ""
        return [f"{each}{sent}" for each in super().needs()]

    def load(self, language: str, workers: int = 1) -> Finder:
        """Checks that there is something to look for; a local model is loaded when the first text comes.

        Raises:
            MissingDependency: if the model or the client is not there.
            OptionError: if there are no labels, or the key of the server is missing.
        """
        from textsynth.chat.marking import read_mentions, write_request

        if not self.labels or "" in self.labels:
            raise OptionError(f"option 'labels' must name what to look for, was: {self.labels!r}")
        backend = self.check_backend()
        first = next(iter(self.labels))

        def find(corpus: Corpus) -> Findings:
            texts = corpus.texts.to_pylist()
            full = [row for row, text in enumerate(texts) if text.strip()]
            found: list[list[Finding]] = [[] for _ in texts]
            with tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
                requests = [write_request(self.model, self.labels, texts[row], self.longest) for row in full]
                answers = self.open_client(Path(folder), backend).ask(requests)
            for row, answer in zip(full, answers, strict=True):
                spans = read_mentions(answer, self.labels, texts[row])
                unsure = [(*trim_edges(texts[row], 0, len(texts[row])), first, 0.0)]
                found[row] = unsure if spans is None else [(each.start, each.end, each.label, 1.0) for each in spans]
            return Findings.of_lists(found)

        return Finder(find, frozenset(self.labels))
