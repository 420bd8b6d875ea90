"""`textsynth list`."""

from __future__ import annotations

from typing import Annotated

import typer

from textsynth.commands.argument import AsJson
from textsynth.commands.terminal import console, print_json


def list_components(
    kind: Annotated[
        str | None, typer.Argument(help="labelers, generators, filters, metrics or formats; all if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Lists what there is, with options, defaults and ranges."""
    from textsynth.commands.display import component_list, component_rows
    from textsynth.components import registry
    from textsynth.errors import UnknownName, nearest

    kinds = {f"{each}s": each for each in registry.KINDS}
    if kind is not None and kind not in kinds:
        raise UnknownName(f"there are no components {kind!r}; {nearest(kind, kinds)}")
    chosen = [kinds[kind]] if kind else list(registry.KINDS)
    if as_json:
        print_json([row for each in chosen for row in component_rows(each)])
        return
    for each in chosen:
        console().print(component_list(each))
