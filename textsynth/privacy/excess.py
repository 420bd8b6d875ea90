"""Excess: how many more records of the source than of held-out text an output repeats, and whether that is chance.

A record is disclosed if the output repeats a run of tokens that no other record has, of source and held-out text
together. Had the source not been looked at, it would be as likely for a record of either; so of all records that are
disclosed, those of the source would be a binomial draw by the sizes of the two, whatever these sizes are. Records of
one wording or text are held out together, or not at all; so they are drawn together, as one weight.

That holds for any other weights of the records too. So there are two tests, and half of the false alarms that are
allowed is for each: one of the counts of all kinds of runs; and one of whole texts, in which long texts of rare words
weigh more, since these are not written twice by chance, as "play some music" is. It finds the few copies among many
chance ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from textsynth.corpus import Corpus
from textsynth.extract.heldout import number_groups
from textsynth.foundation.share import find_wilson
from textsynth.privacy.token_runs import KINDS, LENGTHS, Kind, Symbols, find_repeated

LEVEL = 0.05
"""How often an alarm may be false."""

_TESTS = 2
"""The test of the counts, and that of whole texts."""

_CELLS = 2**20
"""Into how many cells the sum of all weights is divided; weights are whole bits as long as there are fewer."""

_LEAST_P = 1e-12
"""What a Fourier transform cannot tell from 0."""


@dataclass(frozen=True)
class Count:
    """How many records of two kinds are disclosed.

    Args:
        source: of the source.
        records: how many records the source has.
        heldout: of the held-out text.
        heldout_records: how many records that has.

    >>> count = Count(30, 1000, 10, 1000)
    >>> round(count.excess, 4), f"{count.p:.1g}", count.find_smallest_leak()
    (0.02, '0.001', 0.01)
    """

    source: int
    records: int
    heldout: int
    heldout_records: int

    @property
    def excess(self) -> float:
        """The share of the source that is disclosed, less that of the held-out text."""
        return self.source / self.records - self.heldout / self.heldout_records

    @property
    def p(self) -> float:
        """How likely so many of the source are if the source is no more likely to be disclosed than held-out text."""
        return _find_p(self.source, self.heldout, self.records / (self.records + self.heldout_records))

    def find_interval(self, tests: int = 1) -> tuple[float, float]:
        """Returns the ends of Newcombe's interval of the excess, from Wilson's of both shares (Newcombe 1998, no. 10).

        Args:
            tests: for how many counts the intervals are to hold together, 95 times in 100.
        """
        one, other = self.source / self.records, self.heldout / self.heldout_records
        width = _find_width(tests)
        low, high = find_wilson(self.source, self.records, width)
        other_low, other_high = find_wilson(self.heldout, self.heldout_records, width)
        return self.excess - math.hypot(one - low, other_high - other), self.excess + math.hypot(
            high - one, other - other_low
        )

    def find_smallest_leak(self, tests: int = 1) -> float | None:
        """Returns the smallest excess that would have been told from chance; None if none would.

        Args:
            tests: among how many counts it would have to stand out.
        """
        share = self.records / (self.records + self.heldout_records)
        low, high = self.heldout, self.records + 1
        while low < high:  # p falls with the count, so that halving finds the first one that is small enough
            middle = (low + high) // 2
            low, high = (low, middle) if _find_p(middle, self.heldout, share) * tests < LEVEL else (middle + 1, high)
        return None if low > self.records else low / self.records - self.heldout / self.heldout_records


@dataclass(frozen=True)
class Disclosed:
    """Which records are disclosed by one kind of run.

    Args:
        kind: what the runs are of.
        length: tokens of a run; 0 for whole texts and whole mentions.
        source: `(records of the source,)`; an example of the output that repeats the record, -1 if none does.
        heldout: the same for the held-out text.
        p: how likely so many of the source are by chance, those of one wording or text drawn together.
    """

    kind: Kind
    length: int
    source: np.ndarray
    heldout: np.ndarray
    p: float

    @property
    def count(self) -> Count:
        """How many are disclosed."""
        found = [int(np.count_nonzero(rows >= 0)) for rows in (self.source, self.heldout)]
        return Count(found[0], len(self.source), found[1], len(self.heldout))


@dataclass(frozen=True)
class Repeats:
    """What an output repeats of real text.

    Args:
        levels: which records are disclosed by every kind of run, the strongest first.
        copies_p: how likely the whole texts of the source that are repeated weigh so much by chance.
    """

    levels: tuple[Disclosed, ...]
    copies_p: float

    @property
    def tests(self) -> int:
        """For how many counts an interval is to hold."""
        return _TESTS * len(self.levels)

    @property
    def corrected(self) -> list[float]:
        """The p of each count, corrected for their number and for the other test."""
        return [min(1.0, _TESTS * p) for p in correct([each.p for each in self.levels])]

    @property
    def p(self) -> float:
        """How likely one of the two tests stands out so much by chance; under `LEVEL` it is an alarm."""
        return min(1.0, _TESTS * self.copies_p, *self.corrected)


def find_disclosed(synthetic: Corpus, source: Corpus, heldout: Corpus) -> Repeats:
    """Returns which records a corpus discloses, by every kind of run.

    Without mentions in the real text, a wording is the text, and runs of the text alone are compared. A record that
    stands twice in the real text discloses nothing: another record has all its runs.

    Args:
        synthetic: the output.
        source: what it was made from.
        heldout: text like it that nothing was made from.
    """
    real = source + heldout
    of_real, of_made = Symbols.of(real), Symbols.of(synthetic)
    families = [number_groups(part) for part in (source, heldout)]

    def judge(weights: np.ndarray) -> float:
        of_source = np.bincount(families[0], weights[: len(source)])
        of_heldout = np.bincount(families[1], weights[len(source) :])
        return find_weighted_p(of_source, of_heldout, len(source) / max(1, len(real)))

    found = []
    for kind, length in _list_levels(bool(of_real.is_slot.any())):
        rows = find_repeated(of_real.list_runs(kind, length), len(real), of_made.list_runs(kind, length))
        p = judge((rows >= 0).astype(float))
        found.append(Disclosed(kind, length, rows[: len(source)], rows[len(source) :], p))
    whole = np.concatenate([found[0].source, found[0].heldout]) >= 0
    return Repeats(tuple(found), judge(np.where(whole, of_real.weigh_texts(), 0)))


def find_weighted_p(source: np.ndarray, heldout: np.ndarray, share: float) -> float:
    """Returns how likely the source has so much of all weights, if each is the source's by chance.

    If all weights are equal that is the binomial test. If not, the sum of those that fall to the source has a
    distribution that is the product of one for each weight, and its Fourier transform is worked out; weights are
    rounded to whole numbers for that.

    Args:
        source: the weights of the source, at least 0; 0 for what does not take part.
        heldout: the weights of held-out text.
        share: how likely each weight falls to the source.

    >>> find_weighted_p(np.array([2.0, 3.0]), np.zeros(2), 0.5), find_weighted_p(np.zeros(3), np.zeros(0), 0.5)
    (0.25, 1.0)
    """
    weights = np.concatenate([source[source > 0], heldout[heldout > 0]])
    if not len(weights) or weights.min() == weights.max():
        return _find_p(int(np.count_nonzero(source)), int(np.count_nonzero(heldout)), share)
    unit = max(1.0, weights.sum() / _CELLS)
    whole, cells = np.round(weights / unit).astype(int), int(np.round(weights / unit).sum()) + 1
    turns = np.arange(cells // 2 + 1) * (2j * np.pi / cells)
    transform = np.ones(len(turns), complex)
    for weight, records in zip(*np.unique(whole[whole > 0], return_counts=True), strict=True):
        transform *= (1 - share + share * np.exp(-turns * weight)) ** records
    chances = np.fft.irfft(transform, cells)
    least = int(np.round(source[source > 0] / unit).sum())
    return float(np.clip(chances[least:].sum(), _LEAST_P, 1))


def correct(chances: Sequence[float]) -> list[float]:
    """Returns p values corrected by their number (Holm 1979): one is false in 5 of 100 cases, not one in each 20.

    >>> [round(p, 3) for p in correct([0.01, 0.5, 0.02])]
    [0.03, 0.5, 0.04]
    """
    order = np.argsort(chances, kind="stable")
    factors = np.arange(len(order), 0, -1)
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(1, np.maximum.accumulate(np.asarray(chances)[order] * factors))
    return [float(p) for p in corrected]


def _list_levels(has_mentions: bool) -> list[tuple[Kind, int]]:
    kinds = KINDS[:-1] if has_mentions else KINDS[:1]
    levels = [(kind, length) for length in LENGTHS for kind in kinds]
    return [*levels, ("mention", 0)] if has_mentions else levels


def _find_p(source: int, heldout: int, share: float) -> float:
    from scipy.stats import binom

    return float(binom.sf(source - 1, source + heldout, share))


def _find_width(tests: int) -> float:
    """Returns how many standard deviations to either side hold for so many intervals together."""
    from scipy.stats import norm

    return float(norm.isf(LEVEL / 2 / tests))
