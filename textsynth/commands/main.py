"""The command line: arguments, call, print, exit code. Nothing else prints or exits.

Exit codes: 0 all is done, 1 fewer examples than asked for, 2 an error, said in one line on stderr, 130 Ctrl-C.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textsynth.commands.argument import AsJson, Format, Quiet, ReadOption, Verbose, check_positive, pairs, what_on_error
from textsynth.errors import MissingDependency, OptionError, OutputError, TextsynthError

if TYPE_CHECKING:
    from rich.console import Console

    from textsynth.corpus import Corpus
    from textsynth.foundation.progress import Progress
    from textsynth.recipes.recipe import Recipe

app = typer.Typer(
    name="textsynth",
    help="Labelled synthetic corpora for training named-entity recognition and text classification.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_ERROR, _SHORT, _STOPPED = 2, 1, 130


def main() -> None:
    """Runs the command line; an error of ours is one line on stderr and exit code 2."""
    debug = "--debug" in sys.argv
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
        code = app(args=arguments, prog_name="textsynth", standalone_mode=False)
    except Exception as error:
        message = _message_of(error)
        if debug or message is None:
            raise
        print(f"textsynth: {message}", file=sys.stderr)
        sys.exit(_ERROR)
    if code == _STOPPED:
        print("textsynth: stopped", file=sys.stderr)
    sys.exit(code or 0)


def _message_of(error: Exception) -> str | None:
    """Returns the one line that an error of ours or a wrong command line is worth, None for a bug."""
    if isinstance(error, TextsynthError | OSError):
        return " ".join(str(error).split("\n"))
    if hasattr(error, "format_message"):  # One of typer's; which classes those are depends on its version.
        command = getattr(getattr(error, "ctx", None), "command_path", "textsynth")
        return f"{error.format_message().rstrip('.')}; {command} --help says how to call it"
    return None


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error; may stand anywhere.")] = False,
) -> None:
    if version:
        import importlib.metadata

        typer.echo(f"textsynth {importlib.metadata.version('textsynth')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def run(
    recipe: Annotated[Path, typer.Argument(help="A recipe, TOML.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The directory of the run; a stopped run goes on in it.")],
    workers: Annotated[int, typer.Option("--workers", "-w", help="Processes; they do not change the result.")] = 1,
    allow_fewer: Annotated[
        bool, typer.Option("--allow-fewer", help="Exit with 0 though fewer came than asked.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what models would be asked; ask none and write nothing.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Runs a recipe, or goes on where it stopped."""
    from textsynth.production.summary import read_finished, shortfall
    from textsynth.recipes import recipe as recipes
    from textsynth.runs.run import run as run_recipe

    progress = _begin(quiet or as_json, verbose)
    check_positive("--workers", workers)
    loaded = recipes.load(recipe)
    if dry_run:
        _rehearse(loaded, progress, as_json)
        return
    already = read_finished(out) is not None
    summary = run_recipe(loaded, out, workers=workers, progress=progress)
    if as_json:
        typer.echo(json.dumps({"directory": str(out), **asdict(summary)}, ensure_ascii=False))
    elif not quiet:
        _print_run(summary, out, already)
    if summary.state == "short" and not allow_fewer:
        print(f"textsynth: {shortfall(summary)}; --allow-fewer accepts that", file=sys.stderr)
        raise typer.Exit(_SHORT)


