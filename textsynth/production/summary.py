"""The summary of a run: what `run.json` holds."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import ClassVar

import pydantic

from textsynth.components.learned import Fact, Learned
from textsynth.errors import InputError
from textsynth.production.produce import Harvest

FILE = "run.json"


@dataclass
class SourceCounts:
    """What was read.

    Args:
        path: the name of the file or directory; empty if the run has no source.
        examples: records that became examples to learn from.
        rejected: records that were set aside.
        heldout: records that became held-out examples.
        repeated: records that were left out, since a held-out example has their wording or text.
        met_by_chance: examples that were made and have the text of a held-out one, in whatever case.
        gold: whether the examples came with spans or classes, and were not labelled by the run.
        gold_heldout: the splits of held-out examples that came so.
        left_out: why the examples are not delivered; empty if they are.
    """

    path: str = ""
    examples: int = 0
    rejected: int = 0
    heldout: int = 0
    repeated: int = 0
    met_by_chance: int = 0
    gold: bool = True
    gold_heldout: list[str] = field(default_factory=list)
    left_out: str = ""


@dataclass
class Tally:
    """How much is delivered.

    Args:
        source: of the examples that generators learnt from.
        made: of those that were made.
        heldout: of those that nothing learnt from.
    """

    source: int = 0
    made: int = 0
    heldout: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.source + self.made + self.heldout


def tally(**counts: Mapping[str, int]) -> dict[str, Tally]:
    """Lays counts side by side: `source`, `made` and `heldout`, each by name.

    >>> tally(source={"b": 2, "a": 1}, made={"b": 5})
    {'a': Tally(source=1, made=0, heldout=0), 'b': Tally(source=2, made=5, heldout=0)}
    """
    names = sorted({name for each in counts.values() for name in each})
    return {name: Tally(**{part: each.get(name, 0) for part, each in counts.items()}) for name in names}


def list_parts(rows: Mapping[str, Tally]) -> list[str]:
    """Returns the parts of which there is something in any row.

    >>> list_parts({"a": Tally(made=2), "b": Tally(source=1, made=5)})
    ['source', 'made']
    """
    return [each.name for each in fields(Tally) if any(getattr(row, each.name) for row in rows.values())]


@dataclass
class StepCounts:
    """What a step came to.

    Args:
        made: examples made and judged.
        kept: examples delivered.
        dropped: examples dropped, by reason.
        ended: why the step ended before its quota was met; empty if it did not.
    """

    made: int = 0
    kept: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    ended: str = ""


@dataclass
class Summary:
    """What a run did; `run.json` holds the same.

    Args:
        state: "complete", or "short" if fewer examples came than were asked for.
        asked: examples asked for.
        delivered: examples that were made and kept; the dataset has real text besides.
        made: examples made and judged.
        dropped: examples dropped, by reason.
        steps: what each step came to, by name.
        labels: mentions in the dataset, by label.
        classes: examples in the dataset, by class.
        splits: examples in the dataset, by split.
        languages: those of the texts, the commonest first, two letters of ISO 639.
        seconds: wall-clock seconds of this process, by stage.
        seed: the seed.
        workers: processes.
        source: what was read.
        versions: of textsynth, Python and what decides the bytes.
        left_out: what an export format did not carry, by format and part.
        learned: what the steps and filters tell about what they learned, by name.
    """

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = pydantic.ConfigDict(extra="forbid")

    state: str = "complete"
    asked: int = 0
    delivered: int = 0
    made: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    steps: dict[str, StepCounts] = field(default_factory=dict)
    labels: dict[str, Tally] = field(default_factory=dict)
    classes: dict[str, Tally] = field(default_factory=dict)
    splits: dict[str, Tally] = field(default_factory=dict)
    languages: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    seed: int = 0
    workers: int = 1
    source: SourceCounts = field(default_factory=SourceCounts)
    versions: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, dict[str, int]] = field(default_factory=dict)
    learned: dict[str, Learned] = field(default_factory=dict)

    @contextlib.contextmanager
    def time_stage(self, stage: str) -> Iterator[None]:
        """Adds the time that the block takes to a stage."""
        begin = time.perf_counter()
        yield
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.perf_counter() - begin, 3)

    def count(self, harvest: Harvest) -> None:
        """Takes over what a production came to."""
        self.delivered = len(harvest)
        self.state = "complete" if self.delivered == self.asked else "short"
        for stream in harvest.streams:
            step = self.steps.setdefault(stream.step.name, StepCounts())
            step.made += stream.made
            step.kept += stream.kept
            if stream.exhausted and stream.exhausted not in step.ended:
                step.ended = "; ".join(filter(None, [step.ended, stream.exhausted]))
        dropped: Counter[str] = Counter()
        for (name, _, reason), number in sorted(harvest.dropped.items()):
            by_reason = self.steps[name].dropped
            by_reason[reason] = by_reason.get(reason, 0) + number
            dropped[reason] += number
        self.dropped = dict(dropped)
        self.made = sum(step.made for step in self.steps.values())

    def add_facts(self, name: str, facts: Mapping[str, Fact]) -> None:
        """Adds facts to what a step tells."""
        learned = self.learned.get(name, Learned())
        self.learned[name] = replace(learned, facts={**learned.facts, **facts})


def dump(summary: Summary) -> str:
    """Returns the file of a summary."""
    return json.dumps(asdict(summary), indent=2, ensure_ascii=False) + "\n"


def read_finished(directory: Path) -> Summary | None:
    """Returns the summary of a run that has ended, None if there is none.

    Raises:
        InputError: if there is one that cannot be read.
    """
    path = directory / FILE
    if not path.exists():
        return None
    try:
        return pydantic.TypeAdapter(Summary).validate_json(path.read_bytes())
    except pydantic.ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"]))
        raise InputError(
            f"{path}: must be the summary of a run by this version of textsynth: {where}: {fault['msg']}"
        ) from error


def shortfall(summary: Summary) -> str:
    """Says in one line why a run delivered fewer examples than asked for."""
    reasons = [f"{name}: {step.ended}" for name, step in summary.steps.items() if step.ended]
    reasons += [f"{count} dropped as {reason}" for reason, count in summary.dropped.items()]
    return f"delivered {summary.delivered} of the {summary.asked} examples asked for; " + "; ".join(reasons)
