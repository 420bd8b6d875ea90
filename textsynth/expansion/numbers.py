"""Mentions of the source with other numbers in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from textsynth.corpus import Corpus
from textsynth.expansion.gate import Found
from textsynth.extract import Gazetteer

_NUMBER = re.compile(r"\d+")
_YEARS = (1000, 2099)
"""Numbers that are taken for years; others stay within so many years of them."""
_NEAR = 40
_EACH = 20
"""Mentions made of each."""


@dataclass(frozen=True)
class Numbers:
    """Writes other numbers into mentions that have some: as many digits, and years near the year."""

    invents: bool = True
    cuts: int = 1

    def wants_proof(self, label: str) -> bool:
        """Wants none: the words around the numbers are the source's own."""
        return False

    def find(self, gold: Corpus, raw: Corpus, rng: np.random.Generator) -> Found:
        """Writes other numbers into the mentions of each label."""
        return {label: _vary(list(mentions), rng) for label, mentions in Gazetteer.of(gold).mentions.items()}


def _vary(mentions: Sequence[str], rng: np.random.Generator) -> list[str]:
    numbered = [mention for mention in mentions if _NUMBER.search(mention)]
    made = (_NUMBER.sub(lambda match: _draw(match[0], rng), each) for each in numbered for _ in range(_EACH))
    return list(dict.fromkeys(made))


def _draw(digits: str, rng: np.random.Generator) -> str:
    number = int(digits)
    if len(digits) == 4 and _YEARS[0] <= number <= _YEARS[1]:
        return str(number + int(rng.integers(-_NEAR, _NEAR // 4)))
    if digits[0] == "0" or len(digits) > 18:
        return "".join(str(each) for each in rng.integers(10, size=len(digits)))
    return str(rng.integers(10 ** (len(digits) - 1) if len(digits) > 1 else 1, 10 ** len(digits)))
