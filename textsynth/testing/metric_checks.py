"""What every metric must do: bear any corpus on any side, repeat its numbers, say in a note what it cannot tell."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from textsynth.components import registry
from textsynth.components.metric import Evidence, Measured, Metric, Score
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.foundation.seeding import child_rng
from textsynth.testing.component_checks import check_built
from textsynth.testing.corpora import example_source, hostile_examples
from textsynth.testing.expectation import expect, read_global_state, seed_global_generators

_BETTER = ("higher", "lower", "heldout")


@dataclass(frozen=True)
class MetricTrial:
    """A metric that is tried.

    Args:
        metric: what is tried.
        source: real text; what else is measured is made of it.
    """

    metric: Metric
    source: Corpus

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"the metric {registry.name_of(self.metric)!r}"

    def measure(self, synthetic: Corpus, source: Corpus, heldout: Corpus) -> Measured:
        """Asks the metric, from always the same randomness."""
        return self.metric.measure(Evidence(synthetic, source, heldout), child_rng(3))

    def corpora(self) -> Iterator[tuple[str, Corpus]]:
        """Yields corpora that a metric must bear beside the source, with what they are."""
        yield "texts without spans", Corpus.from_examples(Example(each.text, (), each.label) for each in self.source)
        yield "texts without classes", Corpus.from_examples(Example(each.text, each.spans) for each in self.source)
        yield "one row", self.source[:1]
        yield "no rows", Corpus.empty()
        yield "texts without words", Corpus.from_columns(text=["", " "])
        yield "hostile texts", Corpus.from_examples(hostile_examples())


def check_metric(metric: Metric, source: Corpus | None = None) -> None:
    """Checks all that an evaluation relies on. It asks the metric some twenty times.

    Args:
        metric: with options that make it quick; see `build_example`.
        source: real text, `example_source()` if None.

    Raises:
        AssertionError: says what must hold and what was found.
    """
    check_built(metric)
    trial = MetricTrial(metric, example_source() if source is None else source)
    for each in METRIC_CHECKS:
        each(trial)


def check_any_evidence(trial: MetricTrial) -> None:
    """Checks that any corpus is borne on any side, and gives scores of the same names, which are sound."""
    usual = trial.measure(trial.source, trial.source, trial.source)
    names = tuple(usual.scores)
    _check_measured(usual, f"{trial.name}, with the source on all sides,")
    for what, corpus in trial.corpora():
        sides = {
            "synthetic text": (corpus, trial.source, trial.source),
            "source": (trial.source, corpus, trial.source),
            "held-out text": (trial.source, trial.source, corpus),
        }
        for side, evidence in sides.items():
            measured = trial.measure(*evidence)
            where = f"{trial.name}, with {what} for the {side},"
            found = tuple(measured.scores)
            expect(found in (names, ()), f"{where} must give the scores {names}, or none", found)
            expect(found == names or measured.notes, f"{where} must say in a note why it gives no scores")
            _check_measured(measured, where)


def check_evidence_stays(trial: MetricTrial) -> None:
    """Checks that the corpora stay as they were."""
    before = trial.source.take(range(len(trial.source)))  # type: ignore[arg-type]
    trial.measure(trial.source, trial.source, trial.source)
    expect(trial.source.table.equals(before.table), f"{trial.name} must leave what it measures as it was")


def check_unknown_is_noted(trial: MetricTrial) -> None:
    """Checks that nothing is told of no text, and that a note says so."""
    found = trial.measure(Corpus.empty(), trial.source, trial.source)
    told = {name: score.value for name, score in found.scores.items() if score.value is not None}
    expect(not told, f"{trial.name} must tell nothing of a corpus without rows", told)
    expect(found.notes, f"{trial.name} must say in a note why it tells nothing of a corpus without rows")


def check_numbers_repeat(trial: MetricTrial) -> None:
    """Checks that the same stream gives the same numbers, whatever the global generators are at."""
    few = trial.source[: max(1, len(trial.source) // 2)]
    with seed_global_generators(1):
        first = trial.measure(few, trial.source, trial.source)
    with seed_global_generators(2):
        before = read_global_state()
        second = trial.measure(few, trial.source, trial.source)
        expect(read_global_state() == before, f"{trial.name} must draw from the rng that it is given alone")
    expect(first == second, f"{trial.name} must give the same for the same evidence and stream", second)


def _check_measured(measured: Measured, where: str) -> None:
    for name, score in measured.scores.items():
        _check_score(score, f"the score {name!r} of {where}")
    for table in measured.tables:
        expect(
            all(len(row) == len(table.columns) for row in table.rows),
            f"the table {table.title!r} of {where} must have a cell for each of {table.columns} in every row",
        )


def _check_score(score: Score, where: str) -> None:
    expect(score.better in _BETTER, f"'better' of {where} must be one of {_BETTER}", score.better)
    numbers = (score.value, score.heldout, score.low, score.high)
    finite = all(number is None or math.isfinite(number) for number in numbers)
    expect(finite, f"{where} must have finite numbers, or None", numbers)
    expect((score.low is None) == (score.high is None), f"{where} must have both ends of an interval, or none", numbers)
    if score.low is not None and score.high is not None and score.difference is not None:
        inside = score.low <= score.difference <= score.high
        expect(inside, f"the interval of {where} must hold the difference {score.difference}", numbers)


METRIC_CHECKS = (check_any_evidence, check_evidence_stays, check_unknown_is_noted, check_numbers_repeat)
"""All checks of a metric that is tried on a source."""
