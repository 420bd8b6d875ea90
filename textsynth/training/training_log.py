"""What training leaves for people to read: curves by epoch, and the facts that a run's summary repeats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from textsynth.components.learned import Fact, Guarantee, read_learned, write_learned
from textsynth.foundation.disk import write_whole

CURVES = "curves.json"
"""The file of a fitted directory that has, by what was trained and by name, one value an epoch."""

Facts = dict[str, Fact]

Curves = dict[str, list[float]]
"""One value an epoch, by name. It stands here since whoever reads curves may be without torch."""


def write_record(
    directory: Path, curves: Mapping[str, Curves], facts: Mapping[str, Fact], guarantee: Guarantee | None = None
) -> None:
    """Adds curves and facts to those a directory has; a guarantee takes the place of an older one.

    Args:
        directory: the one that `fit` writes.
        curves: by what was trained.
        facts: by name; numbers are rounded to four digits.
        guarantee: of differential privacy, if there is one; it is not rounded.
    """
    known = read_curves(directory) | dict(curves)
    write_whole(directory / CURVES, json.dumps(known, indent=1) + "\n")
    before = read_learned(directory)
    rounded = {name: _round(value) if isinstance(value, float) else value for name, value in facts.items()}
    write_learned(directory, before.facts | rounded, guarantee or before.guarantee)


def read_curves(directory: Path) -> dict[str, Curves]:
    """Reads the curves that a directory has."""
    path = directory / CURVES
    return json.loads(path.read_text()) if path.exists() else {}


def _round(value: float) -> float:
    """Rounds to four digits: after the point, or in all if a number is small.

    >>> _round(123.456789), _round(0.5), _round(0.000123456)
    (123.4568, 0.5, 0.0001235)
    """
    return round(value, 4) if abs(value) >= 0.1 else float(f"{value:.4g}")
