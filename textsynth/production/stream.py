"""Streams: the examples of one step and one class, how many of them a round makes, and when no more can come."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
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
"""Little shards that a round may always make, however few the quota asks for."""
_LITTLE, _SHARDS = 5_000, 16
"""So many examples are one shard's; more are divided into so many shards, if `shard_size` allows. Large shards take
less time in all, several are for several processes, and little of a slow network's work is lost with one."""
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

    def count(self, made: int, kept: int) -> None:
        """Counts examples that were judged, and those of them that are kept."""
        self.made += made
        self.kept += kept
        self.last = (self.last[0] + made, self.last[1] + kept)

    def need(self, shard_size: int) -> int:
        """Returns how many examples to make next, from the share that was kept last.

        No more than the quota or a few little shards: so a step that is exhausted is found out before it has made
        millions.
        """
        made, kept = self.last
        share = (kept + 1) / (made + 1)
        wanted = self.missing if made == 0 else math.ceil(self.missing * _MARGIN / share) + _SPARE
        return min(wanted, max(self.quota, _SHARDS_AT_LEAST * min(shard_size, _LITTLE)))


@dataclass(frozen=True)
class Planned:
    """A shard of a round, and the streams that its examples are for, in the order of its classes."""

    streams: tuple[Stream, ...]
    shard: Shard


def divide_order(order: Order) -> list[Stream]:
    """Divides each class among the steps; all classes of a step come together, so that its sampler is built once."""
    weights = [step.weight for step in order.steps]
    weights = weights if order.copies is None else [1.0] * len(weights)
    parts = {label: largest_remainders(quota, weights) for label, quota in order.quotas.items()}
    return [Stream(step, label, parts[label][place]) for place, step in enumerate(order.steps) for label in parts]


def plan_round(order: Order, streams: Iterable[Stream], directory: Path, numbers: Counter[str]) -> list[Planned]:
    """Plans one round: for each stream that misses some, shards of equal size; little streams share one.

    Args:
        order: what is asked for.
        streams: how each stands.
        directory: the run's directory.
        numbers: the shards of each step so far; those that are planned are added.
    """
    plan = []
    for name, of_step in itertools.groupby(streams, lambda stream: stream.step.name):
        place = step_directory(directory, name)
        for some in _plan_step(order, list(of_step)):
            amounts = tuple((stream.label, count) for stream, count in some.amounts)
            shard = Shard(some.amounts[0][0].step, place, order.seed, numbers[name], amounts, some.rows)
            plan.append(Planned(tuple(stream for stream, _ in some.amounts), shard))
            numbers[name] += 1
    return plan


def plan_first_round(order: Order, directory: Path) -> list[Shard]:
    """Returns the shards that a production makes first; what is planned depends on the order alone."""
    return [each.shard for each in plan_round(order, divide_order(order), directory, Counter())]


@dataclass
class _Load:
    """What goes into one shard: how many examples of each stream, and which source examples they are copies of."""

    amounts: list[tuple[Stream, int]] = field(default_factory=list)
    rows: tuple[int, int] | None = None


def _plan_step(order: Order, streams: Sequence[Stream]) -> list[_Load]:
    if order.copies is not None and streams[0].step.generator.makes_copies():
        return [load for stream in streams for load in _plan_copies(order, stream)]
    needs = []
    for stream in streams:
        if stream.missing:
            needs.append((stream, stream.need(order.shard_size)))
        if stream.last[1] >= _ENOUGH_TO_TELL:
            stream.last = (0, 0)
    return _pack(needs, order.shard_size)


def _pack(needs: Iterable[tuple[Stream, int]], size: int) -> list[_Load]:
    """Divides what a stream needs into loads of equal size; what needs less than one goes into a load with others.

    A load has a stream once, so that classes tell whose its examples are.
    """
    loads: list[_Load] = []
    shared, room = _Load(), 0
    for stream, need in needs:
        own = _fit_size(need, size)
        if need >= own:
            loads += [_Load([(stream, count)]) for count in largest_remainders(need, [1] * math.ceil(need / own))]
            continue
        if need > room:
            shared, room = _Load(), own
            loads.append(shared)
        shared.amounts.append((stream, need))
        room -= need
    return loads


def _fit_size(rows: int, most: int) -> int:
    """Returns how many examples a shard has if so many are to be made."""
    return min(most, max(_LITTLE, math.ceil(rows / _SHARDS)))


def _plan_copies(order: Order, stream: Stream) -> Iterator[_Load]:
    """Plans all copies of all source examples: each shard has the copies of some of them."""
    if not stream.missing:
        return
    copies = order.copies or 1
    rows, step = stream.quota // copies, max(1, _fit_size(stream.quota, order.shard_size) // copies)
    for first in range(0, rows, step):
        stop = min(first + step, rows)
        yield _Load([(stream, (stop - first) * copies)], (first, stop))


def end_exhausted(streams: Sequence[Stream], before: Sequence[int], order: Order) -> None:
    """Ends the streams that gave too little in this round; the other steps take over what they owe."""
    for stream, made_before in zip(streams, before, strict=True):
        made, kept = stream.last
        if not stream.missing:
            continue
        if order.copies is not None and stream.step.generator.makes_copies():
            stream.exhausted = "no other copies differ"
        elif stream.made == made_before:
            stream.exhausted = "can make no more" if stream.made else "can make none"
            stream.exhausted += f" of the class {describe_classes(stream.label)!r}" if stream.label is not None else ""
        elif _surely_under(order.min_acceptance, made, kept):
            stream.exhausted = f"kept {kept} of the last {made}, under the least acceptance of {order.min_acceptance:g}"
    if order.copies is None:
        _hand_all_over(streams)


def _surely_under(share: float, made: int, kept: int) -> bool:
    """Says whether so few were kept that the share of all to come is smaller than this, beyond bad luck.

    >>> _surely_under(0.01, 100, 0), _surely_under(0.01, 600, 0), _surely_under(0.01, 1000, 9)
    (False, True, False)
    """
    most = kept + 2 * math.sqrt(kept + 1) + 3  # About two standard deviations above what was seen.
    return most < share * made


def _hand_all_over(streams: Sequence[Stream]) -> None:
    going = defaultdict(list)
    for stream in streams:
        if not stream.exhausted:
            going[stream.label].append(stream)
    for stream in streams:
        if stream.exhausted and stream.kept < stream.quota:
            _hand_over(stream, going[stream.label])


def _hand_over(stream: Stream, others: Sequence[Stream]) -> None:
    if others:
        owed = stream.quota - stream.kept
        for other, part in zip(others, largest_remainders(owed, [o.step.weight for o in others]), strict=True):
            other.quota += part
        stream.quota = stream.kept
