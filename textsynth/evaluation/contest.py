"""Successive halving: all candidates are tried on the folds of one round, and the better half goes on to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from textsynth.evaluation.paired import count_f1
from textsynth.foundation.progress import current_stage

NOTHING, HALF = "nothing", "half"
"""The source alone, and half of it: what candidates are compared with, and what more of the source would bring."""

FINALISTS = 2
"""How many are never dropped; all further rounds are between them."""


@dataclass(frozen=True)
class Entry:
    """A candidate with an amount.

    Args:
        candidate: its name.
        times: examples made for each of the source; 0 for none.
    """

    candidate: str
    times: int = 0

    @property
    def name(self) -> str:
        """Its name for people: `mention_replacement × 3`."""
        return f"{self.candidate} × {self.times}" if self.times else self.candidate


@dataclass(frozen=True)
class Attempt:
    """One entry on one fold of one round.

    Args:
        entry: what is tried.
        round: the number of the round, from 0.
        fold: the number of the fold.
        probe: the name of the probe that is taught.
    """

    entry: Entry
    round: int
    fold: int
    probe: str


@dataclass(frozen=True)
class Outcome:
    """What an attempt came to.

    Args:
        taught: `(families, 3)` counts of a probe that was taught the source and what was made: right, found, true.
        control: the same of one that was taught the source alone, its regularisation as much weaker as the examples
            that were made would have it.
        targets: `(targets + 1, 3)`; the counts of the former by label or class.
        failure: why nothing could be made; empty if it could.
    """

    taught: np.ndarray
    control: np.ndarray
    targets: np.ndarray
    failure: str = ""


@dataclass
class Course:
    """What an entry has come to, round by round.

    Args:
        taught: `(folds, families, 3)` counts of each round.
        control: the same of the control.
        targets: `(targets + 1, 3)`; the counts of all rounds by label or class.
        failure: why it was given up; empty if it was not.
    """

    taught: dict[int, np.ndarray] = field(default_factory=dict)
    control: dict[int, np.ndarray] = field(default_factory=dict)
    targets: np.ndarray = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    failure: str = ""


TryAll = Callable[[Iterable[Attempt]], Iterator[Outcome]]
"""Tries attempts, and yields their outcomes in the order of the attempts; stops early if it is out of time."""


@dataclass
class Contest:
    """All that was tried with one probe.

    Args:
        try_all: tries attempts.
        probe: the name of the probe.
        folds: how many folds a round has.
        alone: what is tried of the source alone beside the entries.
        courses: by entry, what it came to.
        rounds: how many rounds are whole.
        cut: whether the time was up before all rounds were.
        untried: entries that the time was up for in the first round.
    """

    try_all: TryAll
    probe: str
    folds: int
    alone: Sequence[Entry] = (Entry(NOTHING), Entry(HALF))
    courses: dict[Entry, Course] = field(default_factory=dict)
    rounds: int = 0
    cut: bool = False
    untried: list[Entry] = field(default_factory=list)

    def hold(self, candidates: dict[str, Sequence[int]], rounds: int) -> list[Entry]:
        """Holds the rounds and returns the entries of the last one, the best first.

        The first round tries each candidate with its first amount. The better half goes on, the best of them in the
        second round with its other amounts too. From then on each round leaves the better half, but two at least.

        Args:
            candidates: by name, the amounts that each is tried with.
            rounds: how many are held, if time allows.
        """
        entries = [Entry(name, times[0]) for name, times in candidates.items()]
        for number in range(rounds):
            if not self.hold_round(entries):
                break
            entries = self.choose(entries)
            if number == 0:
                entries += [
                    Entry(each.candidate, times) for each in entries[:1] for times in candidates[each.candidate][1:]
                ]
        return self.rank([each for each in self.courses if self.rounds - 1 in self.courses[each].taught])

    def hold_round(self, entries: Sequence[Entry]) -> bool:
        """Tries entries on all folds once; a round that the time was up for counts for nothing, but for the first."""
        arms = [*self.alone, *entries]
        attempts = [Attempt(entry, self.rounds, fold, self.probe) for entry in arms for fold in range(self.folds)]
        current_stage().expect(len(attempts))
        current_stage().tell(f"round {self.rounds + 1}: {len(entries)} recipes")
        outcomes: dict[Entry, list[Outcome]] = {}
        for attempt, outcome in zip(attempts, self.try_all(attempts), strict=False):
            outcomes.setdefault(attempt.entry, []).append(outcome)
            current_stage().advance(1)
        whole = {entry: each for entry, each in outcomes.items() if len(each) == self.folds}
        missing = [entry for entry in arms if entry not in whole]
        self.cut = bool(missing)
        if missing and (self.rounds or not set(self.alone) <= set(whole)):
            return False
        self.untried = missing
        for entry, each in whole.items():
            self._note(entry, each)
        self.rounds += 1
        return not missing

    def choose(self, entries: Sequence[Entry]) -> list[Entry]:
        """Returns the better half of the entries, but two at least."""
        alive = self.rank([each for each in entries if each in self.courses])
        return alive[: max(FINALISTS, -(-len(alive) // 2))]

    def rank(self, entries: Sequence[Entry]) -> list[Entry]:
        """Returns those that did not fail, by how far they are above nothing in their own rounds."""
        alive = [each for each in entries if not self.courses[each].failure and each.times]
        return sorted(alive, key=lambda each: (-self.find_gain(each), each.times, each.candidate))

    def find_gain(self, entry: Entry) -> float:
        """Returns how far an entry is above nothing in the rounds that it was tried in."""
        one, other = (count_f1(each.sum(axis=(0, 1))) for each in self.pair(entry))
        return float(one - other)

    def find_score(self, entry: Entry) -> float | None:
        """Returns the score of an entry in all its rounds; None if it was in none."""
        rounds = self.courses[entry].taught.values() if entry in self.courses else ()
        return float(count_f1(np.concatenate([*rounds]).sum(axis=(0, 1)))) if rounds else None

    def pair(self, entry: Entry, control: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Returns the counts of an entry, and those of nothing or of its control in the same folds."""
        course = self.courses[entry]
        other = course.control if control else self.courses[Entry(NOTHING)].taught
        return np.concatenate([*course.taught.values()]), np.concatenate([other[number] for number in course.taught])

    def _note(self, entry: Entry, outcomes: Sequence[Outcome]) -> None:
        course = self.courses.setdefault(entry, Course())
        course.failure = next((each.failure for each in outcomes if each.failure), "")
        if not course.failure:
            course.taught[self.rounds] = np.array([each.taught for each in outcomes])
            course.control[self.rounds] = np.array([each.control for each in outcomes])
            targets = np.sum([each.targets for each in outcomes], axis=0)
            course.targets = course.targets + targets if len(course.targets) else targets
