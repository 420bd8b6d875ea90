"""`textsynth interpolate`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from textsynth.commands.argument import AsJson
from textsynth.commands.terminal import console, print_json
from textsynth.errors import MissingDependency, OptionError
from textsynth.foundation.distribution import say_how_to_install


def interpolate(
    directory: Annotated[Path, typer.Argument(help="A run with a fitted vae or gan, or the fitted directory itself.")],
    first: Annotated[str, typer.Argument(help="The sentence to begin at.")],
    second: Annotated[str, typer.Argument(help="The sentence to end at.")],
    number: Annotated[int, typer.Option("-n", "--number", help="How many steps, both ends among them.")] = 7,
    step: Annotated[str | None, typer.Option(help="The step of the run; needed if several would do.")] = None,
    as_json: AsJson = False,
) -> None:
    """Shows what lies between two sentences for a network that was fitted."""
    from textsynth.commands.display import highlight
    from textsynth.runs.directory import find_fitted_directory

    if number < 2:
        raise OptionError(f"--number must be at least 2, was: {number}")
    fitted = find_fitted_directory(directory, "vae.json", step)
    try:
        from textsynth.networks.interpolation import interpolate as between
    except ImportError as error:
        raise MissingDependency(f"networks need torch; {say_how_to_install('torch')}") from error
    examples = between(fitted, first, second, number)
    labels, screen = sorted({span.label for example in examples for span in example.spans}), console()
    for place, example in enumerate(examples):
        share = place / max(1, len(examples) - 1)
        if as_json:
            print_json({"share": round(share, 4), **asdict(example)})
        else:
            screen.print(f"{share:4.0%} ", highlight(example, labels), soft_wrap=True)
