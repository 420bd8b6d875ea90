"""SentenceSpecs: what a sentence is asked to be, and the rng that draws what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from textsynth.chat.prompt_spec import Bag, PromptSpec
from textsynth.values import Pools
from textsynth.wording.mention_search import Mention, fold

_TRIES = 20


@dataclass(frozen=True)
class SentenceSpec:
    """What one sentence is asked to be.

    Args:
        mentions: what it must have.
        attributes: the value of each attribute.
    """

    mentions: tuple[Mention, ...]
    attributes: Mapping[str, str]


class SpecSampler:
    """Draws specs.

    Args:
        task: labels and bags.
        pools: the values of seeded labels; None where there are none.
        mentions: least and most of a sentence.
        attributes: the values of each attribute, each as likely as the next.
    """

    def __init__(
        self, task: PromptSpec, pools: Pools | None, mentions: tuple[int, int], attributes: Mapping[str, Sequence[str]]
    ) -> None:
        self._task, self._attributes = task, attributes
        self._least, self._most = mentions
        self._values = {} if pools is None else {name: pools.values(name) for name in task.seeded}
        self._records = frozenset(pools.records) if pools is not None else frozenset()
        self._bounds = {
            name: np.cumsum(pools.pools[name].weights) for name in task.seeded if pools and name not in self._records
        }

    def draw(self, label: str | None, rng: np.random.Generator) -> SentenceSpec:
        """Draws a spec for a sentence of a class."""
        mentions = self._mentions(self._bag(label, rng), rng) if self._task.seeded else ()
        chosen = {name: values[int(rng.integers(len(values)))] for name, values in self._attributes.items()}
        return SentenceSpec(mentions, chosen)

    def _bag(self, label: str | None, rng: np.random.Generator) -> Bag:
        """Draws the labels of the mentions: as a sentence of the source has them, cut to the most there may be.

        Where the source does not have all of these labels, each is as likely as the next.
        """
        bags = [(bag, count) for bag, count in self._task.bags_of(label) if len(bag) >= self._least]
        if not bags:
            amount = int(rng.integers(self._least, self._most + 1))
            return tuple(self._task.seeded[place] for place in rng.integers(len(self._task.seeded), size=amount))
        counts = np.cumsum([count for _, count in bags])
        bag = bags[int(np.searchsorted(counts, rng.integers(counts[-1]), side="right"))][0]
        kept = rng.permutation(len(bag))[: self._most]
        return tuple(bag[place] for place in kept)

    def _mentions(self, bag: Bag, rng: np.random.Generator) -> tuple[Mention, ...]:
        """Draws a value for each label, none of which is a part of another: it could not be told where each stands."""
        chosen: list[Mention] = []
        turns: Counter[str] = Counter()
        lines = rng.random(len(bag))
        for name in bag:
            words = self._words(name, lines[turns[name]], chosen, rng)
            turns[name] += 1
            if words is not None:
                chosen.append(Mention(words, name))
        return tuple(chosen)

    def _words(self, name: str, line: float, chosen: Sequence[Mention], rng: np.random.Generator) -> str | None:
        """Draws a value that goes with the others, None where there is none; fields of a record are of one line."""
        values = self._values[name]
        if name in self._records:
            words = values[int(line * len(values))].as_py()
            return words if _goes_with(words, chosen) else None
        bounds = self._bounds[name]
        for _ in range(_TRIES):
            place = int(np.searchsorted(bounds, rng.random() * bounds[-1], side="right"))
            words = values[min(place, len(values) - 1)].as_py()
            if _goes_with(words, chosen):
                return str(words)
        return None


def _goes_with(words: str, chosen: Sequence[Mention]) -> bool:
    own = fold(words)
    return not any(own in fold(each.text) or fold(each.text) in own for each in chosen)
