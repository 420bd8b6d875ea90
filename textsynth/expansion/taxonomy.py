"""Mentions from WordNet: what lies below the concepts that gold mentions share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from textsynth.corpus import Corpus
from textsynth.corpus.tokens import tokenize
from textsynth.expansion.gate import Found
from textsynth.extract import Gazetteer
from textsynth.synonyms.concept import Concepts, Kind

_SHARED, _SHARE = 2, 0.1
"""Different gold mentions that a concept must have, and their share of those of the label."""

_OWN = 0.7
"""Of all gold words and mentions below a concept, the share that must be mentions of the label."""


@dataclass(frozen=True)
class Taxonomy:
    """Takes mentions from WordNet."""

    concepts: Concepts
    foreign: bool = True
    invents: bool = False

    def wants_proof(self, label: str) -> bool:
        """Wants proof: a concept that two mentions share may be far too wide."""
        return True

    def find(self, gold: Corpus, raw: Corpus, rng: np.random.Generator) -> Found:
        """Finds the words below each concept that mentions of one label share, and hardly anything else does."""
        mentions = Gazetteer.of(gold).mentions
        own = {label: self._count(some) for label, some in mentions.items()}
        other: Counter[Kind] = Counter()
        for word in _list_words(gold):
            other.update(self.concepts.find_kinds(word, 1))
        whole = sum(own.values(), other)
        least = {label: max(_SHARED, _SHARE * len(some)) for label, some in mentions.items()}
        return {
            label: self._list(kind for kind, n in counts.items() if n >= least[label] and n >= _OWN * whole[kind])
            for label, counts in own.items()
        }

    def _count(self, mentions: Mapping[str, int]) -> Counter[Kind]:
        """Counts the different mentions below each concept."""
        return Counter(kind for mention in mentions for kind in self.concepts.find_kinds(mention))

    def _list(self, kinds: Iterable[Kind]) -> list[str]:
        return list(dict.fromkeys(word for kind in sorted(kinds) for word in self.concepts.list_words(kind)))


def _list_words(gold: Corpus) -> set[str]:
    """Returns the different words outside of mentions, in small letters."""
    tokens = tokenize(gold)
    free = np.ones(len(tokens.starts), bool)
    for first, stop in zip(tokens.first, tokens.stop, strict=True):
        free[first:stop] = False
    words = tokens.strings.to_pylist()
    return {words[place].lower() for place in np.flatnonzero(free) if words[place].isalpha()}
