"""`textsynth evaluate`."""

from __future__ import annotations

import dataclasses
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textsynth.commands.argument import AsJson, Format, Quiet, ReadOption, Verbose, pairs
from textsynth.commands.terminal import begin, console, print_json
from textsynth.errors import OptionError

if TYPE_CHECKING:
    from rich.table import Table

    from textsynth.components.metric import Score
    from textsynth.evaluation.report import Report


def evaluate(
    synthetic: Annotated[Path, typer.Argument(help="The corpus to measure, of any format; a pattern; or -.")],
    source: Annotated[Path, typer.Option("--source", "-s", help="The real text that it was made from.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The directory for the report.")],
    heldout: Annotated[
        Path | None, typer.Option("--heldout", help="Real text of the same kind that nothing was made from.")
    ] = None,
    metric: Annotated[
        list[str] | None, typer.Option("--metric", "-m", help="A metric to ask; may be given often. All if none.")
    ] = None,
    metric_option: Annotated[
        list[str] | None,
        typer.Option("--metric-option", help="An option of a metric, METRIC.NAME=VALUE; may be given often."),
    ] = None,
    no_use: Annotated[bool, typer.Option("--no-use", help="Leave out the metric use, which trains models.")] = False,
    seed: Annotated[int, typer.Option(help="Of all that is drawn.", min=0)] = 0,
    shared: Annotated[
        bool, typer.Option("--shared", help="Leave out what quotes the source, for readers who must not see it.")
    ] = False,
    format: Format = None,
    read_option: ReadOption = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Measures a corpus beside held-out real text: is it right, useful, varied, private?

    --format and --read-option are about the corpus that is measured; the formats of real text are found out.
    """
    from textsynth.conversion.corpora import read
    from textsynth.evaluation.evaluate import choose_metrics
    from textsynth.evaluation.evaluate import evaluate as measure
    from textsynth.foundation.progress import watch
    from textsynth.runs.report import check_replaceable, write_report

    progress = begin(quiet or as_json, verbose)
    check_replaceable(out)
    chosen = list(choose_metrics(metric or None, not no_use, _sort_options(metric_option)).values())
    corpora = {"synthetic": read(synthetic, format, options=pairs(read_option)), "source": read(source)}
    if heldout is not None:
        corpora["heldout"] = read(heldout)
    with progress.stage("evaluate", len(chosen)) as stage, watch(stage):
        report = measure(
            corpora["synthetic"],
            source=corpora["source"],
            heldout=corpora.get("heldout"),
            metrics=chosen,
            seed=seed,
        )
    report = _tell_origin(report, {"synthetic": synthetic, "source": source, "heldout": heldout})
    report = report.share() if shared else report
    write_report(report, out)
    if as_json:
        print_json(report.to_dict())
    elif not quiet:
        _print_report(report, out)


def _sort_options(given: list[str] | None) -> dict[str, dict[str, Any]]:
    """Returns options by metric and name."""
    sorted_out: dict[str, dict[str, Any]] = {}
    for name, value in pairs(given).items():
        metric, dot, option = name.partition(".")
        if not dot:
            raise OptionError(f"--metric-option must be written METRIC.NAME=VALUE, was: {name}={value}")
        sorted_out.setdefault(metric, {})[option] = value
    return sorted_out


def _tell_origin(report: Report, paths: dict[str, Path | None]) -> Report:
    """Returns the report with the paths of its corpora, and the command that makes it again."""
    corpora: dict[str, Any] = {name: {**facts, "path": str(paths[name])} for name, facts in report.corpora.items()}
    arguments = [each for each in sys.argv[1:] if each != "--debug"]
    return dataclasses.replace(report, corpora=corpora, command=shlex.join(["textsynth", *arguments]))


def _print_report(report: Report, out: Path) -> None:
    screen = console()
    screen.print(_table_of_scores(report))
    for verdict in report.verdicts:
        screen.print(verdict.sentence, soft_wrap=True)
    screen.print(f"\nThe whole report is in {out}", soft_wrap=True)


def _table_of_scores(report: Report) -> Table:
    """Returns each score beside that of held-out text, with the interval of their difference."""
    from rich.padding import Padding
    from rich.table import Column, Table
    from rich.text import Text

    from textsynth.evaluation.verdicts import show_number

    right = [Column(name, justify="right", no_wrap=True) for name in ("value", "held out", "difference")]
    table = Table("score", *right, box=None)
    for name, asked in report.metrics.items():
        table.add_row(Text(name, style="bold"))
        for title, score in asked.measured.scores.items():
            values = [show_number(number, score.unit) for number in (score.value, score.heldout)]
            table.add_row(Padding(title, (0, 0, 0, 2)), *values, _tell_interval(score))
    return table


def _tell_interval(score: Score) -> str:
    """Returns the interval of a difference, in the unit of the score."""
    from textsynth.evaluation.verdicts import show_number

    if score.low is None or score.high is None:
        return ""
    return f"{show_number(score.low, score.unit)} … {show_number(score.high, score.unit)}"
