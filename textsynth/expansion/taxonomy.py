"""Mentions from WordNet: what lies below the concepts that gold mentions share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from textsynth.corpus import Corpus
from textsynth.corpus.tokens import tokenize
from textsynth.expansion.casing import write_like
from textsynth.expansion.gate import Found
from textsynth.extract import Gazetteer
from textsynth.synonyms.concept import Concepts, Kind

_SHARED, _SHARE = 2, 0.1
"""Different gold mentions that a concept must have, and their share of those of the label."""

_NEARLY = 0.8
"""The share of the mentions of a concept that a narrower one must have to stand for it."""

_TELLING = 5
"""Mentions that a concept must have for a narrower one to be preferred: a few may lie close together by chance."""

_OWN = 0.7
"""Of all gold words and mentions below a concept, the share that must be mentions of the label."""


@dataclass(frozen=True)
class Taxonomy:
    """Takes mentions from WordNet."""

    concepts: Concepts
    invents: bool = False
    cuts: int = 4

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
        found: dict[str, list[str]] = {}
        for label, counts in own.items():
            least = max(_SHARED, _SHARE * len(mentions[label]))
            shared = {kind: n for kind, n in counts.items() if n >= least and n >= _OWN * whole[kind]}
            found[label] = write_like(self._list(self._leave_narrow(shared)), mentions[label], rng)
        return found

    def _leave_narrow(self, shared: Mapping[Kind, int]) -> Iterator[Kind]:
        """Yields the concepts but those below which another has nearly all that they have."""
        above = {kind: self.concepts.list_above(kind[0]) - {kind[0]} for kind in shared}
        for (concept, single), n in shared.items():
            narrower = (other for other in shared if other[1] == single and concept in above[other])
            if n < _TELLING or all(shared[other] < _NEARLY * n for other in narrower):
                yield concept, single

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
