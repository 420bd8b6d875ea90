"""Votes: what several labelers found in a corpus becomes one set of spans, and reasons to set sentences aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from textsynth.components.labeler import Findings
from textsynth.labelling.options import Vote

CONFLICT, UNSURE, MISSED = "conflict", "unsure", "missed?"
"""Why a sentence is set aside: labelers, or labels, disagree; one of its mentions is not sure; one may be missing."""


@dataclass(frozen=True)
class Ballot:
    """Everything that several labelers found, sorted by text, start and falling end.

    Args:
        findings: of all of them.
        labelers: `(findings,)`; the number of the labeler that found each.
        groups: `(findings,)`; findings that overlap, directly or through others, are one group; numbers rise.
    """

    findings: Findings
    labelers: np.ndarray
    groups: np.ndarray

    @classmethod
    def of(cls, found: Sequence[Findings]) -> Ballot:
        """Puts together what each labeler found in the same corpus."""
        labelers = np.repeat(np.arange(len(found)), [len(each) for each in found])
        columns = [np.concatenate(column) for column in zip(*(each.columns() for each in found), strict=True)]
        rows, starts, ends = columns[:3]
        order = np.lexsort((labelers, -ends, starts, rows))
        findings = Findings(*(column[order] for column in columns))
        return cls(findings, labelers[order], _group(findings))

    def count_labels(self) -> np.ndarray:
        """Returns how many labels the group of each finding has, `(findings,)`."""
        return _count_distinct(self.groups, np.unique(self.findings.labels, return_inverse=True)[1])

    def count_labelers(self) -> np.ndarray:
        """Returns how many labelers found something in the group of each finding, `(findings,)`."""
        return _count_distinct(self.groups, self.labelers)


@dataclass(frozen=True)
class Result:
    """What a vote came to.

    Args:
        findings: the spans that it gave each sentence; they do not overlap.
        labelers: `(findings,)`; the first labeler that found each.
        reasons: `(sentences,)`; why a sentence is to be set aside; "" if it is not.
    """

    findings: Findings
    labelers: np.ndarray
    reasons: np.ndarray

    def with_reason(self, reason: str, rows: np.ndarray) -> Result:
        """Returns the result with a reason for these sentences, if they have none."""
        reasons = self.reasons.copy()
        reasons[rows[reasons[rows] == ""]] = reason
        return replace(self, reasons=reasons)


def vote(ballot: Ballot, covers: Sequence[frozenset[str]], how: Vote, rows: int) -> Result:
    """Decides each group of findings that overlap.

    The bounds are those of the first labeler that found anything in the group.

    Args:
        ballot: what was found.
        covers: for each labeler the labels that it can give.
        how: "agree" or "priority", as in `LabelOptions`.
        rows: sentences of the corpus.
    """
    findings, groups = ballot.findings, ballot.groups
    first = np.full(groups.max(initial=-1) + 1, len(covers))
    np.minimum.at(first, groups, ballot.labelers)
    wins = ballot.labelers == first[groups]
    reasons = np.full(rows, "", object)
    if how == "agree":
        wanted = np.array([sum(label in each for each in covers) for label in findings.labels.tolist()], np.int64)
        differ = (ballot.count_labels() > 1) | (ballot.count_labelers() < wanted)
        reasons[findings.rows[differ]] = CONFLICT
    return Result(findings.take(wins), ballot.labelers[wins], reasons)


def _group(findings: Findings) -> np.ndarray:
    """Numbers findings so that those that overlap have one number."""
    if not len(findings):
        return np.zeros(0, np.int64)
    # Texts are laid end to end, so that one running maximum of ends serves all.
    width = int(findings.ends.max()) + 1
    begin, end = findings.rows * width + findings.starts, findings.rows * width + findings.ends
    reached = np.maximum.accumulate(end)
    opens = np.ones(len(findings), bool)
    opens[1:] = begin[1:] >= reached[:-1]
    return np.cumsum(opens) - 1


def _count_distinct(groups: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Returns for each value how many different codes its group has."""
    if not len(groups):
        return np.zeros(0, np.int64)
    pairs = np.unique(np.stack([groups, codes]), axis=1)
    counts: np.ndarray = np.bincount(pairs[0])[groups]
    return counts
