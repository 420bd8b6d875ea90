"""Mentions of the source with invented words in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from textsynth.corpus import Corpus
from textsynth.expansion.gate import Found
from textsynth.extract import Gazetteer
from textsynth.language.blending import draw_blend, may_blend
from textsynth.language.stopword import STOP_WORDS

_WORD = re.compile(r"[^\W\d_]+")
_EACH = 20
"""Mentions made of each."""

_ONCE = 0.3
"""The share of the places of a label that must have a mention that stands nowhere else: by Good and Turing it is how
likely the next mention is a new one. Below it, as of units or weekdays, the source has all mentions that there are."""


@dataclass(frozen=True)
class Words:
    """Writes other words into mentions: each begins like another word of the label, and ends as it did.

    What stands in several mentions of the label stays, as *Museum* and *million* do. The others look like mentions of
    the label and are none. Without them, a tagger would take all that it has not seen for a mention of those labels
    that other places have new mentions of.
    """

    invents: bool = True
    cuts: int = 1

    def wants_proof(self, label: str) -> bool:
        """Wants none: they are made of the source's own."""
        return False

    def find(self, gold: Corpus, raw: Corpus, rng: np.random.Generator) -> Found:
        """Writes other words into the mentions of each label that is not closed."""
        mentions = Gazetteer.of(gold).mentions
        return {label: _vary(list(some), rng) if _is_open(some) else [] for label, some in mentions.items()}


def _is_open(mentions: Mapping[str, int]) -> bool:
    return sum(count == 1 for count in mentions.values()) >= _ONCE * sum(mentions.values())


def _vary(mentions: Sequence[str], rng: np.random.Generator) -> list[str]:
    seen = Counter(word.lower() for mention in mentions for word in set(_WORD.findall(mention)))
    own = {word for mention in mentions for word in _WORD.findall(mention) if seen[word.lower()] == 1}
    changing = {word for word in own if may_blend(word) and word.lower() not in STOP_WORDS}
    beginnings = sorted(changing)
    some = [mention for mention in mentions if changing & set(_WORD.findall(mention))]
    return list(dict.fromkeys(_write(mention, changing, beginnings, rng) for mention in some for _ in range(_EACH)))


def _write(mention: str, changing: Collection[str], beginnings: Sequence[str], rng: np.random.Generator) -> str:
    """Blends those words of a mention that may change, each as likely as not, and at least one."""
    count = sum(word in changing for word in _WORD.findall(mention))
    chosen = rng.random(count) < 0.5
    chosen[rng.integers(count)] = True
    changes = iter(chosen.tolist())

    def change(match: re.Match[str]) -> str:
        changed = match[0] in changing and next(changes)
        return draw_blend(beginnings, match[0], rng) if changed else match[0]

    return _WORD.sub(change, mention)