@app.command()
def extract(
    source: Annotated[Path, typer.Argument(help="A corpus of any format, or raw text.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The directory for gazetteer.tsv and templates.tsv.")],
    format: Format = None,
    model: Annotated[str, typer.Option(help="The spaCy pipeline for raw text: name or directory.")] = "en_core_web_sm",
    labels: Annotated[str, typer.Option(help="Labels to keep, with commas between; all if empty.")] = "",
    workers: Annotated[int, typer.Option("--workers", "-w", help="Processes of the pipeline.")] = 1,
    read_option: ReadOption = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Extracts gazetteer and templates, to look at and to edit."""
    from textsynth.conversion.files import read, write
    from textsynth.extract import Resources
    from textsynth.extract.annotation import annotate
    from textsynth.extract.label_choice import with_labels
    from textsynth.extract.template import write_templates

    progress = _begin(quiet or as_json, verbose)
    check_positive("--workers", workers)
    wanted = [label.strip() for label in labels.split(",") if label.strip()]
    with progress.stage(f"read {source.name}"):
        corpus = read(source, format, options=pairs(read_option))
    if corpus.labels:
        corpus = with_labels(corpus, wanted)
    else:
        with progress.stage(f"find entities with {model}", len(corpus)) as stage:
            corpus = annotate(corpus, model, labels=wanted, workers=workers, advance=stage.advance)
    resources = Resources.of(corpus)
    resources.gazetteer.write(out / "gazetteer.tsv")
    write_templates(resources.templates, out / "templates.tsv")
    write(corpus, out / "annotated.jsonl")
    counts = {label: sum(mentions.values()) for label, mentions in resources.gazetteer.mentions.items()}
    report = {"examples": len(corpus), "templates": len(resources.templates), "mentions": counts, "directory": str(out)}
    _print_report(report, as_json, quiet, f"{out}: gazetteer.tsv, templates.tsv and annotated.jsonl")


@app.command()
def convert(
    source: Annotated[str, typer.Argument(help="A file or directory, or with --from datasets an id on the hub.")],
    target: Annotated[Path, typer.Argument(help="Where to write.")],
    from_format: Annotated[str | None, typer.Option("--from", help="The format of the source.")] = None,
    to_format: Annotated[str | None, typer.Option("--to", help="The format of the target.")] = None,
    read_option: ReadOption = None,
    write_option: Annotated[
        list[str] | None, typer.Option(help="An option of the target's format: NAME=VALUE.")
    ] = None,
    drop: Annotated[list[str] | None, typer.Option(help="What may be lost: spans or label.")] = None,
    on_error: Annotated[str, typer.Option(help="stop at the first bad record, or skip and set aside.")] = "stop",
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Converts any format to any format; refuses to lose spans or class labels unless told to."""
    from textsynth.conversion.files import check_drop, find, find_for_writing, keep_carried, read_batches
    from textsynth.reading.records import Faults

    progress = _begin(quiet or as_json, verbose)
    reader = find(Path(source), from_format, pairs(read_option))
    writer = find_for_writing(target, to_format, pairs(write_option))
    dropping = check_drop(drop or [], "--drop")
    faults, left_out, examples = Faults(what_on_error(on_error)), Counter[str](), 0
    with progress.stage(f"convert {source}") as stage:

        def batches() -> Any:
            nonlocal examples
            for batch in read_batches(Path(source), reader, faults):
                yield keep_carried(batch, writer, dropping, lambda part, count: left_out.update({part: count}))
                examples += len(batch)
                stage.advance(len(batch))

        writer.write(batches(), target)
    rejects = target.with_name(target.name + ".rejected.jsonl")
    faults.write(rejects)
    report = {"examples": examples, "rejected": len(faults.rejected), "left_out": dict(left_out), "target": str(target)}
    lines = [f"{target}: {examples} examples"]
    lines += [f"left out: {part} of {count} examples" for part, count in left_out.items()]
    lines += [f"set aside: {len(faults.rejected)} bad records, see {rejects}"] if faults.rejected else []
    _print_report(report, as_json, quiet, "\n".join(lines))


@app.command("list")
def list_components(
    kind: Annotated[
        str | None, typer.Argument(help="generators, filters, metrics or formats; all if not given.")
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
        typer.echo(json.dumps([row for each in chosen for row in component_rows(each)], ensure_ascii=False))
        return
    for each in chosen:
        _console().print(component_list(each))


@app.command()
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

    progress = _begin(quiet or as_json, verbose=False)
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
    _print_report(report, as_json, quiet, "\n".join(lines))


@app.command()
def show(
    path: Annotated[Path, typer.Argument(help="The directory of a run, or a corpus of any format.")],
    number: Annotated[int, typer.Option("-n", "--number", help="How many examples.")] = 10,
    seed: Annotated[int, typer.Option(help="Which ones: another seed, others.")] = 0,
    format: Format = None,
    read_option: ReadOption = None,
    as_json: AsJson = False,
) -> None:
    """Shows examples with their entities highlighted."""
    from textsynth.commands.display import highlight
    from textsynth.conversion.files import read
    from textsynth.delivery.export import sample_delivered

    check_positive("--number", number)
    if format is None and (path / "recipe.toml").exists():
        corpus = sample_delivered(path, number, seed)
    else:
        corpus = _sample(read(path, format, options=pairs(read_option)), number, seed)
    console = _console()
    for example in corpus:
        if as_json:
            typer.echo(json.dumps(asdict(example), ensure_ascii=False))
        else:
            console.print(highlight(example, corpus.labels), soft_wrap=True)


@app.command()
def interpolate(
    directory: Annotated[Path, typer.Argument(help="A run with a fitted vae or gan, or the fitted directory itself.")],
    first: Annotated[str, typer.Argument(help="The sentence to begin at.")],
    second: Annotated[str, typer.Argument(help="The sentence to end at.")],
    number: Annotated[int, typer.Option("-n", "--number", help="How many steps, both ends among them.")] = 7,
    step: Annotated[str | None, typer.Option(help="The step of the run; needed where several would do.")] = None,
    as_json: AsJson = False,
) -> None:
    """Shows what lies between two sentences for a network that was fitted."""
    from textsynth.commands.display import highlight
    from textsynth.runs.run import find_fitted_directory

    if number < 2:
        raise OptionError(f"--number must be at least 2, was: {number}")
    fitted = find_fitted_directory(directory, "vae.json", step)
    try:
        from textsynth.networks.interpolation import interpolate as between
    except ImportError as error:
        raise MissingDependency("networks need torch; pip install 'textsynth[torch]'") from error
    examples = between(fitted, first, second, number)
    labels, console = sorted({span.label for example in examples for span in example.spans}), _console()
    for place, example in enumerate(examples):
        share = place / max(1, len(examples) - 1)
        if as_json:
            typer.echo(json.dumps({"share": round(share, 4), **asdict(example)}, ensure_ascii=False))
        else:
            console.print(f"{share:4.0%} ", highlight(example, labels), soft_wrap=True)


@app.command()
def push(
    directory: Annotated[Path, typer.Argument(help="The directory of a finished run.")],
    repo_id: Annotated[str, typer.Argument(help="OWNER/NAME of the dataset on the hub.")],
    private: Annotated[bool, typer.Option("--private", help="Only its owners can see it.")] = False,
    stage: Annotated[Path | None, typer.Option(help="Write here what would be uploaded, and upload nothing.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Puts the dataset of a run on the Hugging Face hub."""
    from textsynth.delivery import hub

    progress = _begin(quiet or as_json, verbose=False)
    report: dict[str, Any] = {"repository": repo_id, "uploaded": stage is None, "private": private}
    if stage is not None:
        report["directory"] = str(hub.stage(directory, stage))
        _print_report(report, as_json, quiet, f"{stage}: what would be uploaded to {repo_id}")
        return
    with progress.stage(f"upload to {repo_id}"):
        report["address"] = hub.push(directory, repo_id, private=private)
    _print_report(report, as_json, quiet, f"{report['address']}: uploaded")


def _begin(quiet: bool, verbose: bool) -> Progress:
    """Sets how much is told, and returns what shows the progress."""
    from textsynth.commands.display import Bars
    from textsynth.foundation.progress import Silence

    logging.basicConfig(format="textsynth: %(message)s", level=logging.ERROR if quiet else logging.WARNING, force=True)
    level = logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING
    logging.getLogger("textsynth").setLevel(level)
    if quiet:
        return Silence()
    return Bars(_console(stderr=True))


def _console(stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def _rehearse(recipe: Recipe, progress: Progress, as_json: bool) -> None:
    """Shows what a run would ask of models."""
    from textsynth.commands.display import rehearsal_lines
    from textsynth.runs.dry_run import dry_run

    for rehearsal in dry_run(recipe, progress=progress):
        typer.echo(json.dumps(asdict(rehearsal), ensure_ascii=False) if as_json else rehearsal_lines(rehearsal))


def _print_run(summary: Any, out: Path, already: bool) -> None:
    from textsynth.commands.display import after_tables, summary_table
    from textsynth.delivery.export import sample_delivered

    console = _console()
    if already:
        console.print(f"{out}: this run had ended before; it is shown again", soft_wrap=True)
    console.print(summary_table(summary))
    for line in after_tables(summary, out, sample_delivered(out, 10, summary.seed)):
        console.print(line, soft_wrap=True)


def _print_report(report: dict[str, Any], as_json: bool, quiet: bool, text: str) -> None:
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    elif not quiet:
        typer.echo(text)


def _sample(corpus: Corpus, number: int, seed: int) -> Corpus:
    from textsynth.foundation.seeding import child_rng

    order = child_rng(seed, "show").permutation(len(corpus))[:number]
    return corpus.take(order)
