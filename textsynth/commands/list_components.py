"""`textsynth list`."""

from __future__ import annotations

import difflib
from typing import Annotated

import typer

from textsynth.commands.argument import AsJson
from textsynth.commands.terminal import console, print_json


def list_components(
    what: Annotated[
        str | None,
        typer.Argument(
            help="labelers, generators, filters, metrics or formats, a line each; or the name of one component."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Lists what there is; of one component, its options with defaults and ranges."""
    from textsynth.commands.display import component_row, describe_component, list_names, list_summaries
    from textsynth.components import registry
    from textsynth.errors import UnknownName

    kinds = {f"{each}s": each for each in registry.KINDS}
    every = [(kind, name) for kind in registry.KINDS for name in registry.names(kind)]
    found = [each for each in every if what in (None, f"{each[0]}s", each[1])]
    if not found and what not in kinds:
        guess = difflib.get_close_matches(what or "", [*kinds, *(name for _, name in every)], 1)
        hint = f"did you mean {guess[0]!r}? " if guess else ""
        raise UnknownName(f"there are no components {what!r}; {hint}textsynth list names all")
    screen = console()
    if as_json:
        print_json([component_row(kind, name) for kind, name in found])
    elif what is None:
        screen.print(list_names(registry.KINDS))
    elif what in kinds:
        whole = not screen.is_terminal  # Who pipes it into another program wants no line cut.
        for line in list_summaries(kinds[what]):
            screen.print(line, no_wrap=True, overflow="ignore" if whole else "ellipsis", crop=not whole)
    else:
        for kind, name in found:
            screen.print(describe_component(kind, name))
