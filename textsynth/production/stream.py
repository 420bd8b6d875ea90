"""Streams: the examples of one step and one class, how many of them a round makes, and when no more can come."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from textsynth.corpus.classes import describe_classes
from textsynth.production.fitting import step_directory
from textsynth.production.order import Order
from textsynth.production.quota import largest_remainders
from textsynth.production.shard import Shard
from textsynth.recipes.recipe import Step

_SPARE = 8
"""Examples that a later round makes beside those it needs by the share that was kept."""
_ENOUGH_TO_TELL = 10
"""Examples that a round must have kept for the next to plan by its share alone."""
_SHARDS_AT_LEAST = 4
"""Shards that a round may always make, however few the quota asks for."""
_MARGIN = 1.05
"""A later round makes a twentieth more than the share that was kept asks for."""


@dataclass
class Stream:
    """The examples of one step and one class, as they come.

    Args:
        step: the step.
        label: the class, None for any; several as `join_classes` joins them.
        quota: examples to keep.
        kept: examples kept so far.
        made: examples made so far.
        exhausted: why no more can come, or empty.
        last: how many of the last were made and how many of those were kept; a round that kept too few to tell
            anything counts together with the next.
    """

    step: Step
    label: str | None
    quota: int
    kept: int = 0
    made: int = 0
    exhausted: str = ""
    last: tuple[int, int] = (0, 0)

    @property
    def missing(self) -> int:
        """Examples still to keep; none if no more can come."""
        return 0 if self.exhausted else self.quota - self.kept

    def need(self, shard_size: int) -> int:
        """Returns how many examples to make next, from the share that was kept last.

        No more than the quota or a few shards: so a step that is exhausted is found out before it has made millions.
        """
        made, kept = self.last
        share = (kept + 1) / (made + 1)
        wanted = self.missing if made == 0 else math.ceil(self.missing * _MARGIN / share) + _SPARE
        return min(wanted, max(self.quota, _SHARDS_AT_LEAST * shard_size))


def divide_order(order: Order) -> list[Stream]:
    """Divides each class among the steps; all classes of a step come together, so that its sampler is built once."""
    weights = [step.weight for step in order.steps]
    weights = weights if order.copies is None else [1.0] * len(weights)
    parts = {label: largest_remainders(quota, weights) for label, quota in order.quotas.items()}
    return [Stream(step, label, parts[label][place]) for place, step in enumerate(order.steps) for label in parts]


def plan_round(
    order: Order, streams: Iterable[Stream], directory: Path, numbers: Counter[str]
) -> list[tuple[Stream, Shard]]:
    """Plans one round: for each stream that misses some, shards of equal size.

    Args:
        order: what is asked for.
        streams: how each stands.
        directory: the run's directory.
        numbers: the shards of each step so far; those that are planned are added.
    """
    plan = []
    for stream in streams:
        if order.copies is not None:
            plan += [(stream, shard) for shard in _plan_copies(order, stream, directory, numbers)]
            continue
        need = stream.need(order.shard_size) if stream.missing else 0
        if stream.last[1] >= _ENOUGH_TO_TELL:
            stream.last = (0, 0)
        pieces = math.ceil(need / order.shard_size)
        for count in largest_remainders(need, [1] * pieces) if pieces else []:
            name = stream.step.name
            place = step_directory(directory, name)
            plan.append((stream, Shard(stream.step, place, order.seed, numbers[name], count, stream.label)))
            numbers[name] += 1
    return plan


def plan_first_round(order: Order, directory: Path) -> list[Shard]:
    """Returns the shards that a production makes first; what is planned depends on the order alone."""
    return [shard for _, shard in plan_round(order, divide_order(order), directory, Counter())]


def _plan_copies(order: Order, stream: Stream, directory: Path, numbers: Counter[str]) -> Iterator[Shard]:
    """Plans all copies of all source examples: each shard has the copies of some of them."""
    copies, name = order.copies or 1, stream.step.name
    rows, step = stream.quota // copies, max(1, order.shard_size // copies)
    for first in range(0, rows, step):
        stop = min(first + step, rows)
        count = (stop - first) * copies
        yield Shard(stream.step, step_directory(directory, name), order.seed, numbers[name], count, None, (first, stop))
        numbers[name] += 1


def end_exhausted(streams: Sequence[Stream], before: Sequence[int], order: Order) -> None:
    """Ends the streams that gave too little in this round; the other steps take over what they owe."""
    if order.copies is not None:
        for stream in streams:
            stream.exhausted = "no other copies differ" if stream.missing else ""
        return
    for stream, made_before in zip(streams, before, strict=True):
        made, kept = stream.last
        if not stream.missing:
            continue
        if stream.made == made_before:
            stream.exhausted = "can make no more" if stream.made else "can make none"
            stream.exhausted += f" of the class {describe_classes(stream.label)!r}" if stream.label is not None else ""
        elif _surely_under(order.min_acceptance, made, kept):
            stream.exhausted = f"kept {kept} of the last {made}, under the least acceptance of {order.min_acceptance:g}"
    for stream in streams:
        if stream.exhausted and stream.kept < stream.quota:
            _hand_over(stream, [other for other in streams if other.label == stream.label and not other.exhausted])


def _surely_under(share: float, made: int, kept: int) -> bool:
    """Says whether so few were kept that the share of all to come is smaller than this, beyond bad luck.

    >>> _surely_under(0.01, 100, 0), _surely_under(0.01, 600, 0), _surely_under(0.01, 1000, 9)
    (False, True, False)
    """
    most = kept + 2 * math.sqrt(kept + 1) + 3  # About two standard deviations above what was seen.
    return most < share * made


def _hand_over(stream: Stream, others: Sequence[Stream]) -> None:
    if others:
        owed = stream.quota - stream.kept
        for other, part in zip(others, largest_remainders(owed, [o.step.weight for o in others]), strict=True):
            other.quota += part
        stream.quota = stream.kept
