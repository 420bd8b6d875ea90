"""Writes a report into a directory: what everybody does who has measured something."""

from __future__ import annotations

from pathlib import Path

from textsynth.evaluation.report import Report


def write_report(report: Report, directory: Path) -> None:
    """Writes `report.json` into a directory, which is made if need be.

    Raises:
        OutputError: if it cannot be written.
    """
    report.write(directory)
