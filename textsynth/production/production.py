"""Produces exactly as many examples as asked for, or says why not: shards, filters, rounds.

Each step has a stream of shards for each class it must fill. Rounds go on until every stream has its quota: a round
plans as many examples as the share kept so far asks for, makes the shards, and judges them one after the other in a
fixed order. So what comes out depends on the recipe alone, whoever makes which shard and however often it starts again.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from textsynth.components.filter import Filter, Judge
from textsynth.components.generator import Draft, Fact, Generator, read_learned
from textsynth.corpus import SCHEMA, Corpus
from textsynth.errors import TextsynthError
from textsynth.extract import Resources
from textsynth.foundation.disk import lasting_directory, whole_file
from textsynth.foundation.progress import Progress, Silence, watch
from textsynth.foundation.seeding import child_rng
from textsynth.production.engines.local import Mapper
from textsynth.production.quota import largest_remainders
from textsynth.production.shard import Shard, make_shard, read_shard
from textsynth.recipes.recipe import NamedFilter, Step

_SPARE = 8
_ENOUGH_TO_TELL = 10
_SHARDS_AT_LEAST = 4
_MARGIN = 1.05

REJECTED = SCHEMA.append(pa.field("filter", pa.string())).append(pa.field("reason", pa.string()))


@dataclass
class Stream:
    """The examples of one step and one class, as they come.

    Args:
        step: the step.
        label: the class, None for any.
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
        """Examples still to keep; none where no more can come."""
        return 0 if self.exhausted else self.quota - self.kept

    def need(self, shard_size: int) -> int:
        """Returns how many examples to make next, from the share that was kept last.

        No more than the quota or a few shards: so a step that is exhausted is found out before it has made millions.
        """
        made, kept = self.last
        share = (kept + 1) / (made + 1)
        wanted = self.missing if made == 0 else math.ceil(self.missing * _MARGIN / share) + _SPARE
        return min(wanted, max(self.quota, _SHARDS_AT_LEAST * shard_size))


@dataclass
class Harvest:
    """What a production brought.

    Args:
        kept: for each shard, in order, its path and which of its rows are kept.
        streams: how each stream went.
        dropped: examples dropped, by `(step, filter, reason)`.
    """

    kept: list[tuple[Path, np.ndarray]] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    dropped: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def __len__(self) -> int:
        return sum(int(mask.sum()) for _, mask in self.kept)

    def corpora(self) -> Iterator[Corpus]:
        """Reads the kept examples, shard by shard."""
        for path, mask in self.kept:
            yield Corpus.read_parquet(path).mask(mask)


@dataclass(frozen=True)
class Order:
    """What a production is asked for.

    Args:
        steps: the generators with their weights.
        filters: the filters, in order.
        quotas: examples to deliver of each class; the class None stands for any.
        seed: the run's seed.
        shard_size: examples a shard, at most.
        min_acceptance: a stream ends when a smaller share is kept.
        copies: variants of each source example by each step, which the quotas then count; None where any will do.
    """

    steps: Sequence[Step]
    filters: Sequence[NamedFilter]
    quotas: Mapping[str | None, int]
    seed: int
    shard_size: int
    min_acceptance: float
    copies: int | None = None


def fit(order: Order, resources: Resources, directory: Path, progress: Progress | None = None) -> None:
    """Fits every step and filter that has not been fitted yet; one whose fit was cut off goes on in its directory.

    Args:
        order: what is asked for.
        resources: what they learn from.
        directory: the run's directory.
        progress: is told how far each one is, as far as it tells `current_stage`.

    Raises:
        TextsynthError: with the name of the step it happened in.
    """
    progress = progress or Silence()
    for each in _components(order, directory):
        if not each.fitted.exists():
            shown = progress.stage(f"fit {each.name}")
            with shown as stage, watch(stage), lasting_directory(each.fitted) as unfinished:
                _fit(each, resources, unfinished, order.seed)


def read_all_learned(order: Order, directory: Path) -> dict[str, dict[str, Fact]]:
    """Returns what the steps and filters of a run tell about what they learned, by name, where they tell anything."""
    told: dict[str, dict[str, Fact]] = {}
    for each in _components(order, directory):
        facts = read_learned(each.fitted)
        if facts:
            told[f"{each.kind} {each.name}" if each.name in told else each.name] = facts
    return told


def produce(
    order: Order, directory: Path, run_shards: Mapper, advance: Callable[[int], None] = lambda _: None
) -> Harvest:
    """Makes and filters examples until every quota is met or nothing more can come.

    Args:
        order: what is asked for; its steps and filters are fitted.
        directory: the run's directory; shards that stand there are kept.
        run_shards: the engine's function that maps over shards, in order.
        advance: is called with the number of examples kept, shard by shard.
    """
    harvest = Harvest(streams=_streams(order))
    judges = {each.name: each.filter.judge(_filter_directory(directory, each)) for each in order.filters}
    numbers: Counter[str] = Counter()
    with whole_file(directory / "rejected.parquet") as partial, _Rejects(partial) as rejects:
        while any(stream.missing for stream in harvest.streams):
            plan = _plan(order, harvest.streams, directory, numbers)
            paths = run_shards(make_shard, [shard for _, shard in plan])
            before = [stream.made for stream in harvest.streams]
            for (stream, _), path in zip(plan, paths, strict=True):
                kept = _collect(stream, read_shard(path), judges, harvest, rejects)
                if kept.any():
                    harvest.kept.append((path, kept))
                rejects.write()
                advance(int(kept.sum()))
            _exhaust(harvest.streams, before, order)
    return harvest


