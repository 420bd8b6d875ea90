"""The directory of a run: how it is begun, whose it is, and what may still change.

The directory is the truth about the run. Whatever stands in it was written whole, so a run that is started again goes
on where it stopped, and comes out the same to the byte.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from textsynth.errors import InputError, OptionError, OutputError, RunMismatch, UnknownName, nearest
from textsynth.foundation.disk import LOCK, holds_nothing, make_parents, sole_use, sweep, write_whole
from textsynth.foundation.sums import SUMS, dump_sums
from textsynth.production.fitting import THREADS
from textsynth.production.rejects import FILE as REJECTS
from textsynth.production.summary import FILE as SUMMARY
from textsynth.production.summary import read_finished
from textsynth.recipes.resolved import ResolvedRecipe, differences
from textsynth.runs.report import DIRECTORY as REPORT
from textsynth.runs.soundness import RECIPE, find_foreign, mend
from textsynth.runs.source import ANSWERS, EXTRACTED, Inputs, read_note

_WRITTEN = (RECIPE, ANSWERS, EXTRACTED, "steps", "filters", REJECTS, "dataset", "exports", REPORT, SUMMARY)
"""What a run writes into its directory."""
_LEARNT_FROM = ("seed", "source", "raw", "chat", "labeler", "label", "extract", "canaries")
"""The parts of a recipe that decide what is learnt from."""
_SHOWN = 5
"""Differences between two recipes that a message lists."""

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def begin(recipe: ResolvedRecipe, inputs: Inputs, directory: Path) -> Iterator[Mapping[str, str]]:
    """Begins a run directory or checks that it belongs to this recipe, and has it alone while the block runs.

    Whatever ends the block, nothing half-written stays; and if not even the source could be read, nothing at all. A
    directory that is refused stays as it is. What is damaged in it is removed first, to be made again; the block gets
    the checksums of what was extracted, if that is among it.

    Args:
        recipe: that of the run.
        inputs: what decides the bytes beside the recipe.
        directory: the run's.

    Raises:
        RunMismatch: if the directory was begun with another recipe or source.
        OutputError: if it is in use, or cannot be written.
    """
    _check_place(directory)
    with make_parents(directory / RECIPE), sole_use(directory):
        new = not (directory / RECIPE).exists()
        if new:
            write_whole(directory / SUMS, dump_sums({}))
        try:
            _claim(recipe, directory)
            extracted = mend(directory)
            _check_inputs(inputs, directory)
        except BaseException:
            _give_up(directory, new)
            raise
        sweep(directory)
        try:
            yield extracted
        except BaseException:
            sweep(directory)
            _give_up(directory, new)
            raise


def name_as_begun(recipe: ResolvedRecipe, inputs: Inputs, directory: Path) -> tuple[ResolvedRecipe, Inputs]:
    """Returns a recipe and its inputs with the paths that the files had when the run was begun.

    So a run goes on that was moved with its recipe and source, or is reached through a link: a file is known by its
    content. If several had the same, one of the same name is meant.

    Args:
        recipe: that of the run.
        inputs: the files it names now.
        directory: the run's.
    """
    try:
        begun = read_note(directory).inputs
    except (OSError, ValueError, TypeError):  # It is new, or is damaged, and made again.
        return recipe, inputs
    places = {}
    for path, content in inputs.files.items():
        same = [each for each in begun if begun[each] == content and each not in inputs.files]
        if path not in begun and same:
            places[path] = min(same, key=lambda each: (Path(each).name != Path(path).name, each))
    files = {places.get(path, path): content for path, content in inputs.files.items()}
    return recipe.with_places(places), replace(inputs, files=files)


def _give_up(directory: Path, new: bool) -> None:
    """Leaves nothing of a new run of which not even the source could be read, unless a model was paid for it."""
    if new and not any((directory / each).exists() for each in (ANSWERS, EXTRACTED)):
        (directory / RECIPE).unlink(missing_ok=True)
        (directory / SUMS).unlink(missing_ok=True)


def clear(directory: Path, inputs: Iterable[str]) -> None:
    """Removes what a run has written into its directory; one that has anything else stays as it is.

    Args:
        directory: the run's; nothing happens if it is new.
        inputs: the paths of the files that the next run will read.

    Raises:
        OutputError: if it is no run's directory, has other files or one that is to be read, or is in use.
    """
    _check_place(directory)
    if not (directory / SUMS).exists():
        return
    others = sorted({each.name for each in directory.iterdir()} - {*_WRITTEN, LOCK, SUMS, THREADS}) + find_foreign(
        directory
    )
    if others:
        raise OutputError(f"{directory}: must have nothing but a run to be overwritten, has {others[0]!r}")
    written = [(directory / name).resolve() for name in _WRITTEN]
    for path in map(Path, inputs):
        if any(path.resolve().is_relative_to(each) for each in written):
            raise OutputError(f"{path}: must be copied elsewhere first, --overwrite would remove it before it is read")
    with sole_use(directory):
        (directory / THREADS).unlink(missing_ok=True)
        for each in written:
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink(missing_ok=True)


def find_fitted_directory(directory: Path, file: str, step: str | None = None) -> Path:
    """Returns what a step of a run has learned.

    Args:
        directory: the run's directory, or the fitted one itself.
        file: the file that steps of the right kind have written.
        step: the name of the step; None for the only one that has the file.

    Raises:
        InputError: if the directory is neither.
        UnknownName: if there is no such step.
        OptionError: if several steps have the file and none is named.
    """
    if not directory.is_dir():
        raise InputError(f"{directory}: must be a directory, there is none")
    found = {path.parent.name: path for path in sorted(directory.glob("steps/*/fitted"))}
    if step is not None:
        if step not in found:
            raise UnknownName(f"{directory}: there is no fitted step {step!r}; {nearest(step, found)}")
        return found[step]
    if not found and (directory / file).exists():
        return directory
    right = [name for name, path in found.items() if (path / file).exists()]
    if not right:
        raise InputError(f"{directory}: must be a run with a fitted step that has {file}; {nearest('', found)}")
    if len(right) > 1:
        raise OptionError(f"{directory}: the step must be named if several have {file}; {nearest('', right)}")
    return found[right[0]]


def _check_place(directory: Path) -> None:
    """Refuses what is neither new nor a run's, before anything is written there."""
    if directory.exists() and not directory.is_dir():
        raise OutputError(f"{directory}: must be a directory for the run, is a file")
    if directory.is_dir() and not (directory / SUMS).exists() and not holds_nothing(directory):
        raise OutputError(f"{directory}: must be empty or the directory of a run, has other files")


