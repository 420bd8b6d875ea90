"""Dry runs: what a run would ask of models, before it asks, and without leaving anything behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textsynth.components import registry
from textsynth.components.preview import Preview, Previewed, SamplerCall
from textsynth.delivery.real_text import is_labelled
from textsynth.errors import TextsynthError
from textsynth.extract import Resources
from textsynth.foundation.progress import Progress, Silence
from textsynth.production.fitting import fit_rng
from textsynth.production.order import make_order
from textsynth.production.shard import Shard
from textsynth.production.stream import plan_first_round
from textsynth.recipes.permission import Permission, check_permission
from textsynth.recipes.recipe import Recipe, Step
from textsynth.recipes.resolved import resolve
from textsynth.runs.fetched import fetch_files
from textsynth.runs.source import SourcePlan, read_resources


@dataclass(frozen=True)
class PlannedStep:
    """What one step would do.

    Args:
        name: of the step.
        generator: the registered name of its generator.
        examples: how many it would make in the first round; more follow for those that it or a filter rejects.
        preview: what it would ask a model in that round; None if it asks none.
    """

    name: str
    generator: str
    examples: int
    preview: Preview | None


def dry_run(
    recipe: Recipe, *, prompts: int = 3, permission: Permission | None = None, progress: Progress | None = None
) -> list[PlannedStep]:
    """Says for each step what it would ask a model: the very prompts that a run would send first, and an estimate.

    The estimate is of the first round, as nobody can know how many answers will be rejected and asked for anew.

    Args:
        recipe: what would be run.
        prompts: how many prompts of each step to show.
        permission: what the labelers of the recipe may do, which are asked; if None, what the variables of the
            environment allow.
        progress: is told how far reading the source is.

    Raises:
        TextsynthError: for whatever would stop the run before it asks.
    """
    check_permission(resolve(recipe).content, permission, asked=("labeler",))
    with fetch_files(recipe, progress or Silence()):
        return _dry_run(recipe, prompts, progress or Silence())


def _dry_run(recipe: Recipe, prompts: int, progress: Progress) -> list[PlannedStep]:
    """Says for each step what it would ask, when all files are there; for arguments see `dry_run`."""
    plan = SourcePlan.of(recipe).shorten()
    resources = read_resources(plan, plan.begin_faults(), 1, progress).resources
    delivered = bool(recipe.export.source) and is_labelled(resources.source)
    order = make_order(recipe.production, recipe.steps, recipe.filters, resources.source, delivered=delivered)
    shards = plan_first_round(order, Path())
    return [
        _plan_step(step, resources, [each for each in shards if each.step.name == step.name], prompts)
        for step in recipe.steps
    ]


def _list_calls(shard: Shard) -> list[SamplerCall]:
    """Returns the calls that a shard makes: one a class, all with one stream of random numbers."""
    rng = shard.rng()
    return [SamplerCall(count, rng, label) for label, count in shard.amounts]


def _plan_step(step: Step, resources: Resources, shards: Sequence[Shard], prompts: int) -> PlannedStep:
    examples, generator = sum(each.count for each in shards), step.generator
    preview = None
    if isinstance(generator, Previewed) and shards:
        calls = [call for each in shards for call in _list_calls(each)]
        rng = fit_rng(shards[0].seed, "generator", step.name)
        try:
            preview = generator.preview(resources, rng, calls, prompts)
        except TextsynthError as error:
            raise type(error)(f"generator {step.name!r}: {error}") from error
    return PlannedStep(step.name, registry.name_of(generator), examples, preview)
