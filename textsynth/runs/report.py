"""Reports: what everybody does who has measured something, and what a run measures of what it has made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from textsynth.components.metric import Exposure
from textsynth.corpus import Corpus
from textsynth.errors import OutputError
from textsynth.evaluation.evaluate import choose_metrics, evaluate
from textsynth.evaluation.report import FILE, Report
from textsynth.foundation.disk import write_whole
from textsynth.foundation.sums import SUMS, digest, dump_sums, find_strangers
from textsynth.production.fitting import step_directory
from textsynth.production.produce import Harvest
from textsynth.production.rejects import sample_rejected
from textsynth.production.summary import Summary
from textsynth.recipes.sections import Evaluate

DIRECTORY = "report"
"""Where a run writes its report."""

PAGE = "report.html"
"""The report as a page."""

_SHOWN = 3
"""Dropped examples that are shown for each reason."""


def write_report(report: Report, directory: Path) -> None:
    """Writes `report.json` and the page `report.html` into a directory, which is made if need be.

    Raises:
        OutputError: if it cannot be written.
    """
    from textsynth.pages.report_page import write_page  # With jinja2, which runs without a report do not need.

    check_replaceable(directory)
    report.write(directory)
    write_page(report.to_dict(), directory / PAGE)
    names = (FILE, PAGE)
    write_whole(directory / SUMS, dump_sums({name: digest(directory / name) for name in names}))


def check_replaceable(directory: Path) -> None:
    """Checks that a report may be written into a directory: what has its names there is an earlier report.

    Raises:
        OutputError: if it is not, or was changed since.
    """
    names = {each for each in find_strangers(directory) if each in (FILE, PAGE)}
    if names:
        raise OutputError(
            f"{directory / min(names)}: must be a report as it was written, is not, or was changed; write into another "
            "directory"
        )


def evaluate_run(  # noqa: PLR0913
    options: Evaluate,
    harvest: Harvest,
    source: Corpus,
    heldout: Corpus,
    directory: Path,
    summary: Summary,
    exposures: Sequence[Exposure] = (),
) -> None:
    """Measures what a run has made, and writes the report into its directory.

    The same run writes the same bytes, so how long each metric took is not among them; the summary has the whole.

    Args:
        options: what is measured.
        harvest: what was made.
        source: what it was made from.
        heldout: what the run has put aside; empty if nothing.
        directory: the run's.
        summary: of the run, as far as it has come.
        exposures: of its canaries.
    """
    report = evaluate(
        Corpus.concat(list(harvest.corpora())),
        source=source,
        heldout=heldout if len(heldout) else None,
        metrics=list(choose_metrics(options.metrics or None, options.use, options.options).values()),
        seed=summary.seed,
        exposures=exposures,
    )
    metrics = {name: replace(asked, seconds=None) for name, asked in report.metrics.items()}
    write_report(replace(report, metrics=metrics, run=_describe_run(directory, summary)), directory / DIRECTORY)


def _describe_run(directory: Path, summary: Summary) -> dict[str, Any]:
    """Returns what a report tells of the run."""
    shown: dict[str, list[str]] = {}
    for group in sample_rejected(directory, _SHOWN, summary.seed):
        texts = shown.setdefault(group.reason, [])
        texts += group.examples.texts.to_pylist()[: _SHOWN - len(texts)]
    steps = {name: step.kept for name, step in summary.steps.items()}
    training = {part: curves for step in steps for part, curves in _read_training(directory, step).items()}
    return {"drops": dict(summary.dropped), "drop_examples": shown, "training": training, "steps": steps}


def _read_training(directory: Path, step: str) -> dict[str, Any]:
    """Returns the losses of whatever a step has trained, epoch by epoch; nothing if it trained nothing."""
    from textsynth.training.training_log import read_curves

    found = {}
    for part, curves in read_curves(step_directory(directory, step) / "fitted").items():
        losses = {name: values for name, values in curves.items() if "loss" in name}
        epochs = max(map(len, losses.values()), default=0)
        found[f"{step}: {part}"] = {"unit": "loss", "steps": list(range(1, epochs + 1)), "curves": losses}
    return found
