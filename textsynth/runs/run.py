"""Runs a recipe in a directory: read, extract, fit, produce, export."""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from textsynth.components.preview import Accounted
from textsynth.components.versions import read_versions
from textsynth.corpus import Corpus
from textsynth.delivery.export import export
from textsynth.delivery.real_text import is_labelled
from textsynth.errors import TextsynthError
from textsynth.evaluation.evaluate import choose_metrics
from textsynth.extract import Resources
from textsynth.foundation.progress import Progress, Silence, watch
from textsynth.privacy.disclosure import disclosures
from textsynth.production.engines.engine import PROCESS, Engine, EngineChoice, open_engine
from textsynth.production.fitting import check_installed, fit, read_all_learned, step_directory
from textsynth.production.order import Order, make_order
from textsynth.production.produce import Harvest, produce
from textsynth.production.summary import SourceCounts, Summary, dump, read_finished
from textsynth.recipes.permission import Permission, check_permission, list_keys
from textsynth.recipes.recipe import Recipe
from textsynth.recipes.resolved import ResolvedRecipe, resolve
from textsynth.recipes.sections import VALIDATION
from textsynth.runs.canaries import plant
from textsynth.runs.directory import begin, clear, name_as_begun
from textsynth.runs.expansion import BROUGHT, read_brought
from textsynth.runs.fetched import fetch_files
from textsynth.runs.heldout import join_parts, read_heldout
from textsynth.runs.remote import open_place
from textsynth.runs.report import evaluate_run
from textsynth.runs.soundness import check_extracted, seal
from textsynth.runs.source import EXTRACTED, Inputs, SourcePlan, extract_once, read_note

logger = logging.getLogger(__name__)


