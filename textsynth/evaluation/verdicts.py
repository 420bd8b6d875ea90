"""The four sentences on top of a report: which score each rests on, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from textsynth.components.metric import Measured, Score

State = Literal["good", "bad", "unknown"]

UNKNOWN = "cannot be told with this much data"


@dataclass(frozen=True)
class Verdict:
    """One sentence about a corpus, with its number.

    Args:
        name: what it is about.
        sentence: the sentence.
        value: the number; None if it is not known.
        heldout: the same of what it is compared with.
        low: the lower end of the interval in which `value - heldout` lies 95 times in 100.
        high: the upper end.
        state: "unknown" if the interval covers both, or there is none.
    """

    name: str
    sentence: str
    value: float | None
    heldout: float | None
    low: float | None
    high: float | None
    state: State


@dataclass(frozen=True)
class Question:
    """What a verdict rests on.

    Args:
        name: what it is about.
        metric: the name of the metric.
        scores: the names of its scores that tell; the first one that is known counts.
        higher: whether a difference above 0 is good.
        good: the sentence if it is; `{value}`, `{heldout}`, `{low}` and `{high}` stand for the numbers.
        bad: the sentence if it is not.
        chance: the name of a score that says how likely what was found is by chance, if there is one. It may find what
            the interval does not show.
        found: the sentence if it does; `{p}` stands for it.
        least: the name of a score that says how large a difference would have to be to be told, if there is one.
    """

    name: str
    metric: str
    scores: tuple[str, ...]
    higher: bool
    good: str
    bad: str
    chance: str = ""
    found: str = ""
    least: str = ""


_LEVEL = 0.05
"""How likely what is found may be by chance, at most."""

_NUMBERS = "{value} against {heldout}, a difference from {low} to {high}"

QUESTIONS = (
    Question(
        "right",
        "label_errors",
        ("disputed mentions", "disputed classes"),
        False,
        f"A model taught on the source disputes fewer labels than in held-out text: {_NUMBERS}.",
        f"A model taught on the source disputes more labels than in held-out text: {_NUMBERS}.",
    ),
    Question(
        "useful",
        "use",
        ("spans: gold + synthetic", "classes: gold + synthetic"),
        True,
        f"A model that is trained on it too is better than one trained on the source alone: {_NUMBERS}.",
        f"A model that is trained on it too is worse than one trained on the source alone: {_NUMBERS}.",
    ),
    Question(
        "varied",
        "variety",
        ("distinct wordings",),
        True,
        f"As many rows have more different wordings than held-out text: {_NUMBERS}.",
        f"As many rows have fewer different wordings than held-out text: {_NUMBERS}.",
    ),
    Question(
        "private",
        "disclosure",
        ("excess",),
        False,
        "It repeats fewer records of the source than chance explains: {value} of them less, from {low} to {high}.",
        "It repeats more records of the source than chance explains: {value} of them more, from {low} to {high}.",
        "p",
        "It repeats texts of the source that chance does not explain (p = {p}); how many cannot be told.",
        "smallest leak",
    ),
)
"""The sentences in their order. A metric that is renamed, or whose scores are, is renamed here too."""


def decide(metrics: Mapping[str, Measured]) -> tuple[Verdict, ...]:
    """Returns the four verdicts; none of them is given inside an interval.

    Args:
        metrics: what the metrics said, by name.

    >>> use = Measured({"spans: gold + synthetic": Score(0.8, 0.7, 0.05, 0.15, "higher", "share")})
    >>> decide({"use": use})[1].state, decide({"use": Measured()})[1].sentence, decide({})[1].sentence
    ('good', 'Useful: cannot be told with this much data.', "Useful: not measured; the metric 'use' would tell.")
    """
    return tuple(_answer(question, metrics.get(question.metric)) for question in QUESTIONS)


def _answer(question: Question, measured: Measured | None) -> Verdict:
    if measured is None:
        sentence = f"{question.name.capitalize()}: not measured; the metric {question.metric!r} would tell."
        return Verdict(question.name, sentence, None, None, None, None, "unknown")
    scores = [measured.scores[name] for name in question.scores if name in measured.scores]
    score = next((each for each in scores if each.value is not None), Score(None))
    state = _judge(score, question.higher)
    numbers = score.value, score.heldout, score.low, score.high
    p = measured.scores.get(question.chance, Score(None)).value
    if p is not None and p < _LEVEL and state != "bad":
        return Verdict(question.name, question.found.format(p=show_number(p)), *numbers, "bad")
    if state == "unknown":
        return Verdict(question.name, _tell_unknown(question, measured), *numbers, state)
    sentence = question.good if state == "good" else question.bad
    names = ("value", "heldout", "low", "high")
    shown = {name: show_number(number, score.unit) for name, number in zip(names, numbers, strict=True)}
    return Verdict(question.name, sentence.format(**shown), *numbers, state)


def _tell_unknown(question: Question, measured: Measured) -> str:
    """Says that nothing can be told, and what could have been if it is known."""
    least = measured.scores.get(question.least, Score(None))
    could = "" if least.value is None else f"; less than {show_number(least.value, least.unit)} would pass for chance"
    return f"{question.name.capitalize()}: {UNKNOWN}{could}."


def _judge(score: Score, higher: bool) -> State:
    """Says on which side of 0 the whole interval lies, if there is one."""
    if score.value is None or score.low is None or score.high is None or score.low <= 0 <= score.high:
        return "unknown"
    return "good" if (score.low > 0) == higher else "bad"


def show_number(number: float | None, unit: str = "") -> str:
    """Returns a number as people read it.

    >>> show_number(0.1234, "share"), show_number(3.14159), show_number(None)
    ('12.3 %', '3.14', '–')
    """
    if number is None:
        return "–"
    return f"{100 * number:.1f} %" if unit == "share" else f"{number:.3g}{' ' if unit else ''}{unit}"
