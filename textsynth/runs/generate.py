"""Generation in one call, from a corpus to a corpus."""

from __future__ import annotations

import datetime
import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from textsynth.chat.mentions import ChatMentions
from textsynth.components import registry
from textsynth.components.component import build
from textsynth.components.filter import Filter
from textsynth.components.generator import Generator
from textsynth.conversion.python_objects import to_corpus
from textsynth.corpus import Corpus
from textsynth.errors import OptionError, Shortfall
from textsynth.expansion.expand import Search
from textsynth.extract import Resources
from textsynth.extract.expansion import Expansion
from textsynth.extract.resources import DEFAULT_TODAY
from textsynth.filters.duplicate import Duplicate
from textsynth.foundation.disk import whole_file
from textsynth.foundation.plural import tell_count
from textsynth.foundation.progress import Silence
from textsynth.labelling.label import LabelPlan
from textsynth.labelling.options import LabelOptions
from textsynth.production.engines.local import local_engine
from textsynth.production.fitting import fit
from textsynth.production.order import make_order
from textsynth.production.produce import Harvest, produce
from textsynth.production.rejects import FILE as REJECTS
from textsynth.recipes.recipe import HEAVIEST, NamedFilter, Step, check_amounts, number_name
from textsynth.recipes.sections import Extract, Production
from textsynth.runs.expansion import choose_reader, choose_suggest, expand
from textsynth.runs.label import name_labelers
from textsynth.runs.source import label_source

logger = logging.getLogger(__name__)


def generate(  # noqa: PLR0913
    source: Any,
    generators: Generator | Sequence[Generator],
    count: int | None = None,
    *,
    labelers: Sequence[Any] = (),
    label: Mapping[str, Any] = MappingProxyType({}),
    labels: Sequence[str] = (),
    weights: Sequence[float] = (),
    copies: int | None = None,
    balance: bool = False,
    seed: int = 0,
    filters: Sequence[Filter] = (Duplicate(),),
    templates: str | Path | None = None,
    gazetteer: str | Path | None = None,
    mentions: str | Path | None = None,
    raw: Any = None,
    wordings: Any = None,
    encoder: str | None = None,
    chat: ChatMentions | None = None,
    rejected: str | Path | None = None,
    allow_fewer: bool = False,
    workers: int = 1,
    today: datetime.date = DEFAULT_TODAY,
) -> Corpus:
    """Makes a synthetic corpus from a labelled one, or from raw text and what finds its mentions.

    Args:
        source: the examples to start from: a corpus, or whatever `textsynth.read` takes. None for generators that need
            no source.
        generators: what makes the examples: one generator, or several.
        count: examples to make, exactly; with balance it may be left out.
        labelers: what finds the mentions of raw text, in the order of priority, as for `textsynth.label`.
        label: how what they find becomes labels: options as in the table [label] of a recipe, such as
            `{"vote": "priority"}`. Call `textsynth.label` first to see what was set aside.
        labels: the labels to keep; all if empty.
        weights: for each generator its share of the count, relative to the others; equal shares if empty.
        copies: instead of a count, how many variants each generator makes of each source example, all different.
        balance: whether rare classes are filled up, as far as the count allows.
        seed: the same seed gives the same corpus.
        filters: what drops the unwanted; duplicates, unless told otherwise.
        templates: a file of templates, edited perhaps, instead of those of the source.
        gazetteer: a gazetteer, edited perhaps, instead of that of the source.
        mentions: a file of new mentions, edited perhaps, instead of those that are looked for if a generator has
            `values="expand"`.
        raw: more text of the kind of the source, in which they are looked for too: a corpus, or whatever
            `textsynth.read` takes. Its spans, if it has some, are not looked at.
        wordings: sentences with their mentions, edited perhaps, instead of those that a tagger is sure of in raw text,
            for a generator with `wordings="raw"`.
        encoder: a transformer whose vectors of tokens help to find mentions in raw text: a directory,
            "package:NAME/PATH" inside an installed package, or "owner/name" on the hub.
        chat: a chat model that is asked for new mentions; it is shown some of the source.
        rejected: where to write the examples that were dropped, with step, filter and reason; a parquet file.
        allow_fewer: whether a corpus of fewer examples is returned if there can be no more.
        workers: processes; the result does not depend on their number.
        today: the day that invented ages, dates and numbers count from, whatever day it is.

    Raises:
        OptionError: for options that a recipe could not have either, such as a count under 1, or no generators.
        Shortfall: if fewer examples could be made; the message gives the reasons.
        TextsynthError: as `textsynth.read`, if the source is no corpus yet.
    """
    generators = [generators] if isinstance(generators, Generator) else generators
    if encoder is not None and raw is None:
        raise OptionError(f"encoder must stand beside raw, the text that it helps to read, was: {encoder!r}")
    plan = _plan_labels(labelers, label, seed, has_source=source is not None)
    production = Production(seed=seed, count=count, copies=copies, balance=balance, today=today)
    steps = _make_steps(generators, weights)
    check_amounts(production, steps, has_source=source is not None)
    corpus = Corpus.empty() if source is None else to_corpus(source)
    corpus, _ = label_source(corpus, plan, Extract(labels=tuple(labels)), workers, Silence())
    named = [NamedFilter(name, each) for name, each in zip(_names(filters), filters, strict=True)]
    order = make_order(production, steps, named, corpus)
    resources = Resources.of(corpus, today).with_edits(
        Path(templates) if templates else None, Path(gazetteer) if gazetteer else None
    )
    if any(each.expands() for each in generators):
        resources = _expand(resources, raw, mentions, encoder, chat, seed)
        if wordings is not None:
            resources = replace(resources, wordings=to_corpus(wordings).with_tokenizer(corpus.tokenizer))
    elif any(each is not None for each in (raw, mentions, wordings, chat)):
        raise OptionError('raw, mentions, wordings and chat must have a generator with values = "expand", have none')
    with tempfile.TemporaryDirectory(prefix="textsynth-") as folder, local_engine(workers) as run_shards:
        fit(order, resources, Path(folder))
        harvest = produce(order, Path(folder), run_shards)
        made = Corpus.concat(list(harvest.corpora()))
        if rejected is not None:
            with whole_file(Path(rejected)) as partial:
                shutil.copyfile(Path(folder) / REJECTS, partial)
    asked = sum(order.quotas.values())
    if len(made) < asked and not allow_fewer:
        raise Shortfall(_reasons(harvest, asked))
    return made


