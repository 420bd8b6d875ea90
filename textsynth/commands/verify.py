"""`textsynth verify`."""

from __future__ import annotations

from typing import Annotated

import typer

from textsynth.commands.argument import AsJson, Quiet
from textsynth.commands.terminal import begin, print_report
from textsynth.errors import InputError


def verify(
    directory: Annotated[str, typer.Argument(help="A run, or its URL, or a directory that convert has written.")],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Checks that the files of a run are as they were written."""
    from textsynth.foundation.sums import SUMS
    from textsynth.runs.remote import open_place
    from textsynth.runs.soundness import find_damage, list_some

    begin(quiet or as_json)
    with open_place(directory) as place:
        if not (place / SUMS).is_file():
            raise InputError(f"{directory}: must be a directory that textsynth has written, has no {SUMS}")
        damaged = find_damage(place)
    if damaged and not as_json:
        raise InputError(
            f"{directory}: files must be as they were written, damaged, missing or changed: {list_some(damaged)}; of "
            "a run, `textsynth run` makes them again"
        )
    print_report({"directory": directory, "damaged": damaged}, as_json, quiet, f"{directory}: as it was written")
    if damaged:
        raise typer.Exit(2)
