"""Mentions in raw text that stand in a list with mentions of the source."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from textsynth.corpus import Corpus
from textsynth.expansion.gate import Found
from textsynth.extract import Gazetteer
from textsynth.language.stopword import STOP_WORDS

_BETWEEN = re.compile(r" ?, ?(?:and|or|und|oder|et|ou|y|o|e|og|och)? ?| (?:and|or|und|oder|et|ou|y|og|och|&) ")
"""What stands between the parts of a list."""

_OPENING = re.compile(
    r"\b(?:such as|including|namely|e\. ?g\.|for (?:example|instance)|z\. ?B\.|tels que|telles que|tales como)[:,]? "
)
"""What says that a list begins (Hearst 1992), so that its first part is known from its first letter on."""

_LONGEST = 5
"""Words of a part."""


@dataclass(frozen=True)
class Lists:
    """Takes what stands in a list of at least three beside mentions of one label, between two others.

    What is first or last in its list is left out, as nobody knows where the mention begins or ends; but the first is
    taken if "such as" or the like stands before it.
    """

    name: str = "lists"
    invents: bool = False
    cuts: int = 1

    def wants_proof(self, label: str) -> bool:
        """Wants none: the mentions beside are proof."""
        return False

    def find(self, gold: Corpus, raw: Corpus, rng: np.random.Generator) -> Found:
        """Finds the parts of lists that stand beside mentions of one label alone."""
        labels = {mention: label for label, some in Gazetteer.of(gold).mentions.items() for mention in some}
        votes: dict[str, Counter[str]] = defaultdict(Counter)
        for text in raw.texts.to_pylist():
            for part, label in _find_beside(text, labels):
                votes[part][label] += 1
        found: dict[str, list[str]] = defaultdict(list)
        for part, counts in votes.items():
            if len(counts) == 1:
                found[next(iter(counts))].append(part)
        return found


def _find_beside(text: str, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yields the parts of lists that stand right beside a mention, with its label."""
    for number, listed in enumerate(_OPENING.split(text)):
        parts = [part.strip() for part in _BETWEEN.split(listed)]
        first = 0 if number else 1
        for place in range(first, len(parts) - 1):
            near = parts[max(0, place - 1) : place] + parts[place + 1 : place + 2]
            beside = {labels[each] for each in near if each in labels}
            if len(beside) == 1 and parts[place] not in labels and _may_be_mention(parts[place].split()):
                yield parts[place], beside.pop()


def _may_be_mention(words: Sequence[str]) -> bool:
    return 0 < len(words) <= _LONGEST and words[0].lower() not in STOP_WORDS and words[-1][-1:].isalnum()
