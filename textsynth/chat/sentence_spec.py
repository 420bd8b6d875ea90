"""What one sentence must be, drawn by chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from textsynth.chat.prompt_spec import Bag, PromptSpec
from textsynth.extract.context import ANYWHERE
from textsynth.values import Pools
from textsynth.values.choice import Choices
from textsynth.values.demand import Demand
from textsynth.wording.mention_search import Mention, fold

_TRIES = 20
"""Values that are drawn for a label before it goes without one, as all were parts of others."""


@dataclass(frozen=True)
class SentenceSpec:
    """What one sentence must be.

    Args:
        mentions: what it must have.
        attributes: the value of each attribute.
    """

    mentions: tuple[Mention, ...]
    attributes: Mapping[str, str]


class SpecSampler:
    """Draws specs of sentences.

    Args:
        prompt_spec: labels and bags.
        pools: the values of seeded labels; None if there are none.
        mentions: least and most of a sentence.
        attributes: the values of each attribute, each as likely as the next.
    """

    def __init__(
        self,
        prompt_spec: PromptSpec,
        pools: Pools | None,
        mentions: tuple[int, int],
        attributes: Mapping[str, Sequence[str]],
    ) -> None:
        self._prompt_spec, self._attributes = prompt_spec, attributes
        self._least, self._most = mentions
        self._values = {} if pools is None else {name: pools.values(name) for name in prompt_spec.seeded}
        self._records = frozenset(pools.records) if pools is not None else frozenset()
        # A uniform number under the last bound falls between two bounds as often as the value between them weighs.
        self._weights = {
            name: pools.pools[name].weights for name in prompt_spec.seeded if pools and name not in self._records
        }
        self._choices = {
            name: Choices(self._values[name].to_pylist(), pools.pools[name].uses)
            for name in self._weights
            if pools is not None
        }
        self._fitting: dict[tuple[str, str | None], tuple[np.ndarray, np.ndarray]] = {}

    def draw(self, label: str | None, rng: np.random.Generator) -> SentenceSpec:
        """Draws a spec for a sentence of a class."""
        mentions = self._draw_mentions(self._draw_bag(label, rng), label, rng) if self._prompt_spec.seeded else ()
        chosen = {name: values[int(rng.integers(len(values)))] for name, values in self._attributes.items()}
        return SentenceSpec(mentions, chosen)

    def _draw_bag(self, label: str | None, rng: np.random.Generator) -> Bag:
        """Draws the labels of the mentions: as a sentence of the source has them, cut to the most there may be.

        If the source does not have all of these labels, each is as likely as the next.
        """
        bags = [(bag, count) for bag, count in self._prompt_spec.bags_of(label) if len(bag) >= self._least]
        if not bags:
            amount = int(rng.integers(self._least, self._most + 1))
            seeded = self._prompt_spec.seeded
            return tuple(seeded[number] for number in rng.integers(len(seeded), size=amount))
        counts = np.cumsum([count for _, count in bags])
        bag = bags[int(np.searchsorted(counts, rng.integers(counts[-1]), side="right"))][0]
        kept = rng.permutation(len(bag))[: self._most]
        return tuple(bag[number] for number in kept)

    def _draw_mentions(self, bag: Bag, label: str | None, rng: np.random.Generator) -> tuple[Mention, ...]:
        """Draws a value for each label, none of which is part of another: nobody could tell where each stands."""
        chosen: list[Mention] = []
        seen: Counter[str] = Counter()
        # One number for each line of records: the first field of each label reads the first line, and so on, so that
        # the name and the e-mail address of a sentence belong to one person.
        lines = rng.random(len(bag))
        for name in bag:
            if name in self._records:
                words = self._take_value(name, lines[seen[name]], chosen)
            else:
                words = self._draw_value(name, label, chosen, rng)
            seen[name] += 1
            if words is not None:
                chosen.append(Mention(words, name))
        return tuple(chosen)

    def _take_value(self, name: str, line: float, chosen: Sequence[Mention]) -> str | None:
        """Returns the value of a field of the records; None if it is part of another.

        Args:
            name: the label.
            line: in [0, 1); which line of the records.
            chosen: the mentions that were drawn before.
        """
        values = self._values[name]
        words = values[int(line * len(values))].as_py()
        return words if _is_apart(words, chosen) else None

    def _draw_value(
        self, name: str, label: str | None, chosen: Sequence[Mention], rng: np.random.Generator
    ) -> str | None:
        """Draws a value that the class has and that is no part of the others; None if there is none.

        Args:
            name: the label.
            label: the class.
            chosen: the mentions that were drawn before.
            rng: draws it.
        """
        rows, bounds = self._find_fitting(name, label)
        for _ in range(_TRIES):
            row = int(np.searchsorted(bounds, rng.random() * bounds[-1], side="right"))
            words = self._values[name][int(rows[min(row, len(rows) - 1)])].as_py()  # Rounding may reach the last bound.
            if _is_apart(words, chosen):
                return str(words)
        return None

    def _find_fitting(self, name: str, label: str | None) -> tuple[np.ndarray, np.ndarray]:
        """Returns the values of a label that the source has in a class, and their weights added up."""
        key = (name, label)
        if key not in self._fitting:
            rows = self._choices[name].find(label, Demand(ANYWHERE), -1, 1).values
            self._fitting[key] = rows, np.cumsum(self._weights[name][rows])
        return self._fitting[key]


def _is_apart(words: str, chosen: Sequence[Mention]) -> bool:
    """Says whether a value and each chosen mention can be told apart in one sentence."""
    own = fold(words)
    return not any(own in fold(each.text) or fold(each.text) in own for each in chosen)
