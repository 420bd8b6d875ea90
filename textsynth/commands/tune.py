"""`textsynth tune`."""

from __future__ import annotations

import dataclasses
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textsynth.commands.argument import AsJson, Format, Quiet, ReadOption, Verbose, check_positive, pairs
from textsynth.commands.terminal import begin, console, print_json

if TYPE_CHECKING:
    from rich.table import Table

    from textsynth.evaluation.tuning import Tuning


def tune(
    source: Annotated[Path, typer.Argument(help="Labelled examples of any format, or a pattern.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The directory for the evidence and the recipe.")],
    raw: Annotated[Path | None, typer.Option("--raw", help="Unlabelled text of the same kind.")] = None,
    dev: Annotated[
        Path | None, typer.Option("--dev", help="Labelled examples to test on, instead of parts of the source.")
    ] = None,
    task: Annotated[
        str | None, typer.Option("--task", help="token-classification or text-classification, if SOURCE is for both.")
    ] = None,
    probe: Annotated[
        str | None,
        typer.Option("--probe", help="Decides between the last two: spacy, or an encoder; a cheap one if none."),
    ] = None,
    minutes: Annotated[float, typer.Option("--minutes", help="After these, no more is tried.")] = 4.0,
    rounds: Annotated[int, typer.Option("--rounds", help="Rounds of five folds, if time allows.")] = 3,
    seed: Annotated[int, typer.Option(help="Of all that is drawn.", min=0)] = 0,
    workers: Annotated[
        int | None, typer.Option("--workers", "-w", help="Processes; as many as there are cores if not given.")
    ] = None,
    format: Format = None,
    read_option: ReadOption = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Tries which recipe helps on a source, and writes it; or says what would help instead."""
    from textsynth.foundation.progress import watch
    from textsynth.runs.tune import tune as find_recipe
    from textsynth.runs.tune import write_tuning

    progress = begin(quiet or as_json, verbose)
    if workers is not None:
        check_positive("--workers", workers)
    with progress.stage("tune") as stage, watch(stage):
        tuning = find_recipe(
            source,
            raw=raw,
            dev=dev,
            task=task,
            probe=probe,
            minutes=minutes,
            rounds=rounds,
            seed=seed,
            workers=workers or os.cpu_count() or 1,
            format=format,
            options=pairs(read_option),
        )
    arguments = [each for each in sys.argv[1:] if each != "--debug"]
    tuning = dataclasses.replace(tuning, command=shlex.join(["textsynth", *arguments]))
    write_tuning(tuning, out)
    if as_json:
        print_json(tuning.to_dict())
    elif not quiet:
        _print_tuning(tuning, out)


def _print_tuning(tuning: Tuning, out: Path) -> None:
    from textsynth.runs.tune import PAGE, RECIPE

    screen = console()
    screen.print(_table_of_tried(tuning))
    for sentence in tuning.sentences():
        screen.print(sentence, soft_wrap=True)
    ran = f"; textsynth run {out / RECIPE} --out {out / 'run'}" if tuning.recommended else ""
    screen.print(f"\nThe evidence is in {out / PAGE}{ran}", soft_wrap=True)


def _table_of_tried(tuning: Tuning) -> Table:
    """Returns what each recipe came to, with the interval of its gain."""
    from rich.table import Column, Table

    head, *rows = tuning.rows()
    table = Table(head[0], *(Column(name, justify="right") for name in head[1:]), box=None)
    for row in rows:
        table.add_row(*row)
    return table
