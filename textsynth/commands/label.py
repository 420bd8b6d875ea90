"""`textsynth label`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from textsynth.commands.terminal import begin, console, print_json
from textsynth.errors import OptionError

if TYPE_CHECKING:
    from textsynth.components.labeler import Labeler


LABELLED = "labelled.jsonl"


def label(
    source: Annotated[Path, typer.Argument(help="Raw text of any format; a pattern; or -.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The directory for labelled.jsonl, set_aside.jsonl, labelers.tsv.")
    ],
    words: Annotated[list[str] | None, typer.Option(help="A list of terms: LABEL=FILE; may come again.")] = None,
    patterns: Annotated[list[Path] | None, typer.Option(help="A patterns.jsonl of spaCy's; may come again.")] = None,
    spacy: Annotated[list[str] | None, typer.Option(help="A spaCy pipeline, by name or directory; again.")] = None,
    labels: Labels = "",
    vote: Annotated[str, typer.Option(help="agree, or priority: lists, patterns, pipelines.")] = "agree",
    clean: Annotated[bool, typer.Option(help="Whether sentences of which that is not sure are set aside.")] = True,
    check: Annotated[Path | None, typer.Option(help="Labelled sentences, to count how right labelers are.")] = None,
    language: Language = "",
    seed: Annotated[int, typer.Option(help="The root of the randomness of the cleaning.")] = 0,
    workers: Workers = 1,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Write over files that are there, edited perhaps.")
    ] = False,
    format: Format = None,
    read_option: ReadOption = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Labels raw text by word lists, patterns and pipelines; sets aside the sentences of which that is not sure."""
    from textsynth.commands.display import labeler_table
    from textsynth.conversion.corpora import read, write
    from textsynth.foundation.disk import check_absent
    from textsynth.runs.label import label as find_labels
    from textsynth.runs.source import LABELERS, SET_ASIDE, write_labelled

    progress = begin(quiet or as_json, verbose)
    check_positive("--workers", workers)
    if not overwrite:
        check_absent(out, (LABELLED, SET_ASIDE, LABELERS))
    labelers = _list_labelers(words or [], patterns or [], spacy or [])
    with progress.stage(f"read {source.name}"):
        corpus = read(source, format, options=pairs(read_option))
    options: dict[str, Any] = {"vote": vote, "clean": clean, "language": language}
    gold = read(check) if check else None
    found = find_labels(
        corpus,
        labelers,
        labels=split_names(labels),
        check=gold,
        seed=seed,
        workers=workers,
        progress=progress,
        **options,
    )
    write(found.corpus, out / LABELLED)
    write_labelled(found, out)
    if as_json:
        counts = {"sentences": len(found.corpus), "set_aside": found.count_reasons(), "mentions_found": found.mentions}
        lines = [line.to_row() for line in found.lines]
        print_json({**counts, "mentions": len(found.corpus.spans.starts), "labelers": lines, "directory": str(out)})
    elif not quiet:
        console().print(labeler_table([line.to_cells() for line in found.lines]))
        typer.echo("\n".join([found.describe(), *found.explain_reasons()]))
        typer.echo(f"{out}: labelled.jsonl, labelers.tsv, and set_aside.jsonl if any was set aside")


def _list_labelers(words: list[str], patterns: list[Path], spacy: list[str]) -> list[Labeler]:
    from textsynth.labelers.pattern import Pattern
    from textsynth.labelers.spacy import Spacy
    from textsynth.labelers.word_list import WordList

    lists = [_split_pair(each) for each in words]
    found: list[Labeler] = [WordList(label=name, path=Path(path)) for name, path in lists]
    found += [Pattern(path=each) for each in patterns]
    found += [Spacy(model=each) for each in spacy]
    if not found:
        raise OptionError("at least one of --words, --patterns and --spacy must be given, none is")
    return found


def _split_pair(words: str) -> tuple[str, str]:
    label, equals, path = words.partition("=")
    if not equals or not label or not path:
        raise OptionError(f"--words must be written LABEL=FILE, such as DRUG=drugs.txt, was: {words!r}")
    return label, path
