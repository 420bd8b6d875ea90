"""`textsynth init`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from textsynth.commands.argument import AsJson, Format, Quiet, ReadOption, pairs
from textsynth.commands.terminal import begin, print_report
from textsynth.errors import InputError, OptionError, OutputError


def init(
    source: Annotated[Path, typer.Argument(help="A corpus of any format or raw text, or a pattern.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The recipe; SOURCE.toml in this folder if not given.")
    ] = None,
    format: Format = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over a recipe that is there.")] = False,
    read_option: ReadOption = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Writes a starter recipe fitted to a file."""
    from textsynth.conversion.corpora import read
    from textsynth.foundation.controls import escape_controls
    from textsynth.foundation.disk import write_whole
    from textsynth.recipes.doubts import list_doubts
    from textsynth.recipes.first_labels import find_first_labels
    from textsynth.recipes.starter import describe_corpus, describe_few_mentions, find_few_mentions, starter_recipe

    progress = begin(quiet or as_json)
    target = out or _name_recipe(source)
    if target.exists() and not overwrite:
        raise OutputError(f"{target}: must not exist yet, or be given up with --overwrite")
    options = pairs(read_option)
    name = _find_format(source, format, options)
    with progress.stage(f"read {source.name}"):
        corpus = read(source, format, options=options)
    doubts = list_doubts(corpus)
    few = find_few_mentions(corpus)
    first = None if corpus.labels or corpus.classes else find_first_labels(corpus, progress)
    write_whole(target, starter_recipe(corpus, source, name, target.absolute().parent, options, first))
    report = {"recipe": str(target), "format": name, "examples": len(corpus)}
    report |= {"labels": corpus.labels, "classes": corpus.classes, "doubts": doubts}
    report |= {"few_mentions": few, "found": first.describe() if first else {}}
    quoted, directory = shlex.quote(str(target)), f"{target.stem}-out/"
    lines = [
        f"{source}: {describe_corpus(corpus)}",
        *map(escape_controls, doubts),
        *(f"found {label}: {told}" for label, told in (first.describe() if first else {}).items()),
        *([missing] if first and (missing := first.say_what_is_missing()) else []),
        *(describe_few_mentions(label, number) for label, number in few.items()),
        f"{target}: a recipe; textsynth preview {quoted}, then textsynth run {quoted} --out {shlex.quote(directory)}",
    ]
    print_report(report, as_json, quiet, "\n".join(lines))


def _name_recipe(source: Path) -> Path:
    """Returns the name of a recipe for a file, or for a pattern by the first file that it fits."""
    from textsynth.conversion.source_path import list_files
    from textsynth.reading.gzipped import without_gz

    return Path(without_gz(list_files(source)[0].absolute()).stem + ".toml")


def _find_format(source: Path, format: str | None, options: Mapping[str, Any]) -> str:
    """Returns the name of the format of a file, or of all files of a pattern."""
    from textsynth.components import registry
    from textsynth.conversion.files import find
    from textsynth.conversion.source_path import STANDARD_INPUT, list_files

    if source == STANDARD_INPUT:
        raise InputError("-: must be a file that a run can read, standard input has been read by then")
    names = {registry.name_of(find(each, format, options)) for each in list_files(source)}
    if len(names) > 1:
        raise OptionError(f"{source}: the files must have one format, have {', '.join(sorted(names))}")
    return names.pop()
