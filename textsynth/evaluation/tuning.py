"""What came of trying recipes: the evidence, what is recommended, and what would help if nothing is."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from textsynth.evaluation.contest import Contest, Entry
from textsynth.evaluation.paired import find_chance, find_difference, find_reach
from textsynth.evaluation.targets import Target, choose_lacking
from textsynth.foundation.plural import tell_count

VERSION = 1


@dataclass(frozen=True)
class Tried:
    """What one entry came to.

    Args:
        name: of the candidate, with its amount.
        candidate: its name.
        times: examples made for each of the source.
        probe: what it was tried with.
        rounds: the rounds that it was tried in.
        score: of the probe that is taught the source and what was made.
        alone: of the one that is taught the source alone, in the same rounds.
        gain: how far the one is above the other.
        low: the lower end of the interval in which the gain lies 95 times in 100, among all that were tried.
        high: the upper end.
        gain_on_weaker: how far it is above a probe that is taught the source alone with regularisation as much weaker.
        low_on_weaker: the lower end of that interval.
        high_on_weaker: the upper end.
        failure: why it made nothing; empty if it did; then there are no numbers.
        recipe: as TOML.
    """

    name: str
    candidate: str
    times: int
    probe: str
    rounds: int
    score: float | None = None
    alone: float | None = None
    gain: float | None = None
    low: float | None = None
    high: float | None = None
    gain_on_weaker: float | None = None
    low_on_weaker: float | None = None
    high_on_weaker: float | None = None
    failure: str = ""
    recipe: str = ""

    @property
    def helps(self) -> bool:
        """Whether both intervals lie above 0."""
        return self.low is not None and self.low_on_weaker is not None and min(self.low, self.low_on_weaker) > 0

    @property
    def width(self) -> float:
        """How many times too wide the wider interval is to lie above 0; both gains must be above 0."""
        gains = (self.gain, self.low), (self.gain_on_weaker, self.low_on_weaker)
        return max((gain - low) / gain for gain, low in gains if gain is not None and low is not None)


@dataclass(frozen=True)
class Tuning:
    """What came of trying recipes on a source.

    Args:
        source: what is known of the source: its examples, how many were tried on, its families of like texts.
        task: what for.
        metric: what the scores are: "F1" or "accuracy".
        dev: the examples of the file that was tested on; None if folds were.
        folds: how many folds, or with a file for testing draws, a round has.
        rounds: how many rounds were held, and how many were planned.
        seed: of all that was drawn.
        cut: whether the time was up before the last round.
        untried: what the time was up for in the first round.
        tried: all that was tried, the finalists first.
        half: the score of half of the source alone; None if it is not known.
        whole: the score of the source alone in the same rounds.
        targets: what is known of each label or class.
        recommended: the name of what is recommended; None if nothing is.
        probe: the name of the one that decides.
        raw: whether raw text was there to learn from.
        command: how all this is made again; empty if no command made it.
    """

    source: Mapping[str, Any]
    task: str
    metric: str
    dev: int | None
    folds: int
    rounds: tuple[int, int]
    seed: int
    cut: bool
    untried: tuple[str, ...]
    tried: tuple[Tried, ...]
    half: float | None
    whole: float | None
    targets: tuple[Target, ...]
    recommended: str | None
    probe: str
    raw: bool = False
    command: str = ""

    @property
    def best(self) -> Tried | None:
        """The recommended one, or the finalist with the greatest gain."""
        named = [each for each in self.tried if each.name == self.recommended]
        return next(iter(named or [each for each in self.tried if each.gain is not None]), None)

    def sentences(self) -> list[str]:
        """Says what is recommended and why, or what would help instead."""
        return [*self._say_cut(), *(self._say_recommended() if self.recommended else self._say_nothing())]

    def to_recipe(self) -> str:
        """Returns the recommended recipe as TOML, with a comment on what it brought; empty if none is."""
        if self.best is None or not self.recommended:
            return ""
        return "\n".join([*(f"# {sentence}" for sentence in self.sentences()), "", self.best.recipe])

    def to_dict(self) -> dict[str, Any]:
        """Returns what `tune.json` holds."""
        return {"version": VERSION, "sentences": self.sentences(), **asdict(self)}

    def to_json(self) -> str:
        """Returns the evidence as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    def rows(self) -> list[tuple[str, ...]]:
        """Returns the table of all that was tried as text, its heads first."""
        head = ("recipe", "rounds", self.metric, "source alone", "gain", "95 %", "on weaker regularisation")
        return [head, *(_write_row(each) for each in self.tried)]

    def to_markdown(self) -> str:
        """Returns the evidence as a page for people."""
        kind = "mentions" if self.metric == "F1" else "examples"
        labels = [
            ("label" if kind == "mentions" else "class", kind, "different", "new", "source alone", "with the best")
        ]
        labels += [
            (each.name, str(each.examples), str(each.distinct), _show(each.new), _show(each.alone), _show(each.best))
            for each in self.targets
        ]
        parts = ["# What textsynth tune found", *self.sentences(), _write_table(self.rows()), _write_table(labels)]
        return "\n\n".join([*parts, _HOW_TO_READ.format(folds=self.folds)]) + "\n"

    def _say_cut(self) -> list[str]:
        held, planned = self.rounds
        if not self.cut:
            return []
        be = "was" if len(self.untried) == 1 else "were"
        untried = f", and {', '.join(self.untried)} {be} not tried" if self.untried else ""
        return [f"The time was up after {held} of {tell_count(planned, 'round')}{untried}; more minutes tell more."]

    def _say_recommended(self) -> list[str]:
        best = self.best
        assert best is not None
        return [
            f"Recommended: {best.name}. {self.metric} of {self.probe} is {_show(best.score)} with it and "
            f"{_show(best.alone)} with the source alone: {_say_interval(best)}."
        ]

    def _say_nothing(self) -> list[str]:
        best = self.best
        if best is not None and best.alone == 1.0:
            return ["Recommended: nothing. What is taught the source alone is right about all that it was tested on."]
        if self.cut and (best is None or best.probe != self.probe):
            return [f"Recommended: nothing. No recipe was tried with {self.probe} in the time."]
        return [_say_why(best), *self._say_size(best), *self._say_curve(), *self._say_lacking()]

    def _say_size(self, best: Tried | None) -> list[str]:
        """Says how many more examples would tell: an interval narrows by the square root of their number."""
        if best is None or best.gain is None or best.gain_on_weaker is None:
            return []
        gain = min(best.gain, best.gain_on_weaker)
        if gain <= 0:
            return []
        told = f"a gain of {_points(gain)}" + (" over weaker regularisation" if gain < best.gain else "")
        tested = self.dev or self.source["tried"]
        needed = tested * (best.width**2 - 1)
        if needed > _FAR * tested:
            return [f"{told.capitalize()} is too small to be told with any number near {tested}."]
        number, kind = _round_up(needed), "examples to test on" if self.dev else "labelled examples"
        return [f"About {number} more {kind} would tell whether {told} is real."]

    def _say_curve(self) -> list[str]:
        """Says what as many examples again may bring, since a curve of learning flattens."""
        if self.half is None or self.whole is None:
            return []
        curve = f"Half as many examples come to {_show(self.half)}, all to {_show(self.whole)}: "
        if self.whole > self.half:
            return [f"{curve}as many labelled ones again may bring up to {_points(self.whole - self.half)}."]
        return [f"{curve}more of the same kind may bring nothing."]

    def _say_lacking(self) -> list[str]:
        return [_say_target(each, self.raw) for each in choose_lacking(self.targets)]


