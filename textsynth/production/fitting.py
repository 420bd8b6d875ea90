"""Fits the steps and filters of a run, each once, and tells what they learned."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from textsynth.components.component import Component, check_extras
from textsynth.components.filter import Filter
from textsynth.components.generator import Generator
from textsynth.components.learned import Learned, read_learned
from textsynth.corpus import Corpus
from textsynth.errors import InputError, TextsynthError
from textsynth.extract import Resources
from textsynth.foundation.disk import lasting_directory, write_whole
from textsynth.foundation.progress import Progress, Silence, watch
from textsynth.foundation.seeding import child_rng
from textsynth.labelling.label import NamedLabeler
from textsynth.production.helpers import release_helpers, share_fit
from textsynth.production.order import Order
from textsynth.recipes.recipe import NamedFilter, Step

THREADS = ".textsynth-threads"
"""The file in a run's directory that says how many threads torch has in its fits."""


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
    check_installed(order.steps, order.filters)
    for each in _fittings(order, directory):
        if not each.fitted.exists():
            shown = progress.stage(f"fit {each.name}")
            held = hold_threads(each.component, directory)
            with held, shown as stage, watch(stage), lasting_directory(each.fitted) as unfinished:
                _fit(each, resources, unfinished, order.seed)
    release_helpers()


def hold_threads(component: Component, directory: Path) -> AbstractContextManager[None]:
    """Lets torch have as many threads for a fit as the first network of a run had: others would give other bytes.

    Args:
        component: what is fitted; nothing happens if it needs no torch.
        directory: the run's.
    """
    if not {"torch", "models"} & set(component.extras):
        return nullcontext()
    import torch

    from textsynth.training.device import threads

    file = directory / THREADS
    if not file.exists():
        write_whole(file, f"{torch.get_num_threads()} {torch.get_num_threads()}")
    first, second = (*file.read_text(encoding="utf-8", errors="replace").split(), "", "")[:2]
    if not first.isdecimal() or first != second:  # Written twice, so that a damaged one is no other number.
        raise InputError(f"{file}: must be a number of threads, twice, is damaged; remove the run and begin anew")
    return threads(int(first))


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
    for each in _fittings(order, directory):
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
class _Fitting:
    """A step or filter, and the directory it is fitted in."""

    kind: str
    name: str
    component: Generator | Filter
    fitted: Path


def _fittings(order: Order, directory: Path) -> list[_Fitting]:
    steps = [
        _Fitting("generator", each.name, each.generator, step_directory(directory, each.name) / "fitted")
        for each in order.steps
    ]
    filters = [
        _Fitting("filter", each.name, each.filter, filter_directory(directory, each.name) / "fitted")
        for each in order.filters
    ]
    return [*steps, *filters]


def _fit(each: _Fitting, resources: Resources, directory: Path, seed: int) -> None:
    asks = isinstance(each.component, Filter) and each.component.needs_validation()
    seen = resources if asks else replace(resources, validation=Corpus.empty())
    share_fit(each.component, seen, seed, _name_stream(each.kind, each.name), directory)
    try:
        each.component.fit(seen, directory, fit_rng(seed, each.kind, each.name))
    except TextsynthError as error:
        raise type(error)(f"{each.kind} {each.name!r}: {error}") from error
