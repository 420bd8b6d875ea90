"""`textsynth extract`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from textsynth.commands.argument import (
    AsJson,
    Format,
    Labels,
    Language,
    Quiet,
    ReadOption,
    Verbose,
    Workers,
    check_positive,
    pairs,
    split_names,
)
from textsynth.commands.terminal import begin, print_report


def extract(
    source: Annotated[Path, typer.Argument(help="A corpus of any format or raw text; a pattern; or -.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The directory for gazetteer.tsv and templates.tsv.")],
    format: Format = None,
    model: Annotated[str, typer.Option(help="The spaCy pipeline that labels raw text: name or directory.")] = "",
    language: Language = "",
    labels: Labels = "",
    expand: Annotated[bool, typer.Option("--expand", help="Look for new mentions, and write mentions.tsv.")] = False,
    raw: Annotated[Path | None, typer.Option(help="Text without labels, in which to look for them too.")] = None,
    encoder: Annotated[str | None, typer.Option(help="A transformer that helps to find them there.")] = None,
    workers: Workers = 1,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Write over files that are there, edited perhaps.")
    ] = False,
    read_option: ReadOption = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Extracts gazetteer and templates, to look at and to edit."""
    from textsynth.labelers.spacy import Spacy
    from textsynth.runs.source import extract_source

    progress = begin(quiet or as_json, verbose)
    check_positive("--workers", workers)
    resources = extract_source(
        source,
        out,
        format=format,
        format_options=pairs(read_option),
        labelers=[Spacy(model=model)] if model else [],
        language=language,
        labels=split_names(labels),
        expand=expand,
        raw=raw,
        encoder=encoder,
        workers=workers,
        overwrite=overwrite,
        progress=progress,
    )
    counts = {label: sum(mentions.values()) for label, mentions in resources.gazetteer.mentions.items()}
    report = {"examples": len(resources.source), "templates": len(resources.templates), "mentions": counts}
    report |= {"directory": str(out)}
    lines = [
        f"{out}: gazetteer.tsv, templates.tsv and annotated.jsonl",
        f'a recipe takes them back, edited or not: under [extract], gazetteer = "{out / "gazetteer.tsv"}" and '
        f'templates = "{out / "templates.tsv"}"',
    ]
    if raw is not None:
        lines += [f'with wordings = "raw" it takes sentences of raw text back: wordings = "{out / "wordings.jsonl"}"']
    if expand:
        lines += [f'with values = "expand" it takes new mentions back too: mentions = "{out / "mentions.tsv"}"']
    print_report(report, as_json, quiet, "\n".join(lines))
