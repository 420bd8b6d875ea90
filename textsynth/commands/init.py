"""`textsynth init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from textsynth.commands.argument import AsJson, Format, Quiet, ReadOption, pairs
from textsynth.commands.terminal import begin, print_report
from textsynth.errors import OutputError


def init(
    source: Annotated[Path, typer.Argument(help="A corpus of any format, or raw text.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The recipe; SOURCE.toml in this folder if not given.")
    ] = None,
    format: Format = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a recipe that is there.")] = False,
    read_option: ReadOption = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Writes a starter recipe fitted to a file."""
    from textsynth.components import registry
    from textsynth.conversion.files import find, read
    from textsynth.foundation.disk import write_whole
    from textsynth.recipes.starter import describe_corpus, starter_recipe

    progress = begin(quiet or as_json)
    target = out or Path(source.absolute().stem + ".toml")
    if target.exists() and not force:
        raise OutputError(f"{target}: must not exist yet, or be given up with --force")
    options = pairs(read_option)
    name = registry.name_of(find(source, format, options))
    with progress.stage(f"read {source.name}"):
        corpus = read(source, format, options=options)
    write_whole(target, starter_recipe(corpus, source, name, target.absolute().parent, options))
    report = {"recipe": str(target), "format": name, "examples": len(corpus)}
    report |= {"labels": corpus.labels, "classes": corpus.classes}
    lines = [
        f"{source}: {describe_corpus(corpus)}",
        f"{target}: a recipe; textsynth run {target} --out {target.stem}-out/",
    ]
    print_report(report, as_json, quiet, "\n".join(lines))
