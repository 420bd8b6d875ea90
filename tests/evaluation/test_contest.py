"""Successive halving, with what each entry comes to given by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from textsynth.evaluation.contest import Attempt, Contest, Entry, Outcome

CANDIDATES = {"a": (3, 10), "b": (3, 10), "c": (3, 10), "d": (3,), "bad": (3,)}
RIGHT = {"nothing": 4, "half": 2, "a": 5, "b": 9, "c": 7, "d": 1}
"""Of ten mentions, how many are found with three copies; with ten copies it is one less."""


class Trying:
    """Tries attempts by the table, so many at most."""

    def __init__(self, most: int = 10**6) -> None:
        self.left = most
        self.seen: list[Attempt] = []

    def __call__(self, attempts: Iterable[Attempt]) -> Iterator[Outcome]:
        for attempt in attempts:
            if not self.left:
                return
            self.left -= 1
            self.seen.append(attempt)
            right = RIGHT.get(attempt.entry.candidate, 0) - (attempt.entry.times == 10)
            counts = np.zeros((5, 3), np.int64)
            counts[attempt.fold] = right, 10, 10
            failure = "it has no list" if attempt.entry.candidate == "bad" else ""
            yield Outcome(counts, counts, counts, failure)


def names(trying: Trying, number: int) -> list[str]:
    tried = dict.fromkeys(each.entry for each in trying.seen if each.round == number)
    return [each.name for each in tried if each.times]


def test_the_better_half_goes_on_and_the_best_brings_its_other_amounts():
    trying = Trying()
    contest = Contest(trying, "crf", 5)
    last = contest.hold(CANDIDATES, 4)
    assert names(trying, 0) == ["a × 3", "b × 3", "c × 3", "d × 3", "bad × 3"]
    assert names(trying, 1) == ["b × 3", "c × 3", "b × 10"]
    assert names(trying, 2) == names(trying, 3) == ["b × 3", "b × 10"]
    assert [each.name for each in last] == ["b × 3", "b × 10"]
    assert contest.courses[Entry("bad", 3)].failure == "it has no list"
    assert contest.find_gain(Entry("b", 3)) == 0.5
    assert contest.find_score(Entry("half")) == 0.2
    assert (contest.rounds, contest.cut) == (4, False)


def test_time_cuts_whole_rounds_off_and_changes_nothing_else():
    whole = Contest(Trying(), "crf", 5)
    last = whole.hold(CANDIDATES, 1)
    cut = Contest(Trying(most=7 * 5 + 12), "crf", 5)
    assert [each.name for each in cut.hold(CANDIDATES, 4)] == [each.name for each in last]
    assert (cut.rounds, cut.cut, cut.untried) == (1, True, [])
    assert {name: list(each.taught) for name, each in cut.courses.items()} == {
        name: list(each.taught) for name, each in whole.courses.items()
    }


def test_a_first_round_that_is_cut_keeps_what_was_tried_on_all_folds():
    contest = Contest(Trying(most=4 * 5 + 3), "crf", 5)
    assert [each.name for each in contest.hold(CANDIDATES, 4)] == ["b × 3", "a × 3"]
    assert [each.name for each in contest.untried] == ["c × 3", "d × 3", "bad × 3"]
    assert (contest.rounds, contest.cut) == (1, True)
