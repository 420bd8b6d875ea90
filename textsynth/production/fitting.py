"""Fits the steps and filters of a run, each once, and tells what they learned."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from textsynth.components import registry
from textsynth.components.component import Component, check_extras
from textsynth.components.filter import Filter
from textsynth.components.generator import Generator
from textsynth.components.learned import Learned, read_learned
from textsynth.corpus import Corpus
from textsynth.errors import InputError, TextsynthError
from textsynth.extract import Resources
from textsynth.foundation.disk import UNFINISHED, lasting_directory, write_whole
from textsynth.foundation.progress import Progress, Silence, watch
from textsynth.foundation.seeding import child_rng
from textsynth.labelling.label import NamedLabeler
from textsynth.production.engines.local import Mapper
from textsynth.production.helpers import release_helpers, share_fit
from textsynth.production.order import Order
from textsynth.recipes.recipe import NamedFilter, Step

THREADS = ".textsynth-threads"
"""The file in a run's directory that says how many threads torch has in its fits."""


def fit(
    order: Order, resources: Resources, directory: Path, progress: Progress | None = None, run_fits: Mapper = map
) -> None:
    """Fits every step and filter that has not been fitted yet; one whose fit was cut off goes on in its directory.

    Args:
        order: what is asked for.
        resources: what they learn from.
        directory: the run's directory.
        progress: is told how far each one is, as far as it tells `current_stage`.
        run_fits: the engine's function that maps over fits.

    Raises:
        TextsynthError: with the name of the step it happened in.
    """
    progress = progress or Silence()
    check_installed(order.steps, order.filters)
    waiting = [each for each in _list_fits(order, directory) if not each.fitted.exists()]
    waiting = [replace(each, torch_threads=count_threads(each.component, directory)) for each in waiting]
    fitted = run_fits(partial(_fit, resources), waiting)
    for each in waiting:
        with progress.stage(f"fit {each.name}") as stage, watch(stage):
            next(fitted)
    release_helpers()


def count_threads(component: Component, directory: Path) -> int | None:
    """Returns how many threads torch had for the first network of a run, which is this one perhaps.

    With another number a fit would give other bytes.

    Args:
        component: what is fitted; None if it needs no torch.
        directory: the run's.

    Raises:
        InputError: if what the run has noted of it is damaged.
    """
    if not {"torch", "models"} & set(component.extras):
        return None
    import torch

    file = directory / THREADS
    if not file.exists():
        write_whole(file, f"{torch.get_num_threads()} {torch.get_num_threads()}")
    first, second = (*file.read_text(encoding="utf-8", errors="replace").split(), "", "")[:2]
    if not first.isdecimal() or first != second:  # Written twice, so that a damaged one is no other number.
        raise InputError(f"{file}: must be a number of threads, twice, is damaged; remove the run and begin anew")
    return int(first)


def check_installed(
    steps: Sequence[Step], filters: Sequence[NamedFilter], labelers: Sequence[NamedLabeler] = ()
) -> None:
    """Checks that the extras are installed which components need; a run does so before it reads anything.

    Raises:
        MissingDependency: with the name of the first that lacks something.
    """
    for labeler in labelers:
        if isinstance(labeler.labeler, Component):
            check_extras(labeler.labeler, f"labeler {labeler.name!r}")
    for step in steps:
        check_extras(step.generator, f"generator {step.name!r}")
    for each in filters:
        check_extras(each.filter, f"filter {each.name!r}")


def fit_rng(seed: int, kind: str, name: str) -> np.random.Generator:
    """Returns the random stream that a component is fitted with.

    Args:
        seed: of the run.
        kind: "generator" or "filter".
        name: of the step or filter.
    """
    return child_rng(seed, *_name_stream(kind, name))


def _name_stream(kind: str, name: str) -> tuple[str, str, str]:
    return "fit", kind, name


def read_all_learned(order: Order, directory: Path) -> dict[str, Learned]:
    """Returns what the steps and filters of a run tell about what they learned, by name, if they tell anything."""
    told: dict[str, Learned] = {}
    for each in _list_fits(order, directory):
        learned = read_learned(each.fitted)
        if learned != Learned():
            told[f"{each.kind} {each.name}" if each.name in told else each.name] = learned
    return told


def step_directory(directory: Path, name: str) -> Path:
    """Returns where a step of a run has its shards and, in `fitted`, what it learned."""
    return directory / "steps" / name


def filter_directory(directory: Path, name: str) -> Path:
    """Returns where a filter of a run has, in `fitted`, what it learned."""
    return directory / "filters" / name


@dataclass(frozen=True)
class Fit:
    """One fit of a run.

    Args:
        kind: "generator" or "filter".
        name: of the step or filter.
        component: what is fitted.
        directory: the run's.
        seed: the run's.
        torch_threads: how many threads torch has; None if it is not needed.
    """

    kind: str
    name: str
    component: Generator | Filter
    directory: Path
    seed: int
    torch_threads: int | None = None

    @property
    def fitted(self) -> Path:
        """Where that stands which was learned."""
        place = filter_directory if self.kind == "filter" else step_directory
        return place(self.directory, self.name) / "fitted"

    @property
    def threads(self) -> int:
        """How many threads it keeps busy."""
        return self.torch_threads or 1

    @property
    def reads(self) -> tuple[str, ...]:
        """What must stand below the directory: nothing."""
        return ()

    @property
    def writes(self) -> tuple[str, ...]:
        """What stands there when all is learned."""
        return (self.fitted.relative_to(self.directory).as_posix(),)

    def __str__(self) -> str:
        """Names it, for messages."""
        return f"{self.kind} {self.name!r}"


def _list_fits(order: Order, directory: Path) -> list[Fit]:
    steps = [Fit("generator", each.name, each.generator, directory, order.seed) for each in order.steps]
    return [*steps, *(Fit("filter", each.name, each.filter, directory, order.seed) for each in order.filters)]


def _fit(resources: Resources, task: Fit) -> None:
    """Fits a step or filter; what a fit has left that was cut off, and made anew elsewhere, goes."""
    if task.fitted.exists():
        shutil.rmtree(task.fitted.with_name(task.fitted.name + UNFINISHED), ignore_errors=True)
        return
    asks = isinstance(task.component, Filter) and task.component.needs_validation()
    seen = resources if asks else replace(resources, validation=Corpus.empty())
    with _hold_threads(task.torch_threads), lasting_directory(task.fitted) as unfinished:
        share_fit(task.component, seen, task.seed, _name_stream(task.kind, task.name), unfinished)
        try:
            task.component.fit(seen, unfinished, fit_rng(task.seed, task.kind, task.name))
        except TextsynthError as error:
            said = str(error).removeprefix(f"{registry.name_of(task.component)}: ")  # The task has its name.
            raise type(error)(f"{task}: {said}") from error


def _hold_threads(count: int | None) -> AbstractContextManager[None]:
    if count is None:
        return nullcontext()
    from textsynth.training.device import threads

    return threads(count)
