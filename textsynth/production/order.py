"""Order: what a production is asked for, and how a recipe and its source come to one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from textsynth.corpus import Corpus
from textsynth.corpus.classes import count_classes
from textsynth.corpus.code_points import text_buffers
from textsynth.errors import OptionError
from textsynth.production.quota import level_combinations, level_quotas
from textsynth.recipes.recipe import NamedFilter, Step
from textsynth.recipes.sections import Production


@dataclass(frozen=True)
class Order:
    """What a production is asked for.

    Args:
        steps: the generators with their weights.
        filters: the filters, in order.
        quotas: examples to deliver of each class, or of what texts have together; None stands for any.
        seed: the run's seed.
        shard_size: examples a shard, at most.
        min_acceptance: a stream ends when a smaller share is kept.
        copies: variants of each source example by each step, which the quotas then count; None if any will do.
        sizes: `(examples,)`; bytes of the text of each source example, by which shards of long texts have few; empty
            if there is no source.
    """

    steps: Sequence[Step]
    filters: Sequence[NamedFilter]
    quotas: Mapping[str | None, int]
    seed: int
    shard_size: int
    min_acceptance: float
    copies: int | None = None
    sizes: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64), compare=False)


def make_order(
    production: Production,
    steps: Sequence[Step],
    filters: Sequence[NamedFilter],
    source: Corpus,
    *,
    delivered: bool = True,
) -> Order:
    """Returns what is asked for: how many examples of each class follows from the recipe and its source.

    Args:
        production: how much is made.
        steps: the generators.
        filters: the filters.
        source: what they start from.
        delivered: whether the source is delivered too, and counts where classes are balanced.

    Raises:
        OptionError: if the classes are to be balanced, and there are none or they are even already.
    """
    return Order(
        steps,
        filters,
        _quotas(production, len(steps), source, delivered),
        production.seed,
        production.shard_size,
        production.min_acceptance,
        production.copies,
        np.concatenate([np.diff(text_buffers(part.texts)[0]) for part in source.in_batches()]),
    )


def _quotas(production: Production, steps: int, source: Corpus, delivered: bool) -> dict[str | None, int]:
    if production.copies is not None:
        return {None: production.copies * len(source) * steps}
    if not production.balance:
        return {None: production.count or 0}
    counts = Counter(each for each in source.table.column("label").to_pylist() if each is not None)
    if not counts:
        raise OptionError("balance = true: the source must have examples with a class, has none")
    classes = count_classes(counts)
    if not classes:
        raise OptionError("balance = true: the source must have examples with a class, has texts with none of them")
    level = level_combinations if source.several else level_quotas
    quotas = level(counts, production.count, counted=delivered)
    if not quotas:
        raise OptionError(f"balance = true: all classes have {max(classes.values())} examples already; give a count")
    return quotas
