"""Runs a recipe in a directory: read, extract, fit, produce, export.

The directory is the truth about the run. Whatever stands in it was written whole, so a run that is started again goes
on where it stopped, and comes out the same to the byte.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import tomli_w

from textsynth.components.preview import Accounted
from textsynth.conversion.files import find, read_batches
from textsynth.corpus import Corpus
from textsynth.delivery.export import export
from textsynth.errors import (
    InputError,
    OptionError,
    OutputError,
    RunMismatch,
    TextsynthError,
    UnknownName,
    nearest,
)
from textsynth.extract import Resources
from textsynth.extract.annotation import annotate
from textsynth.extract.label_choice import with_labels
from textsynth.foundation.disk import make_parents, sole_use, sweep, whole_directory, write_whole
from textsynth.foundation.progress import Progress, Silence, watch
from textsynth.privacy.disclosure import disclosures
from textsynth.production import versions
from textsynth.production.engines.local import affordable, local_engine
from textsynth.production.production import Harvest, Order, fit, produce, read_all_learned
from textsynth.production.quota import level_quotas
from textsynth.production.summary import FILE as SUMMARY
from textsynth.production.summary import Summary, read_finished, write
from textsynth.reading.records import Faults
from textsynth.recipes.inputs import input_fingerprints
from textsynth.recipes.recipe import Recipe, Step, differences, resolve, without_adjustable

logger = logging.getLogger(__name__)

_RECIPE, _EXTRACTED = "recipe.toml", "extracted"
_SHOWN = 5


def run(recipe: Recipe, directory: Path, *, workers: int = 1, progress: Progress | None = None) -> Summary:
    """Runs a recipe, or goes on with a run that was stopped.

    Args:
        recipe: what to do.
        directory: where; made if need be.
        workers: processes that make shards; the result does not depend on their number.
        progress: is told how far the work is.

    Returns:
        What was done. Its state is "short" where fewer examples could be made than were asked for.

    Raises:
        RunMismatch: where the directory was begun with another recipe or source.
        OutputError: where the directory cannot be written.
        TextsynthError: for whatever else is wrong, with the place.
    """
    progress = progress or Silence()
    with _begin(recipe, directory):
        _check_begin(recipe, directory)
        done = read_finished(directory)
        if done is not None:
            return done
        for step in recipe.steps:
            for need in _needs(step):
                progress.note(f"{step.name}: {need}")
        generators = {step.name: step.generator for step in recipe.steps}
        filters = {each.name: each.filter for each in recipe.filters}
        for part in disclosures(recipe.production.seed, generators, filters):
            logger.warning("differential privacy: %s", part)
        summary = Summary(seed=recipe.production.seed, workers=workers, versions=versions.read_versions())
        with summary.time_stage("read and extract"):
            resources = _resources(recipe, directory, workers, progress, summary)
        order = order_of(recipe, resources.source)
        summary.asked = sum(order.quotas.values())
        _make(recipe, order, resources, directory, progress, summary)
        write(summary, directory)
        return summary


def find_fitted_directory(directory: Path, file: str, step: str | None = None) -> Path:
    """Returns what a step of a run has learned.

    Args:
        directory: the run's directory, or the fitted one itself.
        file: the file that steps of the right kind have written.
        step: the name of the step; None for the only one that has the file.

    Raises:
        InputError: where the directory is neither.
        UnknownName: where there is no such step.
        OptionError: where several steps have the file and none is named.
    """
    if not directory.is_dir():
        raise InputError(f"{directory}: must be a directory, there is none")
    places = {place.parent.name: place for place in sorted(directory.glob("steps/*/fitted"))}
    if step is not None:
        if step not in places:
            raise UnknownName(f"{directory}: there is no fitted step {step!r}; {nearest(step, places)}")
        return places[step]
    if not places and (directory / file).exists():
        return directory
    right = [name for name, place in places.items() if (place / file).exists()]
    if not right:
        raise InputError(f"{directory}: must be a run with a fitted step that has {file}; {nearest('', places)}")
    if len(right) > 1:
        raise OptionError(f"{directory}: the step must be named where several have {file}; {nearest('', right)}")
    return places[right[0]]


def _needs(step: Step) -> list[str]:
    try:
        return step.generator.needs()
    except TextsynthError as error:
        raise type(error)(f"generator {step.name!r}: {error}") from error


def _make(
    recipe: Recipe, order: Order, resources: Resources, directory: Path, progress: Progress, summary: Summary
) -> None:
    """Fits, generates, filters and exports."""
    with summary.time_stage("fit"):
        fit(order, resources, directory, progress)
    summary.learned = read_all_learned(order, directory)
    workers = affordable(summary.workers, max(step.generator.memory() for step in recipe.steps))
    shown = progress.stage("generate and filter", summary.asked)
    with (
        summary.time_stage("generate and filter"),
        shown as stage,
        watch(stage),
        local_engine(workers) as run_shards,
    ):
        harvest = produce(order, directory, run_shards, stage.advance)
    _count(summary, harvest)
    for step in order.steps:
        if isinstance(step.generator, Accounted):
            usage = step.generator.account(directory / "steps" / step.name / "fitted")
            summary.learned[step.name] = summary.learned.get(step.name, {}) | dataclasses.asdict(usage)
    written = len(harvest) * (1 + len(recipe.export.formats))
    with summary.time_stage("export"), progress.stage("export", written) as stage:
        export(recipe, harvest, resources.source, directory, summary, stage.advance)


@contextlib.contextmanager
def _begin(recipe: Recipe, directory: Path) -> Iterator[None]:
    """Begins a run directory or checks that it belongs to this recipe, and has it alone while the block runs.

    Whatever ends the block, nothing half-written stays; and where not even the source could be read, nothing at all.
    """
    if directory.exists() and not directory.is_dir():
        raise OutputError(f"{directory}: must be a directory for the run, is a file")
    with make_parents(directory / _RECIPE), sole_use(directory):
        sweep(directory)
        new = not (directory / _RECIPE).exists()
        _open(recipe, directory)
        try:
            yield
        except BaseException:
            sweep(directory)
            if new and not (directory / _EXTRACTED).exists():
                (directory / _RECIPE).unlink(missing_ok=True)
            raise


def _open(recipe: Recipe, directory: Path) -> None:
    """Writes the recipe into a new run directory, or compares it with the one that stands there."""
    path = directory / _RECIPE
    content = resolve(recipe)
    if not path.exists() and any(directory.iterdir()):
        raise OutputError(f"{directory}: must be empty or the directory of a run, has other files")
    written = _read_written_recipe(path) if path.exists() else content
    before, now = without_adjustable(written), without_adjustable(content)
    changed = differences(before, now)
    if changed and not _may_change(directory, before, now):
        raise RunMismatch(
            f"{directory}: was begun with another recipe: {_list_first(changed)}; choose another --out or remove this"
        )
    for place in _other_than_before(directory, before, now) if changed else ():
        shutil.rmtree(place)
    if not path.exists() or (written != content and not (directory / SUMMARY).exists()):
        write_whole(path, tomli_w.dumps(content))
        for place in _other_than_before(directory, written, content):
            if (place / "fitted").is_dir():
                (place / "fitted").touch()  # Samplers are kept by its time, and those at hand may have other caps.


def _read_written_recipe(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RunMismatch(f"{path}: must be the recipe of a run: {error}") from error


def _may_change(directory: Path, before: dict[str, Any], content: dict[str, Any]) -> bool:
    """Says whether a run can go on with a recipe that is not the one it was begun with.

    So that a mistake that shows late need not cost what was done: until it has ended, a run takes another [export];
    until it has made something, also other generators, filters and amounts.
    """
    if (directory / SUMMARY).exists():
        return False
    settled = content.keys() - {"export"}
    if any((directory / "steps").glob("*/shard-*.parquet")):
        return all(before.get(name) == content[name] for name in settled) and before.keys() <= content.keys()
    return all(before.get(name) == content.get(name) for name in ("seed", "source", "extract"))


def _other_than_before(directory: Path, before: dict[str, Any], content: dict[str, Any]) -> list[Path]:
    """Returns the directories of steps and filters that are not in the content as they were before."""
    places = []
    for kind, folder in (("generator", "steps"), ("filter", "filters")):
        same = {each["name"] for each in content[kind] if each in before.get(kind, [])}
        places += [place for place in (directory / folder).glob("*/") if place.name not in same]
    return places


def _list_first(changed: Sequence[str]) -> str:
    """Lists the first few."""
    more = [f"and {len(changed) - _SHOWN} more"] if len(changed) > _SHOWN else []
    return "; ".join([*changed[:_SHOWN], *more])


def _check_begin(recipe: Recipe, directory: Path) -> None:
    """Compares the files the recipe names, and the versions, with what they were when the run was begun."""
    if not (directory / _EXTRACTED).exists():
        return
    note = _note(directory)
    changed = differences(note["versions"], versions.read_versions())
    if changed and read_finished(directory) is None:
        logger.warning("%s: was begun with other versions, so the bytes may differ: %s", directory, "; ".join(changed))
    before, now = note["inputs"], input_fingerprints(recipe)
    for path in before.keys() & now.keys():
        if before[path] != now[path]:
            raise RunMismatch(
                f"{directory}: {path} has changed since the run was begun; choose another --out or remove this"
            )


def _note(directory: Path) -> dict[str, Any]:
    return json.loads((directory / _EXTRACTED / "source.json").read_text(encoding="utf-8"))


def _resources(recipe: Recipe, directory: Path, workers: int, progress: Progress, summary: Summary) -> Resources:
    """Reads and extracts the source, once."""
    place = directory / _EXTRACTED
    if not place.exists():
        note: dict[str, Any] = {"inputs": input_fingerprints(recipe), "versions": versions.read_versions()}
        with whole_directory(place) as partial:
            faults = Faults(recipe.source.on_error if recipe.source else "stop")
            read_resources(recipe, faults, workers, progress).write(partial)
            faults.write(partial / "rejected_source.jsonl")
            note["rejected"] = len(faults.rejected)
            (partial / "source.json").write_text(json.dumps(note), encoding="utf-8")
    resources = Resources.read(place)
    path = recipe.source.path.name if recipe.source else ""
    rejected = _note(directory)["rejected"]
    summary.source = {"path": path, "examples": len(resources.source), "rejected": rejected}
    return resources


def read_resources(recipe: Recipe, faults: Faults, workers: int, progress: Progress) -> Resources:
    """Reads the source, finds its entities where it has none, and extracts what generators learn from.

    Args:
        recipe: which source, and how.
        faults: what becomes of bad records.
        workers: processes of a spaCy pipeline.
        progress: is told how far the work is.
    """
    source = _label(recipe, faults, workers, progress)
    return Resources.of(source).with_edits(recipe.extract.templates, recipe.extract.gazetteer)


def _label(recipe: Recipe, faults: Faults, workers: int, progress: Progress) -> Corpus:
    if recipe.source is None:
        return Corpus.empty()
    source = recipe.source
    with progress.stage(f"read {source.path.name}") as stage:
        batches = []
        for batch in read_batches(source.path, find(source.path, source.format, source.options), faults):
            batches.append(batch)
            stage.advance(len(batch))
    corpus = Corpus.concat(batches)
    options = recipe.extract
    if corpus.labels or not options.spacy_model:
        return with_labels(corpus, options.labels)
    with progress.stage(f"find entities with {options.spacy_model}", len(corpus)) as stage:
        return annotate(
            corpus,
            options.spacy_model,
            labels=options.labels,
            sentences=options.sentences,
            workers=workers if len(corpus) > 2000 else 1,
            advance=stage.advance,
        )


def order_of(recipe: Recipe, source: Corpus) -> Order:
    """Returns what a recipe asks for, given its source."""
    production = recipe.production
    return Order(
        recipe.steps,
        recipe.filters,
        _quotas(recipe, source),
        production.seed,
        production.shard_size,
        production.min_acceptance,
        production.copies,
    )


def _quotas(recipe: Recipe, source: Corpus) -> dict[str | None, int]:
    production = recipe.production
    if production.copies is not None:
        return {None: production.copies * len(source) * len(recipe.steps)}
    if not production.balance:
        return {None: production.count or 0}
    counts = Counter(each for each in source.table.column("label").to_pylist() if each is not None)
    if not counts:
        raise OptionError("balance = true: the source must have examples with a class, has none")
    quotas = level_quotas(counts, production.count)
    if not quotas:
        raise OptionError(f"balance = true: all classes have {max(counts.values())} examples already; give a count")
    return quotas


def _count(summary: Summary, harvest: Harvest) -> None:
    summary.delivered = len(harvest)
    summary.state = "complete" if summary.delivered == summary.asked else "short"
    dropped: Counter[str] = Counter()
    for stream in harvest.streams:
        step = summary.steps.setdefault(stream.step.name, {"made": 0, "kept": 0, "dropped": {}, "ended": ""})
        step["made"] += stream.made
        step["kept"] += stream.kept
        if stream.exhausted and stream.exhausted not in step["ended"]:
            step["ended"] = "; ".join(filter(None, [step["ended"], stream.exhausted]))
    for (name, _, reason), count in sorted(harvest.dropped.items()):
        by_reason = summary.steps[name]["dropped"]
        by_reason[reason] = by_reason.get(reason, 0) + count
        dropped[reason] += count
    summary.dropped = dict(dropped)
    summary.made = sum(step["made"] for step in summary.steps.values())