class _Rejects:
    """Writes dropped examples to a parquet file, those of one shard at a time."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(path, REJECTED)
        self._tables: list[pa.Table] = []

    def __enter__(self) -> _Rejects:
        return self

    def __exit__(self, *error: object) -> None:
        self._writer.close()

    def add(self, corpus: Corpus, filter: str, reasons: Sequence[str]) -> None:
        """Takes examples that a filter dropped, with the reason for each."""
        names, given = pa.array([filter] * len(reasons), pa.string()), pa.array(reasons, pa.string())
        table = corpus.table.append_column("filter", names).append_column("reason", given)
        self._tables.append(table.cast(REJECTED))

    def write(self) -> None:
        """Writes what was taken since the last time."""
        if self._tables:
            self._writer.write_table(pa.concat_tables(self._tables).combine_chunks())
        self._tables.clear()


@dataclass(frozen=True)
class _Fitting:
    """A step or filter, and the directory it is fitted in."""

    kind: Literal["generator", "filter"]
    name: str
    component: Generator | Filter
    fitted: Path


def _components(order: Order, directory: Path) -> list[_Fitting]:
    steps = [_Fitting("generator", step.name, step.generator, _step_directory(directory, step)) for step in order.steps]
    return steps + [
        _Fitting("filter", each.name, each.filter, _filter_directory(directory, each)) for each in order.filters
    ]


def _fit(each: _Fitting, resources: Resources, directory: Path, seed: int) -> None:
    name = f"{each.kind} {each.name!r}"
    try:
        each.component.fit(resources, directory, child_rng(seed, name, "fit"))
    except TextsynthError as error:
        raise type(error)(f"{name}: {error}") from error


def _streams(order: Order) -> list[Stream]:
    """Divides each class among the steps; all classes of a step come together, so that its sampler is built once."""
    weights = [step.weight for step in order.steps]
    weights = weights if order.copies is None else [1.0] * len(weights)
    parts = {label: largest_remainders(quota, weights) for label, quota in order.quotas.items()}
    return [Stream(step, label, parts[label][place]) for place, step in enumerate(order.steps) for label in parts]


def _plan(
    order: Order, streams: Iterable[Stream], directory: Path, numbers: Counter[str]
) -> list[tuple[Stream, Shard]]:
    """Plans one round: for each stream that misses some, shards of equal size."""
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
            place = directory / "steps" / name
            plan.append((stream, Shard(stream.step, place, order.seed, numbers[name], count, stream.label)))
            numbers[name] += 1
    return plan


def _plan_copies(order: Order, stream: Stream, directory: Path, numbers: Counter[str]) -> Iterator[Shard]:
    """Plans all copies of all source examples: each shard has the copies of some of them."""
    copies, name = order.copies or 1, stream.step.name
    rows, step = stream.quota // copies, max(1, order.shard_size // copies)
    for first in range(0, rows, step):
        stop = min(first + step, rows)
        count = (stop - first) * copies
        yield Shard(stream.step, directory / "steps" / name, order.seed, numbers[name], count, None, (first, stop))
        numbers[name] += 1


def _collect(
    stream: Stream, draft: Draft, judges: Mapping[str, Judge], harvest: Harvest, rejects: _Rejects
) -> np.ndarray:
    """Judges a shard and returns which rows are kept; what its maker rejects comes first.

    No more rows are shown to the judges than are missing at the time, so that what is left over when the quota is met
    has been seen by nobody and stands in no other stream's way.
    """
    corpus, name = draft.corpus, stream.step.name
    kept = np.zeros(len(corpus), bool)
    position = 0
    while position < len(corpus) and stream.missing:
        part = corpus[position : position + stream.missing]
        own = draft.reasons[position : position + stream.missing]
        good = _judge(name, part, {name: _verdicts(own), **judges} if own else judges, harvest, rejects)
        kept[position : position + len(part)] = good
        position += len(part)
        stream.kept += int(good.sum())
        stream.made += len(part)
        stream.last = (stream.last[0] + len(part), stream.last[1] + int(good.sum()))
    return kept


def _verdicts(reasons: Sequence[str | None]) -> Judge:
    """Returns the judge that has made up its mind: the maker of the examples itself."""
    return lambda _: reasons


def _judge(step: str, part: Corpus, judges: Mapping[str, Judge], harvest: Harvest, rejects: _Rejects) -> np.ndarray:
    """Shows rows to one filter after the other; what one drops the next does not see."""
    alive = np.arange(len(part))
    for name, judge in judges.items():
        shown = part if len(alive) == len(part) else part.take(alive)
        reasons = judge(shown)
        dropped = np.array([reason is not None for reason in reasons], bool)
        if dropped.any():
            given = [reason for reason in reasons if reason is not None]
            rejects.add(shown.mask(dropped), name, given)
            harvest.dropped.update((step, name, reason) for reason in given)
            alive = alive[~dropped]
    good = np.zeros(len(part), bool)
    good[alive] = True
    return good


def _exhaust(streams: Sequence[Stream], before: Sequence[int], order: Order) -> None:
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
            stream.exhausted += f" of the class {stream.label!r}" if stream.label is not None else ""
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


def _step_directory(directory: Path, step: Step) -> Path:
    return directory / "steps" / step.name / "fitted"


def _filter_directory(directory: Path, each: NamedFilter) -> Path:
    return directory / "filters" / each.name / "fitted"