def run(  # noqa: PLR0913
    recipe: Recipe,
    directory: str | Path,
    *,
    workers: int | None = None,
    engine: str = PROCESS,
    overwrite: bool = False,
    permission: Permission | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Runs a recipe, or goes on with a run that was stopped.

    Args:
        recipe: what to do.
        directory: where; made if need be. Or a URL, as `open_place` takes it.
        workers: processes that make shards; the result does not depend on their number. One if None, or with Ray as
            many as there are cores.
        engine: where they are: "process" of this machine, or "ray"; see `docs/ray.md`.
        overwrite: whether what another run has written there is removed first.
        permission: what the recipe may do beyond its files: send keys, run code; if None, what the variables of the
            environment allow.
        progress: is told how far the work is.

    Returns:
        What was done. Its state is "short" if fewer examples could be made than were asked for.

    Raises:
        OptionError: for what the recipe wants and is not allowed.
        RunMismatch: if the directory was begun with another recipe or source.
        OutputError: if the directory cannot be written.
        TextsynthError: for whatever else is wrong, with the place.
    """
    progress = progress or Silence()
    resolved = resolve(recipe)
    check_permission(resolved.content, permission)
    with fetch_files(recipe, progress), open_place(directory) as folder:
        return _run(recipe, resolved, folder, EngineChoice(engine, workers), overwrite, progress)


def _run(
    recipe: Recipe,
    resolved: ResolvedRecipe,
    directory: Path,
    choice: EngineChoice,
    overwrite: bool,
    progress: Progress,
) -> Summary:
    """Runs a recipe in a local directory; for arguments see `run`."""
    for use in list_keys(resolved.content):
        progress.note(str(use))
    inputs = Inputs(resolved.fingerprint_inputs(), read_versions(recipe.libraries(), recipe.components()))
    if overwrite:
        clear(directory, inputs.files)
    resolved, inputs = name_as_begun(resolved, inputs, directory)
    with begin(resolved, inputs, directory) as extracted:
        done = read_finished(directory)
        if done is not None:
            return done
        _announce(recipe, choice, progress)
        workers = choice.workers or 1
        summary = Summary(seed=resolved.seed, workers=workers, versions=dict(inputs.versions))
        with summary.time_stage("read and extract"):
            resources = extract_once(SourcePlan.of(recipe), inputs, directory, workers, progress)
            check_extracted(directory, extracted)
        heldout = read_heldout(directory / EXTRACTED)
        validation = heldout.get(VALIDATION, Corpus.empty())
        resources = replace(resources, today=recipe.production.today, validation=validation)
        if recipe.source:
            note = read_note(directory)
            summary.source = SourceCounts(
                recipe.source.path.name,
                examples=len(resources.source),
                rejected=note.rejected,
                heldout=sum(map(len, heldout.values())),
                repeated=note.repeated,
                gold=note.gold,
                gold_heldout=list(note.gold_heldout),
            )
        delivered = bool(recipe.export.source) and is_labelled(resources.source)
        order = make_order(recipe.production, recipe.steps, recipe.filters, resources.source, delivered=delivered)
        planted = None
        if recipe.canaries:
            planted = plant(recipe.canaries, resources, recipe.extract, recipe.production.seed)
            order = planted.guard(order)
        learnt = planted.resources if planted else resources
        memory = max(step.generator.memory() for step in order.steps)
        with open_engine(choice, memory, directory, summary.versions) as engine:
            harvest = _make(order, learnt, directory, engine, progress, summary)
            for each in read_brought(directory / EXTRACTED / BROUGHT):
                if each.mentions:
                    summary.add_facts("new mentions", {f"{each.label} from {each.place}": each.tell()})
            with summary.time_stage("export"), progress.stage("export") as stage:
                export(resolved, harvest, resources.source, heldout, directory, summary, stage, engine.write)
        if recipe.evaluate:
            with summary.time_stage("evaluate"), progress.stage("evaluate") as stage, watch(stage):
                unseen = join_parts({split: heldout[split] for split in recipe.list_unseen(heldout)})
                exposures = planted.find_exposures(order, harvest, directory) if planted else ()
                evaluate_run(recipe.evaluate, harvest, resources.source, unseen, directory, summary, exposures)
        seal(directory, dump(summary))
        return summary


def _announce(recipe: Recipe, choice: EngineChoice, progress: Progress) -> None:
    """Says what the run takes from outside, and what would take away from the privacy it asks for."""
    choice.check()
    check_installed(recipe.steps, recipe.filters, recipe.labelers)
    if recipe.evaluate:
        choose_metrics(recipe.evaluate.metrics or None, recipe.evaluate.use, recipe.evaluate.options)
    parts: list[tuple[str, str, Any]] = [("labeler", each.name, each.labeler) for each in recipe.labelers]
    parts += [("generator", step.name, step.generator) for step in recipe.steps]
    parts += [("section", "raw", recipe.raw)] if recipe.raw else []
    parts += [("section", "chat", recipe.chat)] if recipe.chat else []
    for kind, name, part in parts:
        for need in _needs(kind, name, part):
            progress.note(f"{name}: {need}")
    generators = {step.name: step.generator for step in recipe.steps}
    filters = {each.name: each.filter for each in recipe.filters}
    for part in disclosures(recipe.production.seed, generators, filters):
        logger.warning("differential privacy: %s", part)


def _needs(kind: str, name: str, part: Any) -> list[str]:
    try:
        return list(part.needs())
    except TextsynthError as error:
        raise type(error)(f"{kind} {name!r}: {error}") from error


def _make(
    order: Order,
    resources: Resources,
    directory: Path,
    engine: Engine,
    progress: Progress,
    summary: Summary,
) -> Harvest:
    """Fits, generates and filters."""
    summary.asked = sum(order.quotas.values())
    summary.workers = engine.workers
    with summary.time_stage("fit"):
        fit(order, resources, directory, progress, engine.fit)
    summary.learned = read_all_learned(order, directory)
    shown = progress.stage("generate and filter", summary.asked)
    with summary.time_stage("generate and filter"), shown as stage, watch(stage):
        harvest = produce(order, directory, engine.make, stage.advance)
    summary.count(harvest)
    for step in order.steps:
        if isinstance(step.generator, Accounted):
            usage = step.generator.account(step_directory(directory, step.name) / "fitted")
            summary.add_facts(step.name, asdict(usage))
    return harvest
