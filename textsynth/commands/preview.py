"""`textsynth preview`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from textsynth.commands.argument import AsJson, Confine, KeyEnv, Trust, check_positive
from textsynth.commands.terminal import begin, console, print_json


def preview(
    recipe: Annotated[Path, typer.Argument(help="A recipe, TOML.")],
    number: Annotated[int, typer.Option("-n", "--number", help="How many rows of each step.")] = 10,
    trust: Trust = None,
    key_env: KeyEnv = None,
    confine: Confine = False,
    as_json: AsJson = False,
) -> None:
    """Shows some rows of each step of a recipe, in seconds; nothing is written."""
    from textsynth.commands.display import describe_step_preview, highlight
    from textsynth.recipes import recipe as recipes
    from textsynth.recipes.permission import Permission
    from textsynth.runs.preview import preview as preview_recipe

    progress = begin(quiet=as_json)
    check_positive("--number", number)
    screen = console()
    permission = Permission.of(trust or (), key_env or (), folder=recipe.absolute().parent if confine else None)
    loaded = recipes.load(recipe)
    for step in preview_recipe(loaded, number, permission=permission, progress=progress):
        if as_json:
            counts = {"made": step.made, "dropped": dict(step.dropped), "skipped": step.skipped}
            print_json({"step": step.name, **counts, "examples": [asdict(example) for example in step.examples]})
            continue
        screen.print(describe_step_preview(step), soft_wrap=True)
        for example in step.examples:
            screen.print("  ", highlight(example, step.examples.labels), soft_wrap=True, sep="")
