"""What training leaves for people to read: curves by epoch, and the facts that a run's summary repeats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from textsynth.components.learned import LEARNED, write_learned
from textsynth.foundation.disk import write_whole
from textsynth.training.loop import Curves

CURVES = "curves.json"

Facts = dict[str, float | int | str | bool | None]


def write_record(directory: Path, curves: Mapping[str, Curves], facts: Facts) -> None:
    """Adds curves, by what was trained, and facts to those a directory has."""
    known = read_curves(directory) | dict(curves)
    write_whole(directory / CURVES, json.dumps(known, indent=1) + "\n")
    before = json.loads((directory / LEARNED).read_text()) if (directory / LEARNED).exists() else {}
    rounded = {name: _round(value) if isinstance(value, float) else value for name, value in facts.items()}
    write_learned(directory, before | rounded)


def read_curves(directory: Path) -> dict[str, Curves]:
    """Reads the curves that a directory has."""
    path = directory / CURVES
    return json.loads(path.read_text()) if path.exists() else {}


def _round(value: float) -> float:
    """Rounds to four digits: after the point, or in all where a number is small, as the δ of a guarantee is.

    >>> _round(123.456789), _rounded(0.5), _rounded(1e-6)
    (123.4568, 0.5, 1e-06)
    """
    return round(value, 4) if abs(value) >= 0.1 else float(f"{value:.4g}")
