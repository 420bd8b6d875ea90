"""The account of labelling: what each labeler found of each label, and how right it was on checked sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from textsynth.components.labeler import Findings
from textsynth.corpus import Corpus
from textsynth.foundation.distinct import find_distinct
from textsynth.foundation.share import find_wilson
from textsynth.labelling.votes import Ballot

Interval = tuple[float, float]


@dataclass(frozen=True)
class Measured:
    """A share that was counted, with the interval that it lies in 95 times in 100 (Wilson 1927).

    Args:
        right: how many were right.
        of: of how many.

    >>> Measured(9, 10).share, Measured(9, 10).interval
    (0.9, (0.596, 0.982))
    """

    right: int
    of: int

    @property
    def share(self) -> float | None:
        """The share; None of nothing."""
        return self.right / self.of if self.of else None

    @property
    def interval(self) -> Interval | None:
        """Its interval; None of nothing."""
        if not self.of:
            return None
        low, high = find_wilson(self.right, self.of)
        return round(low, 3), round(high, 3)

    def __str__(self) -> str:
        """Returns the share with its interval in percent, as `90% [60, 98]`."""
        if self.share is None or self.interval is None:
            return "-"
        low, high = self.interval
        return f"{100 * self.share:.0f}% [{100 * low:.0f}, {100 * high:.0f}]"


@dataclass(frozen=True)
class Line:
    """What one labeler found of one label.

    Args:
        labeler: its name.
        label: the label.
        mentions: how many it found.
        coverage: the share of sentences in which it found any.
        overlaps: how many of them overlap what another labeler found.
        conflicts: how many overlap something with another label.
        precision: on the checked sentences, the share of what it found that is right; None without check.
        recall: on them, the share of what there is that it found; None without check.
    """

    labeler: str
    label: str
    mentions: int
    coverage: float
    overlaps: int
    conflicts: int
    precision: Measured | None = None
    recall: Measured | None = None

    def to_cells(self) -> dict[str, str]:
        """Returns it as text for people, by column: a measured share with its interval."""
        return {each.name: str(getattr(self, each.name)) for each in fields(self)}

    def to_row(self) -> dict[str, Any]:
        """Returns it as plain data; a measured share has its interval beside it."""
        row = asdict(self)
        for name in ("precision", "recall"):
            measured = getattr(self, name)
            row[name] = None if measured is None else measured.share
            row[f"{name}_interval"] = None if measured is None else measured.interval
        return row


def count_lines(
    ballot: Ballot,
    names: Sequence[str],
    rows: int,
    voted: Findings,
    checks: Sequence[Mapping[str, tuple[Measured, Measured]]] = (),
) -> Iterator[Line]:
    """Yields a line for each labeler and label that it found; the last lines are of the vote.

    Args:
        ballot: what all of them found.
        names: of the labelers, and of the vote.
        rows: sentences.
        voted: what the vote gave.
        checks: for each name precision and recall by label; empty without check.
    """
    overlap, conflict = ballot.count_labelers() > 1, ballot.count_labels() > 1
    nothing = np.zeros(len(voted), bool)
    for number, name in enumerate(names):
        own = ballot.labelers == number
        parts = ballot.findings.take(own), overlap[own], conflict[own]
        findings, overlaps, conflicts = parts if number < len(names) - 1 else (voted, nothing, nothing)
        measured = checks[number] if checks else {}
        for label in sorted({*findings.labels.tolist(), *measured}):
            mine = findings.labels == label
            coverage = len(find_distinct(findings.rows[mine])) / max(1, rows)
            counts = int(mine.sum()), coverage, int(overlaps[mine].sum()), int(conflicts[mine].sum())
            yield Line(name, label, *counts, *measured.get(label, (None, None)))


def measure(found: Findings, gold: Corpus) -> dict[str, tuple[Measured, Measured]]:
    """Returns precision and recall of each label: a finding is right if bounds and label are those of a span."""
    spans = gold.spans
    true = set(
        zip(
            spans.row_of_span().tolist(),
            spans.starts.tolist(),
            spans.ends.tolist(),
            spans.labels.to_pylist(),
            strict=True,
        )
    )
    columns = (found.rows, found.starts, found.ends, found.labels)
    said = set(zip(*(column.tolist() for column in columns), strict=True))
    right, there, given = (Counter(each[3] for each in some) for some in (true & said, true, said))
    labels = sorted({*there, *given})
    return {label: (Measured(right[label], given[label]), Measured(right[label], there[label])) for label in labels}
