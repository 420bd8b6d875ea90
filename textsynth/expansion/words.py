"""Mentions of the source with invented words in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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

    They look like mentions of the label and are none. Without them, a tagger would take all that it has not seen for a
    mention of those labels that other places have new mentions of.
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
    beginnings = [word for mention in mentions for word in _list_words(mention)]
    some = [mention for mention in mentions if _list_words(mention)]
    return list(dict.fromkeys(_write(mention, beginnings, rng) for mention in some for _ in range(_EACH)))


def _list_words(mention: str) -> list[str]:
    return [word for word in _WORD.findall(mention) if _may_change(word)]


def _may_change(word: str) -> bool:
    return may_blend(word) and word.lower() not in STOP_WORDS


def _write(mention: str, beginnings: Sequence[str], rng: np.random.Generator) -> str:
    """Blends the words of a mention, each as likely as not, and at least one."""
    count = len(_list_words(mention))
    chosen = rng.random(count) < 0.5
    chosen[rng.integers(count)] = True
    changes = iter(chosen.tolist())

    def change(match: re.Match[str]) -> str:
        changed = _may_change(match[0]) and next(changes)
        return draw_blend(beginnings, match[0], rng) if changed else match[0]

    return _WORD.sub(change, mention)