_FAR = 50
"""So many times the examples is more than anybody will label to learn of a small gain."""

_HOW_TO_READ = (
    "The gain is that of a probe that was taught the source and what the recipe made of it, over one that was "
    "taught the source alone, in the same rounds of {folds} folds. The interval is that of the paired "
    "difference: its variance is that over families of like texts and over folds, in which they share a probe "
    "(clustered both ways); it is as wide as the choice among all that were tried makes it (Dunnett, with "
    "their correlations). A recipe is recommended if the interval lies above 0, and so does that of the gain "
    "over a probe that is taught the source alone with regularisation as much weaker as more examples make it. "
    '"new" is the share of mentions tested on that were not among those taught.'
)


def judge(contest: Contest, final: Contest, rng: np.random.Generator) -> list[Tried]:
    """Returns what all entries came to, the finalists first, the greatest gain at their head.

    Args:
        contest: with all entries.
        final: with the finalists; the same one if they were tried with the same probe.
        rng: draws how great chance makes the greatest.
    """
    alive = contest.rank([each for each in contest.courses if each.times])
    chance = find_chance([find_difference(*contest.pair(each)) for each in alive], rng) if alive else 0.0
    last = [each for each in final.rank([*final.courses]) if final.rounds - 1 in final.courses[each].taught]
    failed = [each for each in contest.courses if contest.courses[each].failure]
    tried = [_judge(final, each, chance) for each in last]
    tried += [_judge(contest, each, chance) for each in alive if each not in last]
    return tried + [_fail(contest, each) for each in failed]


