"""Dry runs: what a run would ask of models, before it asks, and without leaving anything behind."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from textsynth.components import registry
from textsynth.components.preview import Preview, Previewed, SamplerCall
from textsynth.errors import TextsynthError
from textsynth.extract import Resources
from textsynth.foundation.progress import Progress, Silence
from textsynth.foundation.seeding import child_rng
from textsynth.production.production import Order, produce
from textsynth.production.shard import Shard
from textsynth.reading.records import Faults
from textsynth.recipes.recipe import Recipe, Step
from textsynth.runs.run import order_of, read_resources


@dataclass(frozen=True)
class Rehearsal:
    """What one step would do.

    Args:
        name: of the step.
        generator: the registered name of its generator.
        examples: how many it would make in the first round; more follow for those that it or a filter rejects.
        preview: what it would ask a model in that round; None where it asks none.
    """

    name: str
    generator: str
    examples: int
    preview: Preview | None


class _Planned(Exception):
    """Ends a production that has planned its first round."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        super().__init__()
        self.shards = shards


def dry_run(recipe: Recipe, *, prompts: int = 3, progress: Progress | None = None) -> list[Rehearsal]:
    """Says for each step what it would ask a model: the very prompts that a run would send first, and an estimate.

    The estimate is of the first round, as nobody can know how many answers will be rejected and asked for anew.

    Args:
        recipe: what would be run.
        prompts: how many prompts of each step to show.
        progress: is told how far reading the source is.

    Raises:
        TextsynthError: for whatever would stop the run before it asks.
    """
    faults = Faults(recipe.source.on_error if recipe.source else "stop")
    resources = read_resources(recipe, faults, 1, progress or Silence())
    shards = _first_round(order_of(recipe, resources.source))
    return [
        _rehearsal(step, resources, [each for each in shards if each.step.name == step.name], prompts)
        for step in recipe.steps
    ]


def _rehearsal(step: Step, resources: Resources, shards: Sequence[Shard], prompts: int) -> Rehearsal:
    examples, generator = sum(each.count for each in shards), step.generator
    preview = None
    if isinstance(generator, Previewed) and shards:
        name = f"generator {step.name!r}"
        calls = [SamplerCall(each.count, child_rng(each.seed, step.name, each.number), each.label) for each in shards]
        try:
            preview = generator.preview(resources, child_rng(shards[0].seed, name, "fit"), calls, prompts)
        except TextsynthError as error:
            raise type(error)(f"{name}: {error}") from error
    return Rehearsal(step.name, registry.name_of(generator), examples, preview)


def _first_round(order: Order) -> Sequence[Shard]:
    """Returns the shards that a production would make first."""

    def stop(function: Callable[[Any], Any], tasks: Sequence[Any]) -> NoReturn:
        raise _Planned(tasks)

    with tempfile.TemporaryDirectory(prefix="textsynth-") as folder:
        try:
            produce(dataclasses.replace(order, filters=()), Path(folder), stop)
        except _Planned as planned:
            return planned.shards
    return ()
