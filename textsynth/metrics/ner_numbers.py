"""Numbers about a corpus for named entities: repeats, leaks, unseen and ambiguous mentions, density, balance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textsynth.components.component import Positive
from textsynth.components.metric import Evidence, Measured, Metric
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.tokens import tokenize
from textsynth.extract.gazetteer import mention_array
from textsynth.foundation.distinct import find_distinct
from textsynth.scores.intervals import Statistic
from textsynth.scores.sides import Sides, draw_sides, encode_together, score_sides

_KINDS = {
    "redundancy": ("lower", "share"),
    "leakage ratio": ("lower", "share"),
    "unseen-entity ratio": ("heldout", "share"),
    "ambiguity degree": ("heldout", "share"),
    "density": ("heldout", "share"),
    "imbalance degree": ("heldout", ""),
    "null rate": ("heldout", "share"),
}


@dataclass(frozen=True, kw_only=True)
class NerNumbers(Metric):
    """Tells redundancy, leakage, unseen and ambiguous mentions, density, imbalance and the share of empty texts.

    Their names and purpose are those of Wang et al. 2024, "Statistical dataset evaluation: A case study on named entity
    recognition" (doi 10.1017/nlp.2024.37). They were compared with a program of others that follows the paper, not with
    the paper's own formulas; where they depart from it is said. They say what a corpus is like, not what it is worth.

    * redundancy: 1 less different texts over texts; the same there.
    * leakage ratio: the share of texts that the source has, to the letter; the same there, of a test set against what
      is trained on. A word changed hides a copy from it.
    * unseen-entity ratio: of different mentions with their labels, the share that the source does not have. There each
      place of a mention counts, so that frequent mentions, which are seldom new, make it smaller.
    * ambiguity degree: of different mentions, the share that has more than one label. There they are divided by the
      number of texts, so that it grows with mentions a text.
    * density: the share of tokens that are in mentions. There it is the mean of that share over texts, in which a short
      text weighs as much as a long one.
    * imbalance degree: the root of the mean square of what each label's share of mentions differs from equal shares,
      over the labels of all three corpora. There it is the standard deviation of the labels' shares of tokens, divided
      by one less than their number, over the labels of one corpus.
    * null rate: the share of texts without mentions; the same there.

    The first four depend on the number of rows; both corpora have the same number here. Intervals: 20 blocks of
    wordings, each left out once.

    Args:
        sample: rows of the synthetic and of the held-out text that are looked at, at most.
    """

    sample: Positive = 20_000

    def measure(self, evidence: Evidence, rng: np.random.Generator) -> Measured:
        """Counts."""
        sides = draw_sides(evidence, rng, self.sample)
        synthetic, source, heldout = _count_sides(sides)
        scores = score_sides(_KINDS, (_measure(synthetic, source), _measure(heldout, source)), sides, rng)
        return Measured(scores, (), sides.notes)


@dataclass(frozen=True)
class _Counted:
    """A corpus as numbers; equal things have equal ones in all corpora.

    Args:
        texts: `(rows,)`.
        spans: the positions of each row's spans in the columns that follow.
        mentions: `(spans,)`.
        labels: `(spans,)`.
        label_count: how many labels there are in all corpora.
        inside: `(spans,)`; tokens of each.
        tokens: `(rows,)`; tokens of each.
    """

    texts: np.ndarray
    spans: Ragged
    mentions: np.ndarray
    labels: np.ndarray
    label_count: int
    inside: np.ndarray
    tokens: np.ndarray

    @property
    def pairs(self) -> np.ndarray:
        """What stands for each span's mention with its label, `(spans,)`."""
        return self.mentions * max(1, self.label_count) + self.labels


def _count_sides(sides: Sides) -> list[_Counted]:
    texts, _ = encode_together([corpus.texts for corpus in sides])
    mentions, _ = encode_together([mention_array(corpus) for corpus in sides])
    labels, names = encode_together([corpus.spans.labels for corpus in sides])
    tables = [tokenize(corpus) for corpus in sides]
    return [
        _Counted(
            texts[side],
            Ragged.of_bounds(corpus.spans.rows),
            mentions[side],
            labels[side],
            len(names),
            table.stop - table.first,
            np.diff(table.rows),
        )
        for side, (corpus, table) in enumerate(zip(sides, tables, strict=True))
    ]


def _measure(counted: _Counted, source: _Counted) -> Statistic:
    leaks = np.isin(counted.texts, source.texts)
    new = ~np.isin(counted.pairs, source.pairs)

    def numbers(rows: np.ndarray) -> list[float]:
        spans = counted.spans.take(rows).values
        _, first = np.unique(counted.pairs[spans], return_index=True)
        return [
            1 - len(find_distinct(counted.texts[rows])) / len(rows),
            float(leaks[rows].mean()),
            _mean(new[spans[first]]),
            _mean(np.unique(counted.mentions[spans[first]], return_counts=True)[1] > 1),
            counted.inside[spans].sum() / max(1, counted.tokens[rows].sum()),
            _imbalance(counted.labels[spans], counted.label_count),
            float((counted.spans.lengths[rows] == 0).mean()),
        ]

    return numbers


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _imbalance(labels: np.ndarray, count: int) -> float:
    if not len(labels):
        return float("nan")
    shares = np.bincount(labels, minlength=count) / len(labels)
    return float(np.sqrt(((shares - 1 / count) ** 2).mean()))