def _judge(contest: Contest, entry: Entry, chance: float) -> Tried:
    gain, weaker = (find_difference(*contest.pair(entry, control)) for control in (False, True))
    reach, reach_on_weaker = find_reach(gain, chance), find_reach(weaker, chance)
    score = contest.find_score(entry)
    return Tried(
        name=entry.name,
        candidate=entry.candidate,
        times=entry.times,
        probe=contest.probe,
        rounds=len(contest.courses[entry].taught),
        score=score,
        alone=None if score is None else score - gain.value,
        gain=gain.value,
        low=gain.value - reach,
        high=gain.value + reach,
        gain_on_weaker=weaker.value,
        low_on_weaker=weaker.value - reach_on_weaker,
        high_on_weaker=weaker.value + reach_on_weaker,
    )


def _fail(contest: Contest, entry: Entry) -> Tried:
    failure = contest.courses[entry].failure
    return Tried(entry.name, entry.candidate, entry.times, contest.probe, rounds=0, failure=failure)


def _write_row(each: Tried) -> tuple[str, ...]:
    if each.failure:
        return each.name, "0", f"could not be made: {each.failure}", "", "", "", ""
    return (
        each.name,
        str(each.rounds),
        _show(each.score),
        _show(each.alone),
        _points(each.gain),
        _interval(each.low, each.high),
        f"{_points(each.gain_on_weaker)} ({_interval(each.low_on_weaker, each.high_on_weaker)})",
    )


def _write_table(rows: Sequence[Sequence[str]]) -> str:
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def _say_why(best: Tried | None) -> str:
    if best is None:
        return "Recommended: nothing. No recipe could be tried."
    if best.low is not None and best.low > 0:
        return (
            f"Recommended: nothing. {best.name} gained {best.probe} {_say_interval(best)}, but weaker regularisation "
            "of the source alone gains as much, as far as can be told: try that first."
        )
    if best.gain is not None and best.gain <= 0:
        return (
            f"Recommended: nothing. None gained {best.probe} anything; the best is {best.name}: {_say_interval(best)}."
        )
    return f"Recommended: nothing. What {best.name} gained {best.probe} is within chance: {_say_interval(best)}."


def _say_target(each: Target, had_raw: bool) -> str:
    if each.new is None:
        return f"{each.name} lacks examples: it has {each.examples}, and comes to {_show(each.alone)}."
    more = "more raw text" if had_raw else "raw text (--raw)"
    return (
        f"{each.name} lacks mentions: it has {each.distinct} different ones, and {_show(each.new)} % of those tested on"
        f" were new. A list of others or {more} brings some."
    )


def _say_interval(each: Tried) -> str:
    return f"{_points(each.gain)}, 95 times in 100 from {_points(each.low)} to {_points(each.high)}"


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{_points(low)} … {_points(high)}"


def _points(share: float | None) -> str:
    """Returns a difference of shares in points, with its sign."""
    return "–" if share is None else f"{100 * share:+.1f}".replace("-", "−")


def _show(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _round_up(number: float) -> int:
    """Rounds up to two digits.

    >>> _round_up(213.2), _round_up(7.1)
    (220, 8)
    """
    unit = 10 ** max(0, math.floor(math.log10(max(1.0, number))) - 1)
    return math.ceil(number / unit - 1e-6) * unit
