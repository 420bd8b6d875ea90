"""Mentions that somebody suggests who is shown mentions of the source: a chat model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from textsynth.corpus import Corpus
from textsynth.expansion.casing import write_like
from textsynth.expansion.gate import Found
from textsynth.extract import Gazetteer

Suggest = Callable[[Found, np.random.Generator], Found]
"""Is given mentions by label, and suggests others."""

_LONGER = 2
"""How many times as many words as the longest mention of the source a suggestion may have."""


@dataclass(frozen=True)
class Suggested:
    """Takes mentions that are suggested."""

    suggest: Suggest
    invents: bool = False
    cuts: int = 1

    def wants_proof(self, label: str) -> bool:
        """Wants proof: what a label is called may mean anything, and who is asked always has an answer."""
        return True

    def find(self, gold: Corpus, raw: Corpus, rng: np.random.Generator) -> Found:
        """Has more mentions of each label suggested, in the letters of the source."""
        known = Gazetteer.of(gold).mentions
        found = self.suggest({label: list(some) for label, some in known.items()}, rng)
        return {label: write_like(_leave_long(found.get(label, ()), some), some, rng) for label, some in known.items()}


def _leave_long(suggested: Sequence[str], mentions: Collection[str]) -> list[str]:
    """Returns what is not much longer than the mentions of the source."""
    most = _LONGER * max(len(each.split()) for each in mentions)
    return [each for each in suggested if len(each.split()) <= most]
