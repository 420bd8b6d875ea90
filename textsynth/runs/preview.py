"""Previews: a few rows of the source and of each step of a recipe, in seconds, and nothing is left behind."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from textsynth.components.preview import Previewed
from textsynth.corpus import Corpus
from textsynth.delivery.real_text import is_labelled
from textsynth.errors import TextsynthError
from textsynth.extract import Resources
from textsynth.foundation.progress import Progress, Silence
from textsynth.production.engines.local import local_engine
from textsynth.production.fitting import check_installed, fit
from textsynth.production.order import Order, make_order
from textsynth.production.produce import produce
from textsynth.production.quota import largest_remainders
from textsynth.recipes.permission import Permission, check_permission
from textsynth.recipes.recipe import NamedFilter, Recipe, Step
from textsynth.recipes.resolved import resolve
from textsynth.recipes.sections import VALIDATION
from textsynth.runs.fetched import fetch_files
from textsynth.runs.source import SourcePlan, read_resources

_RAW, _LABELLED = 100, 20_000
"""Examples of the source that are read at most: texts that labelers must label first, which is slow; others."""

_ASKS = "asks a model; textsynth run --dry-run shows what it would ask"
_LOOKS = "takes wordings of raw text, which textsynth run looks for"
_TRAINS = "trains or loads a network, which takes long; textsynth run makes its rows"


@dataclass(frozen=True)
class StepPreview:
    """Some rows of one step.

    Args:
        name: of the step; "source" for what the steps start from.
        examples: the rows.
        made: how many the step has made for these.
        dropped: how many of those were dropped, by reason.
        skipped: why there are no rows; empty if the step was tried.
    """

    name: str
    examples: Corpus
    made: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    skipped: str = ""


def preview(
    recipe: Recipe, number: int, *, permission: Permission | None = None, progress: Progress | None = None
) -> list[StepPreview]:
    """Makes some rows of each step of a recipe, from the first examples of its source.

    A step that takes long is skipped, and so is a filter that does; a run would use both. With `copies` the rows are
    copies of the first examples; with `balance` their classes are those that a run would fill up, in proportion.

    Args:
        recipe: what would be run.
        number: rows of each step.
        permission: what the recipe may do beyond its files; if None, what the variables of the environment allow.
        progress: is told how far the work is.

    Raises:
        TextsynthError: for whatever would stop the run.
    """
    check_permission(resolve(recipe).content, permission)
    with fetch_files(recipe, progress or Silence()):
        return _preview(recipe, number, progress or Silence())


def _preview(recipe: Recipe, number: int, progress: Progress) -> list[StepPreview]:
    """Makes some rows of each step, when all files are there; for arguments see `preview`."""
    check_installed(recipe.steps, recipe.filters, recipe.labelers)
    plan, most = SourcePlan.of(recipe).shorten(), _RAW if recipe.labelers else _LABELLED
    read = read_resources(plan, plan.begin_faults(), 1, progress, most=most)
    validation = read.divided.heldout.get(VALIDATION, Corpus.empty())
    resources = replace(read.resources, validation=validation)
    filters = [each for each in recipe.filters if not each.filter.example_options]
    shown = [StepPreview("source", resources.source[:number])] if recipe.source else []
    try:
        return [*shown, *(_preview_step(step, filters, resources, recipe, number) for step in recipe.steps)]
    except TextsynthError as error:
        if len(resources.source) < most:
            raise
        raise type(error)(f"{error}; the preview has read the first {most} examples of the source alone") from error


def _preview_step(
    step: Step, filters: Sequence[NamedFilter], resources: Resources, recipe: Recipe, number: int
) -> StepPreview:
    """Makes rows of one step as a run would that has no other: copies of the first examples, or classes in balance."""
    # What trains for long says with which options it is tried; what such a network writes would mislead.
    if step.generator.example_options:
        return StepPreview(
            step.name, Corpus.empty(), skipped=_ASKS if isinstance(step.generator, Previewed) else _TRAINS
        )
    if step.generator.takes_wordings() and resources.wordings is None:
        return StepPreview(step.name, Corpus.empty(), skipped=_LOOKS)
    order = _order_some(recipe, step, filters, resources.source, number)
    with tempfile.TemporaryDirectory(prefix="textsynth-") as folder, local_engine(1) as run_shards:
        fit(order, resources, Path(folder))
        harvest = produce(order, Path(folder), run_shards)
        corpus = Corpus.concat(list(harvest.corpora()))
    dropped = {reason: count for (_, _, reason), count in harvest.dropped.items()}
    return StepPreview(step.name, corpus, sum(stream.made for stream in harvest.streams), dropped)


def _order_some(recipe: Recipe, step: Step, filters: Sequence[NamedFilter], source: Corpus, number: int) -> Order:
    """Returns the order of a run with this step alone, with so many rows at most."""
    delivered = bool(recipe.export.source) and is_labelled(source)
    whole = make_order(recipe.production, [step], filters, source, delivered=delivered)
    if whole.copies is None:
        parts = largest_remainders(number, list(whole.quotas.values()))
        quotas = {label: part for label, part in zip(whole.quotas, parts, strict=True) if part}
        return replace(whole, quotas=quotas, shard_size=number)
    if not step.generator.makes_copies():
        return replace(whole, quotas={None: number}, shard_size=number, copies=None)
    copies = min(whole.copies, number)
    examples = min(number // copies, len(source))
    return replace(whole, quotas={None: copies * examples}, shard_size=number, copies=copies)
