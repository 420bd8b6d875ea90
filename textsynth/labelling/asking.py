"""Asks labelers again: each mention is put where others of its label stand, and must be found there too.

A labeler that reads the context takes many words for a name because of what stands around them, and many contexts for
that of a name because of what stands in them. A mention that is found in other places, in a place where other mentions
are found, is one for both reasons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from textsynth.components.labeler import Finder, Findings
from textsynth.corpus import Corpus

_BATCH = 5000
"""Sentences that a labeler is asked about at a time."""

_NOT_FOUND = 1 / 3
"""How much it speaks against a mention that nothing is found, beside another label: much depends on the place."""


@dataclass(frozen=True)
class Swaps:
    """Sentences in which one mention stands in the place of another of the same label.

    Args:
        places: `(swaps,)`; the finding in whose place it stands.
        mentions: `(swaps,)`; the finding whose words it has.
    """

    places: np.ndarray
    mentions: np.ndarray

    def take(self, part: slice) -> Swaps:
        """Returns some of them."""
        return Swaps(self.places[part], self.mentions[part])


def ask_again(  # noqa: PLR0913
    finder: Finder,
    findings: Findings,
    wanted: np.ndarray,
    corpus: Corpus,
    again: int,
    rng: np.random.Generator,
    advance: Callable[[int], None] = lambda _: None,
) -> np.ndarray:
    """Returns how sure it is of each finding, `(findings,)`: of its words elsewhere, or of others in its place if less.

    That is the share of the sentences in which the labeler finds the mention with its label, among those in which it
    finds anything there; if nothing, a third of a sentence counts against it. It is 1 if there is no other mention of
    that label. Against a finding that is not wanted speaks only what is: a number need not be found everywhere, but
    what is a number here and a date there is neither for sure.

    Args:
        finder: of the labeler that found them.
        findings: what it found.
        wanted: `(findings,)`; which of them have a label that is to be learnt.
        corpus: in which they are.
        again: how many other mentions are put into each place.
        rng: draws them.
        advance: is called with the number of sentences asked about, now and then.
    """
    words = np.array(findings.mentions(corpus), object)
    swaps = _draw_swaps(findings, words, again, rng)
    outcome = np.zeros(len(swaps.places), np.int64)
    texts = corpus.texts.to_pylist()
    for first in range(0, len(outcome), _BATCH):
        part = slice(first, first + _BATCH)
        outcome[part] = _ask(finder, findings, words, texts, swaps.take(part), frozenset(findings.labels[wanted]))
        advance(len(outcome[part]))
    pairs = [f"{label}\n{each}" for label, each in zip(findings.labels, words, strict=True)]
    kinds = np.unique(pairs, return_inverse=True)[1]
    by_place = _score(swaps.places, outcome, len(findings))
    by_words = _score(kinds[swaps.mentions], outcome, kinds.max(initial=-1) + 1)
    return np.minimum(by_place, by_words[kinds])


_FOUND, _NOTHING, _OTHER = 0, 1, 2
"""What was found where a mention was put: it, nothing or other bounds, or another label."""


def _draw_swaps(findings: Findings, words: np.ndarray, again: int, rng: np.random.Generator) -> Swaps:
    """Draws for each place other mentions of its label, so that every mention comes as often as every place."""
    places: list[np.ndarray] = []
    mentions: list[np.ndarray] = []
    for label in sorted(set(findings.labels.tolist())):
        own = rng.permutation(np.flatnonzero(findings.labels == label))
        shifts = rng.permutation(len(own) - 1)[:again] + 1
        for shift in shifts.tolist():
            places.append(own)
            mentions.append(np.roll(own, shift))
    if not places:
        return Swaps(np.zeros(0, np.int64), np.zeros(0, np.int64))
    place, mention = np.concatenate(places), np.concatenate(mentions)
    differ = words[place] != words[mention]
    return Swaps(place[differ], mention[differ])


def _ask(
    finder: Finder, findings: Findings, words: np.ndarray, texts: list[str], swaps: Swaps, wanted: frozenset[str]
) -> np.ndarray:
    """Returns what is found in each sentence where the mention was put, `(swaps,)`."""
    rows, starts, ends = (column[swaps.places] for column in (findings.rows, findings.starts, findings.ends))
    put = words[swaps.mentions]
    places = zip(rows.tolist(), starts.tolist(), ends.tolist(), put.tolist(), strict=True)
    asked = [texts[row][:start] + mention + texts[row][end:] for row, start, end, mention in places]
    found = finder.find(Corpus.from_columns(text=pa.array(asked, pa.string())))
    stops = starts + np.array([len(each) for each in put.tolist()], np.int64)
    labels = findings.labels[swaps.places]
    is_wanted = np.array([label in wanted for label in labels.tolist()], bool)
    start, stop = starts[found.rows], stops[found.rows]
    same = found.labels == labels[found.rows]
    exact = same & (found.starts == start) & (found.ends == stop)
    speaks = is_wanted[found.rows] | np.array([label in wanted for label in found.labels.tolist()], bool)
    other = ~same & speaks & (found.starts < stop) & (start < found.ends)
    outcome = np.where(is_wanted, _NOTHING, _FOUND)
    outcome[found.rows[other]] = _OTHER
    outcome[found.rows[exact]] = _FOUND
    return outcome


def _score(owner: np.ndarray, outcome: np.ndarray, owners: int) -> np.ndarray:
    """Returns the share of outcomes that speak for each owner, 1 if there are none."""
    counts = np.zeros((owners, 3))
    np.add.at(counts, (owner, outcome), 1)
    against = counts[:, _OTHER] + _NOT_FOUND * counts[:, _NOTHING]
    asked = counts.sum(axis=1) > 0
    return np.where(asked, counts[:, _FOUND] / np.where(asked, counts[:, _FOUND] + against, 1), 1.0)
