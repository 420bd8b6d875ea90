"""Produces exactly as many examples as asked for, or says why not: shards, filters, rounds.

Each step has a stream of shards for each class it must fill. Rounds go on until every stream has its quota: a round
plans as many examples as the share kept so far asks for, makes the shards, and judges them one after the other in a
fixed order. So what comes out depends on the recipe alone, whoever makes which shard and however often it starts again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.components.filter import Judge
from textsynth.components.generator import Draft
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import count_earlier
from textsynth.corpus.table import count_values, one_chunk
from textsynth.foundation.disk import whole_file
from textsynth.production.copy_parts import CopyParts
from textsynth.production.engines.local import Mapper
from textsynth.production.fitting import filter_directory, step_directory
from textsynth.production.order import Order
from textsynth.production.piece import Kept
from textsynth.production.rejects import FILE as REJECTS
from textsynth.production.rejects import Rejects
from textsynth.production.shard import make_shard, read_shard
from textsynth.production.stream import Stream, divide_order, end_exhausted, plan_round


@dataclass
class Harvest:
    """What a production brought.

    Args:
        kept: what is kept of each shard, in order.
        streams: how each stream went.
        dropped: examples dropped, by `(step, filter, reason)`.
    """

    kept: list[Kept] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    dropped: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def __len__(self) -> int:
        return sum(map(len, self.kept))

    def corpora(self) -> Iterator[Corpus]:
        """Reads the kept examples, shard by shard."""
        for each in self.kept:
            yield each.read()


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
    harvest = Harvest(streams=divide_order(order))
    judges = {each.name: each.filter.judge(filter_directory(directory, each.name) / "fitted") for each in order.filters}
    numbers: Counter[str] = Counter()
    copy_parts = CopyParts(order.copies)
    with whole_file(directory / REJECTS) as partial, Rejects(partial) as rejects:
        while any(stream.missing for stream in harvest.streams):
            plan = plan_round(order, harvest.streams, directory, numbers)
            paths = run_shards(make_shard, [each.shard for each in plan])
            before = [stream.made for stream in harvest.streams]
            for planned, path in zip(plan, paths, strict=True):
                draft = copy_parts.tell_repeats(planned.shard, read_shard(path))
                kept = _collect(planned.streams, draft, judges, harvest, rejects)
                if kept.any():
                    harvest.kept.append(Kept(path, kept))
                rejects.write()
                advance(int(kept.sum()))
            end_exhausted(harvest.streams, before, order)
    _explain_nothing(harvest, directory)
    return harvest


def _explain_nothing(harvest: Harvest, directory: Path) -> None:
    """Lets the steps of which nothing was kept say why, unless a filter dropped some of it."""
    done = {stream.step.name for stream in harvest.streams if stream.kept}
    done |= {step for step, judge, _ in harvest.dropped if judge != step}
    for stream in harvest.streams:
        if stream.exhausted and stream.step.name not in done:
            done.add(stream.step.name)
            why = stream.step.generator.explain_nothing(step_directory(directory, stream.step.name) / "fitted")
            stream.exhausted = ": ".join(filter(None, [stream.exhausted, why]))


def _collect(
    streams: Sequence[Stream], draft: Draft, judges: Mapping[str, Judge], harvest: Harvest, rejects: Rejects
) -> np.ndarray:
    """Judges a shard and returns which rows are kept; what its maker rejects comes first.

    No more rows are shown to the judges than a stream misses at the time, so that what is left over when the quota is
    met has been seen by nobody and stands in no other stream's way.
    """
    corpus, name = draft.corpus, streams[0].step.name
    owner = _find_streams(streams, corpus)
    kept = np.zeros(len(corpus), bool)
    waiting = np.arange(len(corpus))
    while True:
        missing = np.array([stream.missing for stream in streams])
        may = count_earlier(owner[waiting]) < missing[owner[waiting]]
        shown, waiting = waiting[may], waiting[~may]
        if not len(shown):
            return kept
        own = [draft.reasons[row] for row in shown.tolist()] if draft.reasons else []
        good = _judge(name, _pick(corpus, shown), {name: _verdicts(own), **judges} if own else judges, harvest, rejects)
        kept[shown] = good
        made, held = (np.bincount(rows, minlength=len(streams)) for rows in (owner[shown], owner[shown[good]]))
        for stream, number, well in zip(streams, made.tolist(), held.tolist(), strict=True):
            stream.count(number, well)


def _find_streams(streams: Sequence[Stream], corpus: Corpus) -> np.ndarray:
    """Returns for each example the place of the stream that it was made for, `(examples,)`."""
    if len(streams) == 1:
        return np.zeros(len(corpus), np.int64)
    labels = pa.array([stream.label for stream in streams], pa.string())
    return pc.index_in(one_chunk(corpus.table.column("label")), labels).to_numpy().astype(np.int64)


def _pick(corpus: Corpus, rows: np.ndarray) -> Corpus:
    """Returns some rows, in their order; without a copy if they stand side by side."""
    first, stop = int(rows[0]), int(rows[-1]) + 1
    return corpus[first:stop] if stop - first == len(rows) else corpus.take(rows)


def _verdicts(reasons: Sequence[str | None]) -> Judge:
    """Returns the judge that has made up its mind: the maker of the examples itself."""
    return lambda _: reasons


def _judge(step: str, part: Corpus, judges: Mapping[str, Judge], harvest: Harvest, rejects: Rejects) -> np.ndarray:
    """Shows rows to one filter after the other; what one drops the next does not see."""
    alive = np.arange(len(part))
    for name, judge in judges.items():
        shown = part if len(alive) == len(part) else part.take(alive)
        reasons = pa.array(judge(shown), pa.string())
        dropped = reasons.is_valid().to_numpy(zero_copy_only=False)
        if dropped.any():
            given = reasons.drop_null()
            rejects.add(shown.mask(dropped), name, given)
            for reason, count in count_values(given).items():
                harvest.dropped[step, name, reason] += count
            alive = alive[~dropped]
    good = np.zeros(len(part), bool)
    good[alive] = True
    return good
