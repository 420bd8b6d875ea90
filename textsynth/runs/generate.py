"""Generation in one call, from a corpus to a corpus."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textsynth.components import registry
from textsynth.components.filter import Filter
from textsynth.components.generator import Generator
from textsynth.conversion.python_objects import to_corpus
from textsynth.corpus import Corpus
from textsynth.errors import OptionError, Shortfall
from textsynth.extract import Resources
from textsynth.extract.resources import DEFAULT_TODAY
from textsynth.filters.duplicate import Duplicate
from textsynth.production.engines.local import local_engine
from textsynth.production.fitting import fit
from textsynth.production.order import make_order
from textsynth.production.produce import Harvest, produce
from textsynth.recipes.recipe import NamedFilter, Production, Step, number_name


def generate(  # noqa: PLR0913
    source: Any,
    generators: Sequence[Generator],
    count: int,
    *,
    seed: int = 0,
    filters: Sequence[Filter] = (Duplicate(),),
    workers: int = 1,
    today: datetime.date = DEFAULT_TODAY,
) -> Corpus:
    """Makes a synthetic corpus from a labelled one.

    Args:
        source: the examples to start from, with their spans: a corpus, or whatever `textsynth.read` takes;
            `textsynth.label` finds the spans of raw text.
        generators: each makes an equal share.
        count: examples to make, exactly.
        seed: the same seed gives the same corpus.
        filters: what drops the unwanted; duplicates, unless told otherwise.
        workers: processes; the result does not depend on their number.
        today: the day that invented ages, dates and numbers count from, whatever day it is.

    Raises:
        OptionError: for a count under 1, or no generators.
        Shortfall: if fewer examples could be made; the message gives the reasons.
        TextsynthError: as `textsynth.read`, if the source is no corpus yet.
    """
    production, source = Production(seed=seed, count=count, today=today), to_corpus(source)
    if not generators:
        raise OptionError("there must be at least one generator, there is none")
    steps = [Step(name, each) for name, each in zip(_names(generators), generators, strict=True)]
    named = [NamedFilter(name, each) for name, each in zip(_names(filters), filters, strict=True)]
    order = make_order(production, steps, named, source)
    with tempfile.TemporaryDirectory(prefix="textsynth-") as folder, local_engine(workers) as run_shards:
        fit(order, Resources.of(source, today), Path(folder))
        harvest = produce(order, Path(folder), run_shards)
        corpus = Corpus.concat(list(harvest.corpora()))
    if len(corpus) < count:
        raise Shortfall(_reasons(harvest, count))
    return corpus


def _names(components: Sequence[Generator] | Sequence[Filter]) -> list[str]:
    names: list[str] = []
    for each in components:
        names.append(number_name(registry.name_of(each), names))
    return names


def _reasons(harvest: Harvest, count: int) -> str:
    ended = [f"{stream.step.name} {stream.exhausted}" for stream in harvest.streams if stream.exhausted]
    dropped = [f"{number} dropped as {reason}" for (_, _, reason), number in harvest.dropped.items()]
    return f"{len(harvest)} of the {count} examples asked for could be made; " + "; ".join(ended + dropped)