def _expand(
    resources: Resources,
    raw: Any,
    mentions: str | Path | None,
    encoder: str | None,
    chat: ChatMentions | None,
    seed: int,
) -> Resources:
    """Returns the resources with new mentions, read or looked for."""
    if mentions is not None:
        return replace(resources, expansion=Expansion.read(Path(mentions)))
    text = Corpus.empty() if raw is None else to_corpus(raw)
    reader = choose_reader(encoder)
    with choose_suggest(chat) as suggest:
        search = Search(text, (), resources.today, reader=reader, suggest=suggest, note=logger.info)
        return expand(resources, search, seed)[0]


def _plan_labels(labelers: Sequence[Any], options: Mapping[str, Any], seed: int, *, has_source: bool) -> LabelPlan:
    built = build(LabelOptions, options, "label")
    if labelers and not has_source:
        raise OptionError("labelers must have a source whose text they can label, have none")
    if options and not labelers:
        raise OptionError(f"label must have labelers whose findings it decides, has none, was: {dict(options)!r}")
    return LabelPlan(name_labelers(labelers), built, seed)


def _make_steps(generators: Sequence[Generator], weights: Sequence[float]) -> list[Step]:
    if weights and len(weights) != len(generators):
        raise OptionError(f"weights must be one for each of the {len(generators)} generators, are {len(weights)}")
    for weight in weights:
        if not 0 < weight < float("inf"):
            raise OptionError(f"weights must be greater than 0, was: {weight!r}")
        if weight > HEAVIEST:
            raise OptionError(f"weights must be at most {HEAVIEST:g}, was: {weight!r}")
    shares = weights or [1.0] * len(generators)
    named = zip(_names(generators), generators, shares, strict=True)
    return [Step(name, generator, share) for name, generator, share in named]


def _names(components: Sequence[Generator] | Sequence[Filter]) -> list[str]:
    names: list[str] = []
    for each in components:
        names.append(number_name(registry.name_of(each), names))
    return names


def _reasons(harvest: Harvest, count: int) -> str:
    ended = [f"{stream.step.name} {stream.exhausted}" for stream in harvest.streams if stream.exhausted]
    dropped = [f"{number} dropped as {reason}" for (_, _, reason), number in harvest.dropped.items()]
    return f"{len(harvest)} of the {tell_count(count, 'example')} asked for could be made; " + "; ".join(
        ended + dropped
    )
