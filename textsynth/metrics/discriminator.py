"""How well a classifier tells the synthetic text from the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from textsynth.components.component import Positive, check_extras
from textsynth.components.metric import Evidence, Measured, Metric
from textsynth.corpus import Corpus
from textsynth.extract.heldout import number_groups
from textsynth.scores.intervals import Estimate, estimate
from textsynth.scores.sides import draw, draw_sides, make_scores, unknown

_KINDS = {"discriminator AUC": ("lower", "")}
_FOLDS = 5
_LEAST = 2 * _FOLDS
"""Groups of texts that there must be."""


@dataclass(frozen=True, kw_only=True)
class Discriminator(Metric):
    """Tells how well a classifier separates a corpus from the source: its AUC, .5 if it guesses, 1 if it knows.

    Lopez-Paz and Oquab 2017, "Revisiting Classifier Two-Sample Tests". Logistic regression on TF-IDF of words and
    pairs of words, five folds, as many rows of the source as of the corpus. Texts of one wording, or one text, lie in
    one fold, whichever corpus they are from: otherwise a copy in the other fold would tell. So a perfect copy of the
    source scores .5, and a memoriser looks as good as can be: read it beside leakage. Under .5 means that the corpora
    share texts. The classifier sees words, no order beyond pairs and no meaning. Intervals: 20 blocks of wordings,
    each left out once, with the classifiers as they are.

    Args:
        sample: rows of each corpus that are looked at, at most.
    """

    extras: ClassVar[tuple[str, ...]] = ("metrics",)

    sample: Positive = 5_000

    def measure(self, evidence: Evidence, rng: np.random.Generator) -> Measured:
        """Trains and tests a classifier for each of both corpora."""
        check_extras(self, "metric 'discriminator'")
        sides = draw_sides(evidence, rng, self.sample)
        source = draw(sides.source, max(len(sides.synthetic), len(sides.heldout)), rng)
        found = [_separate(corpus, source, rng) for corpus in (sides.synthetic, sides.heldout)]
        few = [name for name, each in zip(("synthetic", "held-out"), found, strict=True) if np.isnan(each.values[0])]
        note = f"too few wordings, or no words, to tell the {' and the '.join(few)} text from the source"
        return Measured(make_scores(_KINDS, *found), (), (*sides.notes, *([note] if few else [])))


def _separate(corpus: Corpus, source: Corpus, rng: np.random.Generator) -> Estimate:
    """Returns the area under the curve over all folds."""
    both = Corpus.concat([corpus, source])
    is_source = np.arange(len(both)) >= len(corpus)
    groups = number_groups(both) if len(both) else np.zeros(0, np.int64)
    if groups.max(initial=-1) + 1 < _LEAST or not 0 < is_source.sum() < len(both):
        return unknown(1)
    fold = rng.permutation(int(groups.max()) + 1)[groups] % _FOLDS
    try:
        sure = _predict(both.texts.to_pylist(), is_source, fold)
    except ValueError:  # no text has a word, or a fold leaves texts of one corpus alone
        return unknown(1)
    return estimate(lambda rows: [_area(sure[rows], is_source[rows])], groups, rng)


def _predict(texts: list[str], is_source: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Returns how sure a classifier that has not seen a text's fold is that it is of the source."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    terms = TfidfVectorizer(ngram_range=(1, 2), max_features=20_000, token_pattern=r"\w+|[^\w\s]", sublinear_tf=True)
    counted: Any = terms.fit_transform(texts)
    sure = np.zeros(len(texts))
    for each in range(_FOLDS):
        seen, tested = np.flatnonzero(fold != each), np.flatnonzero(fold == each)
        if len(tested):
            learnt = LogisticRegression(solver="liblinear", class_weight="balanced").fit(counted[seen], is_source[seen])
            sure[tested] = learnt.decision_function(counted[tested])
    return sure


def _area(sure: np.ndarray, positive: np.ndarray) -> float:
    """Returns the chance that a positive text has a higher number than another; of equal ones, half.

    >>> _area(np.array([1.0, 2.0, 2.0]), np.array([False, True, False]))
    0.75
    """
    _, rank, count = np.unique(sure, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count - 1) / 2
    ones = int(positive.sum())
    if not 0 < ones < len(positive):
        return float("nan")
    return float((middle[rank][positive].sum() - ones * (ones + 1) / 2) / (ones * (len(positive) - ones)))
