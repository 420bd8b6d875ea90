"""`textsynth run`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textsynth.commands.argument import AsJson, Confine, KeyEnv, Quiet, Trust, Verbose, check_positive
from textsynth.commands.terminal import begin, console, print_json

if TYPE_CHECKING:
    from textsynth.foundation.progress import Progress
    from textsynth.recipes.permission import Permission
    from textsynth.recipes.recipe import Recipe

SHORT = 1
"""The exit code of a run that delivered fewer examples than were asked for."""


def run(
    recipe: Annotated[Path, typer.Argument(help="A recipe, TOML.")],
    out: Annotated[
        str, typer.Option("--out", "-o", help="The directory of the run, or its URL; a stopped run goes on in it.")
    ],
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", help="Processes; they do not change the result. 1, or all of Ray's."),
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", help="Where they are: process, on this machine, or ray, as RAY_ADDRESS says.")
    ] = "process",
    allow_fewer: Annotated[
        bool, typer.Option("--allow-fewer", help="Exit with 0 though fewer came than asked.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Remove what another run has written there, and begin anew.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what models would be asked; ask none and write nothing.")
    ] = False,
    trust: Trust = None,
    key_env: KeyEnv = None,
    confine: Confine = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Runs a recipe, or goes on where it stopped."""
    from textsynth.production.helpers import help_another
    from textsynth.production.summary import shortfall
    from textsynth.recipes import recipe as recipes
    from textsynth.recipes.permission import Permission
    from textsynth.runs.remote import open_place
    from textsynth.runs.run import run as run_recipe

    if help_another():
        return
    progress = begin(quiet or as_json, verbose)
    if workers is not None:
        check_positive("--workers", workers)
    permission = Permission.of(trust or (), key_env or (), folder=recipe.absolute().parent if confine else None)
    loaded = recipes.load(recipe)
    if dry_run:
        _show_dry_run(loaded, permission, progress, as_json)
        return
    with open_place(out) as place:
        before = _read_moment(place)
        summary = run_recipe(
            loaded,
            place,
            workers=workers,
            engine=engine,
            overwrite=overwrite,
            permission=permission,
            progress=progress,
        )
        already = before is not None and before == _read_moment(place)
        if as_json:
            print_json({"directory": out, **asdict(summary)})
        elif not quiet:
            _print_run(summary, place, out, already)
    if summary.state == "short" and not (allow_fewer or loaded.production.allow_fewer):
        print(f"textsynth: {shortfall(summary)}; --allow-fewer accepts that", file=sys.stderr)
        raise typer.Exit(SHORT)


def _read_moment(out: Path) -> int | None:
    """Returns the moment at which a run has ended; None if it has not."""
    from textsynth.production.summary import FILE

    return (out / FILE).stat().st_mtime_ns if (out / FILE).is_file() else None


def _show_dry_run(recipe: Recipe, permission: Permission, progress: Progress, as_json: bool) -> None:
    """Shows what a run would ask of models."""
    from textsynth.commands.display import describe_planned_step
    from textsynth.recipes.permission import list_keys
    from textsynth.recipes.resolved import resolve
    from textsynth.runs.dry_run import dry_run

    for use in [] if as_json else list_keys(resolve(recipe).content):
        typer.echo(
            str(use) if permission.allows(use) else f"{use}, which must be allowed: --key-env {use.name}={use.host}"
        )
    for planned in dry_run(recipe, permission=permission, progress=progress):
        if as_json:
            print_json(asdict(planned))
        else:
            typer.echo(describe_planned_step(planned))


def _print_run(summary: Any, directory: Path, out: str, already: bool) -> None:
    from textsynth.commands.display import after_tables, summary_table, tell_labelers
    from textsynth.delivery.export import sample_delivered
    from textsynth.runs.source import EXTRACTED, LABELERS, read_labelers

    screen = console()
    if already:
        screen.print(f"{out}: this run had ended before; it is shown again", soft_wrap=True)
    screen.print(summary_table(summary))
    for part in tell_labelers(read_labelers(directory), f"{out}/{EXTRACTED}/{LABELERS}"):
        screen.print(part)
    for line in after_tables(summary, out, sample_delivered(directory, 10, summary.seed, made=True)):
        screen.print(line, soft_wrap=True)
