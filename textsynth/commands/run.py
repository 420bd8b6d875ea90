"""`textsynth run`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textsynth.commands.argument import AsJson, Quiet, Verbose, Workers, check_positive
from textsynth.commands.terminal import begin, console, print_json

if TYPE_CHECKING:
    from textsynth.foundation.progress import Progress
    from textsynth.recipes.recipe import Recipe

SHORT = 1
"""The exit code of a run that delivered fewer examples than were asked for."""


def run(
    recipe: Annotated[Path, typer.Argument(help="A recipe, TOML.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The directory of the run; a stopped run goes on in it.")],
    workers: Workers = 1,
    allow_fewer: Annotated[
        bool, typer.Option("--allow-fewer", help="Exit with 0 though fewer came than asked.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Remove what another run has written there, and begin anew.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what models would be asked; ask none and write nothing.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Runs a recipe, or goes on where it stopped."""
    from textsynth.production.summary import read_finished, shortfall
    from textsynth.recipes import recipe as recipes
    from textsynth.runs.run import run as run_recipe

    progress = begin(quiet or as_json, verbose)
    check_positive("--workers", workers)
    loaded = recipes.load(recipe)
    if dry_run:
        _show_dry_run(loaded, progress, as_json)
        return
    already = not overwrite and read_finished(out) is not None
    summary = run_recipe(loaded, out, workers=workers, overwrite=overwrite, progress=progress)
    if as_json:
        print_json({"directory": str(out), **asdict(summary)})
    elif not quiet:
        _print_run(summary, out, already)
    if summary.state == "short" and not (allow_fewer or loaded.production.allow_fewer):
        print(f"textsynth: {shortfall(summary)}; --allow-fewer accepts that", file=sys.stderr)
        raise typer.Exit(SHORT)


def _show_dry_run(recipe: Recipe, progress: Progress, as_json: bool) -> None:
    """Shows what a run would ask of models."""
    from textsynth.commands.display import describe_planned_step
    from textsynth.runs.dry_run import dry_run

    for planned in dry_run(recipe, progress=progress):
        if as_json:
            print_json(asdict(planned))
        else:
            typer.echo(describe_planned_step(planned))


def _print_run(summary: Any, out: Path, already: bool) -> None:
    from textsynth.commands.display import after_tables, summary_table, tell_labelers
    from textsynth.delivery.export import sample_delivered
    from textsynth.runs.source import EXTRACTED, LABELERS, read_labelers

    screen = console()
    if already:
        screen.print(f"{out}: this run had ended before; it is shown again", soft_wrap=True)
    screen.print(summary_table(summary))
    for part in tell_labelers(read_labelers(out), out / EXTRACTED / LABELERS):
        screen.print(part)
    for line in after_tables(summary, out, sample_delivered(out, 10, summary.seed, made=True)):
        screen.print(line, soft_wrap=True)
