"""Where the marks of a chart come to lie; the templates draw them. Units are those of the SVG's view box."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_BARS = 24
"""Names that a chart of bars shows; its table has all of them."""
MOST_POINTS = 60
"""Points of a curve that its table shows."""


@dataclass(frozen=True)
class Interval:
    """A number with its interval, and the one to compare it with, on one line.

    Args:
        value: where the number lies, from 0 to `width`; None if it is not known.
        other: the same of the number to compare it with.
        low: the lower end of the interval.
        high: the upper end.
        width: of the chart.
    """

    value: float | None
    other: float | None
    low: float | None
    high: float | None
    width: float

    @classmethod
    def of(
        cls, value: float | None, other: float | None, low: float | None, high: float | None, width: float
    ) -> Interval | None:
        """Places four numbers on one scale; None if all but one of them are unknown, since nothing is to compare."""
        known = [each for each in (value, other, low, high) if each is not None]
        if len(known) < 2:
            return None
        least, most = min(known), max(known)
        margin = (most - least or abs(most) or 1) * 0.15
        scale = width / (most - least + 2 * margin)

        def place(number: float | None) -> float | None:
            return None if number is None else round(scale * (number - least + margin), 1)

        return cls(place(value), place(other), place(low), place(high), width)

    def anchor(self, place: float) -> str:
        """Says on which side of a place its text begins, so that it stays inside the chart."""
        share = place / self.width
        return "start" if share < 0.3 else "end" if share > 0.7 else "middle"


@dataclass(frozen=True)
class Shares:
    """How often each of several names comes in each of several corpora.

    Args:
        corpora: the names of the corpora.
        names: what is counted.
        counts: of each name, a count for each corpus.
        shares: the same as shares of all counts of the corpus.
    """

    corpora: tuple[str, ...]
    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    shares: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, counted: Mapping[str, Mapping[str, int]]) -> Shares:
        """Puts counts side by side: the names that are most frequent in the first corpora stand first."""
        names = list(dict.fromkeys(name for counts in counted.values() for name in counts))
        rows = {name: tuple(counts.get(name, 0) for counts in counted.values()) for name in names}
        names.sort(key=lambda name: [-count for count in rows[name]])
        return cls._of_rows(tuple(counted), {name: rows[name] for name in names})

    @classmethod
    def of_lengths(cls, lengths: Mapping[str, Mapping[str, Sequence[int]]]) -> Shares:
        """Puts histograms with the same bounds side by side, in the order of their bounds."""
        bounds = next(iter(lengths.values()))["bounds"] if lengths else ()
        columns = zip(*(each["counts"] for each in lengths.values()), strict=True)
        names = [f"{low:g} to {high:g}" for low, high in itertools.pairwise(bounds)]
        return cls._of_rows(tuple(lengths), dict(zip(names, columns, strict=True)))

    @classmethod
    def _of_rows(cls, corpora: tuple[str, ...], rows: Mapping[str, tuple[int, ...]]) -> Shares:
        totals = [sum(counts) or 1 for counts in zip(*rows.values(), strict=True)]
        shares = [tuple(count / total for count, total in zip(row, totals, strict=True)) for row in rows.values()]
        return cls(corpora, tuple(rows), tuple(rows.values()), tuple(shares))

    @property
    def bars(self) -> int:
        """How many names the chart shows."""
        return min(len(self.names), MOST_BARS)

    @property
    def most(self) -> float:
        """The largest share in the chart, never zero."""
        return max((share for row in self.shares for share in row), default=0) or 1


@dataclass(frozen=True)
class Curves:
    """Curves over training steps.

    Args:
        lines: by name, the points of a polyline.
        steps: the first and the last step.
        values: the least and the largest value.
        rows: for the table, some steps with the value of each curve.
    """

    lines: dict[str, str]
    steps: tuple[float, float]
    values: tuple[float, float]
    rows: tuple[tuple[Any, ...], ...]

    @classmethod
    def of(
        cls, steps: Sequence[float], curves: Mapping[str, Sequence[float | None]], width: float, height: float
    ) -> Curves | None:
        """Places the points of all curves on common scales; None if there is no point."""
        points = {
            name: [(step, value) for step, value in zip(steps, curve, strict=False) if value is not None]
            for name, curve in curves.items()
        }
        known = [point for line in points.values() for point in line]
        if not known:
            return None
        (left, right), (least, most) = ((min(each), max(each)) for each in zip(*known, strict=True))
        across, up = width / (right - left or 1), height / (most - least or 1)
        lines = {
            name: " ".join(f"{(step - left) * across:.1f},{(most - value) * up:.1f}" for step, value in line)
            for name, line in points.items()
        }
        return cls(lines, (left, right), (least, most), _choose_rows(steps, curves))


def _choose_rows(steps: Sequence[float], curves: Mapping[str, Sequence[float | None]]) -> tuple[tuple[Any, ...], ...]:
    """Returns the rows of a table of curves: evenly chosen steps if there are many, the last one among them."""
    rows = list(zip(steps, *curves.values(), strict=False))
    every = -(-len(rows) // MOST_POINTS) or 1
    return tuple(rows[::-1][::every][::-1])