def _claim(recipe: ResolvedRecipe, directory: Path) -> None:
    """Writes the recipe into a new run directory, or compares it with the one that stands there."""
    path = directory / RECIPE
    if not path.exists():
        write_whole(path, recipe.to_toml())
        return
    written = ResolvedRecipe.read(path)
    before, now = written.lasting(), recipe.lasting()
    changed = differences(before, now)
    if changed and not _may_change(directory, before, now):
        raise RunMismatch(
            f"{directory}: was begun with another recipe: {_list_first(changed)}; choose another --out, or --overwrite"
        )
    for outdated in _find_outdated(directory, before, now) if changed else ():
        shutil.rmtree(outdated)
    if written != recipe and not (directory / SUMMARY).exists():
        write_whole(path, recipe.to_toml())


def _may_change(directory: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Says whether a run can go on with a recipe that is not the one it was begun with.

    So that a mistake that shows late need not cost what was done: until it has ended, a run takes another [export] and
    another [evaluate]; until it has made something, also other generators, filters and amounts.
    """
    if (directory / SUMMARY).exists():
        return False
    if any((directory / "steps").glob("*/shard-*.arrow")):
        fixed = (before.keys() | now.keys()) - {"export", "evaluate"}
        return all(before.get(name) == now.get(name) for name in fixed)
    return all(before.get(name) == now.get(name) for name in _LEARNT_FROM)


def _find_outdated(directory: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Path]:
    """Returns the directories of steps and filters that are no more what they were fitted as."""
    outdated = []
    for kind, folder in (("generator", "steps"), ("filter", "filters")):
        same = {each["name"] for each in now[kind] if each in before.get(kind, [])}
        names = {each["name"] for each in before.get(kind, [])} - same
        outdated += [directory / folder / name for name in sorted(names) if (directory / folder / name).is_dir()]
    return outdated


def _list_first(changed: Sequence[str]) -> str:
    more = [f"and {len(changed) - _SHOWN} more"] if len(changed) > _SHOWN else []
    return "; ".join([*changed[:_SHOWN], *more])


def _check_inputs(inputs: Inputs, directory: Path) -> None:
    """Compares the files the recipe names, and the versions, with what they were when the run was begun."""
    if not (directory / EXTRACTED).exists():
        return
    note = read_note(directory)
    changed = differences(note.versions, inputs.versions)
    if changed and read_finished(directory) is None:
        logger.warning("%s: was begun with other versions, so the bytes may differ: %s", directory, "; ".join(changed))
    for path in note.inputs.keys() & inputs.files.keys():
        if note.inputs[path] != inputs.files[path]:
            raise RunMismatch(
                f"{directory}: {path} has changed since the run was begun; choose another --out, or --overwrite"
            )
