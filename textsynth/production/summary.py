"""The summary of a run: what `run.json` holds."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from textsynth.errors import InputError
from textsynth.foundation.disk import write_whole

FILE = "run.json"


@dataclass
class Summary:
    """What a run did; `run.json` holds the same.

    Args:
        state: "complete", or "short" where fewer examples came than were asked for.
        asked: examples asked for.
        delivered: examples in the dataset.
        made: examples made and judged.
        dropped: examples dropped, by reason.
        steps: for each step, what it made, kept and dropped, and why it ended early if it did.
        labels: mentions delivered, by label.
        classes: examples delivered, by class.
        splits: examples, by split.
        seconds: wall-clock seconds of this process, by stage.
        seed: the seed.
        workers: processes.
        source: what was read: path, examples, rejected records.
        versions: of textsynth, Python and what decides the bytes.
        left_out: what an export format did not carry, by format and part.
        learned: what the steps and filters tell about what they learned, by name.
    """

    state: str = "complete"
    asked: int = 0
    delivered: int = 0
    made: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    classes: dict[str, int] = field(default_factory=dict)
    splits: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    seed: int = 0
    workers: int = 1
    source: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, dict[str, int]] = field(default_factory=dict)
    learned: dict[str, dict[str, Any]] = field(default_factory=dict)

    @contextlib.contextmanager
    def time_stage(self, stage: str) -> Iterator[None]:
        """Adds the time the block takes to a stage."""
        begin = time.perf_counter()
        yield
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.perf_counter() - begin, 3)


def write(summary: Summary, directory: Path) -> None:
    """Writes the summary: the last thing a run does, so that where it stands the run has ended."""
    write_whole(directory / FILE, json.dumps(asdict(summary), indent=2, ensure_ascii=False) + "\n")


def read_finished(directory: Path) -> Summary | None:
    """Returns the summary of a run that has ended, None where there is none.

    Raises:
        InputError: where there is one that cannot be read.
    """
    path = directory / FILE
    if not path.exists():
        return None
    try:
        return Summary(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise InputError(f"{path}: must be the summary of a run by this version of textsynth: {error}") from error


def shortfall(summary: Summary) -> str:
    """Says in one line why a run delivered fewer examples than asked for."""
    reasons = [f"{name}: {step['ended']}" for name, step in summary.steps.items() if step["ended"]]
    reasons += [f"{count} dropped as {reason}" for reason, count in summary.dropped.items()]
    return f"delivered {summary.delivered} of the {summary.asked} examples asked for; " + "; ".join(reasons)
