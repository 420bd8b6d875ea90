"""`textsynth convert`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from textsynth.commands.argument import AsJson, Quiet, ReadOption, Verbose, pairs, what_on_error
from textsynth.commands.terminal import begin, print_report
from textsynth.foundation.plural import tell_count

SOURCE_HELP = (
    "A file (.gz too) or directory, or its URL in storage; a quoted pattern for several, such as 'data/*.jsonl'; "
    "- for standard input; "
    "or with --from datasets an id on the hub."
)


def convert(
    source: Annotated[str, typer.Argument(help=SOURCE_HELP)],
    target: Annotated[Path, typer.Argument(help="Where to write; gzipped if it ends in .gz.")],
    from_format: Annotated[str | None, typer.Option("--from", help="The format of the source.")] = None,
    to_format: Annotated[str | None, typer.Option("--to", help="The format of the target.")] = None,
    read_option: ReadOption = None,
    write_option: Annotated[
        list[str] | None, typer.Option(help="An option of the target's format: NAME=VALUE.")
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option(help="A field that goes along to the target; '*' for all that nothing reads.")
    ] = None,
    drop: Annotated[list[str] | None, typer.Option(help="What may be lost: spans or label.")] = None,
    tokenizer: Annotated[
        str | None, typer.Option(help="How texts fall into tokens: words, whitespace, or of spaCy's, as spacy:ja.")
    ] = None,
    on_error: Annotated[str, typer.Option(help="stop at the first bad record, or skip and set aside.")] = "stop",
    force: Annotated[
        bool, typer.Option("--force", help="Write into a directory beside the files of others that it has.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Converts any format to any format; refuses to lose spans or class labels unless told to."""
    from textsynth.conversion.convert import convert as convert_file
    from textsynth.conversion.files import check_drop

    progress = begin(quiet or as_json, verbose)
    dropping = check_drop(drop or [], "--drop")
    with progress.stage(f"convert {source}") as stage:
        done = convert_file(
            source,
            target,
            from_format=from_format,
            to_format=to_format,
            read_options=pairs(read_option),
            write_options=pairs(write_option),
            keep=keep or (),
            drop=dropping,
            on_error=what_on_error(on_error),
            tokenizer=tokenizer,
            force=force,
            advance=stage.advance,
        )
    report = {"examples": done.examples, "rejected": done.rejected, "left_out": dict(done.left_out)}
    lines = [f"{target}: {tell_count(done.examples, 'example')}"]
    lines += [f"left out: {part} of {tell_count(count, 'example')}" for part, count in done.left_out.items()]
    lines += [f"set aside: {tell_count(done.rejected, 'bad record')}, see {done.rejects}"] if done.rejected else []
    print_report(report | {"target": str(target)}, as_json, quiet, "\n".join(lines))
