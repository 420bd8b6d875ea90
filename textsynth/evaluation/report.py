"""Report: what was measured of a corpus, and how it is written down."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from textsynth.components.metric import Measured, Score, Table
from textsynth.errors import InputError
from textsynth.evaluation.verdicts import Verdict
from textsynth.foundation.disk import write_whole

FILE = "report.json"
VERSION = 1


@dataclass(frozen=True)
class Asked:
    """What one metric was asked, and what it said.

    Args:
        summary: what it measures, in a line.
        options: its options.
        seconds: how long it took; None if it is not to be told.
        measured: what it said.
    """

    summary: str
    options: dict[str, Any]
    seconds: float | None
    measured: Measured


@dataclass(frozen=True)
class Report:
    """What was measured of a corpus.

    Args:
        seed: the seed of all that was drawn.
        corpora: what is told of each corpus, by its part: synthetic, source, heldout.
        verdicts: the four sentences.
        metrics: what each metric said, by name.
        examples: some of the synthetic examples.
        made_by: versions of what measured.
        command: how it is made again; empty if it was not made by a command.
        run: what the run tells that made the corpus; None if none did.
        private: whether it quotes the source.
    """

    seed: int
    corpora: dict[str, Any]
    verdicts: tuple[Verdict, ...]
    metrics: dict[str, Asked]
    examples: list[dict[str, Any]]
    made_by: dict[str, Any] = field(default_factory=dict)
    command: str = ""
    run: dict[str, Any] | None = None
    private: bool = True

    def share(self) -> Report:
        """Returns the report without what quotes the source."""
        metrics = {
            name: dataclasses.replace(asked, measured=_without_private(asked.measured))
            for name, asked in self.metrics.items()
        }
        examples = [{**example, "source": None} for example in self.examples]
        run = None if self.run is None else {**self.run, "drop_examples": {}}
        return dataclasses.replace(self, metrics=metrics, examples=examples, run=run, private=False)

    def to_dict(self) -> dict[str, Any]:
        """Returns what `report.json` holds; numbers that are not finite are None."""
        plain: dict[str, Any] = _plain(
            {
                "version": VERSION,
                "made_by": self.made_by,
                "command": self.command,
                "seed": self.seed,
                "corpora": self.corpora,
                "verdicts": [asdict(each) for each in self.verdicts],
                "metrics": {name: _write_asked(asked) for name, asked in self.metrics.items()},
                "run": self.run,
                "examples": self.examples,
                "private": self.private,
            }
        )
        return plain

    def to_json(self) -> str:
        """Returns the report as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, content: str) -> Self:
        """Reads what `to_json` wrote.

        Raises:
            InputError: if it is no report of this version.
        """
        try:
            return cls._read(json.loads(content))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"must be a report of version {VERSION} by textsynth evaluate: {error}") from error

    @classmethod
    def _read(cls, found: dict[str, Any]) -> Self:
        if found["version"] != VERSION:
            raise ValueError(f"its version is {found['version']!r}")
        return cls(
            found["seed"],
            found["corpora"],
            tuple(Verdict(**each) for each in found["verdicts"]),
            {name: _read_asked(each) for name, each in found["metrics"].items()},
            found["examples"],
            found["made_by"],
            found["command"],
            found["run"],
            found["private"],
        )

    def write(self, directory: Path) -> None:
        """Writes `report.json` into a directory, whole or not at all."""
        write_whole(directory / FILE, self.to_json())


def _without_private(measured: Measured) -> Measured:
    return dataclasses.replace(measured, tables=tuple(each for each in measured.tables if not each.private))


def _write_asked(asked: Asked) -> dict[str, Any]:
    measured = asked.measured
    return {
        "summary": asked.summary,
        "options": asked.options,
        "seconds": asked.seconds,
        "scores": {name: _write_score(score) for name, score in measured.scores.items()},
        "tables": [asdict(table) for table in measured.tables],
        "notes": list(measured.notes),
    }


def _write_score(score: Score) -> dict[str, Any]:
    return {
        "value": score.value,
        "heldout": score.heldout,
        "difference": score.difference,
        "low": score.low,
        "high": score.high,
        "better": score.better,
        "unit": score.unit,
    }


def _read_asked(found: dict[str, Any]) -> Asked:
    scores = {
        name: Score(**{key: value for key, value in each.items() if key != "difference"})
        for name, each in found["scores"].items()
    }
    tables = tuple(
        Table(each["title"], tuple(each["columns"]), tuple(map(tuple, each["rows"])), each["private"])
        for each in found["tables"]
    )
    return Asked(found["summary"], found["options"], found["seconds"], Measured(scores, tables, tuple(found["notes"])))


def _plain(value: Any) -> Any:
    """Returns nested data as JSON can hold it: numbers of numpy's as Python's, and None for those that are none."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    return None if isinstance(value, float) and not math.isfinite(value) else value
