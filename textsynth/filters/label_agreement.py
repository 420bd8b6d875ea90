"""Drops examples whose spans or classes a model taught on the source finds unlikely."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.components.component import Share
from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.disk import write_whole
from textsynth.scores.probes import Classifier, Tagger, teach_classifier, teach_tagger

_LINES = "lines.json"
"""The file with the chances under which an example is dropped: by its spans and by its classes, null for no line."""


@dataclass(frozen=True, kw_only=True)
class LabelAgreement(Filter):
    """Drops examples whose spans or classes a model taught on the source finds unlikely: label errors, often.

    A CRF says how likely the label of each token is, and the least likely of a text counts; a logistic regression says
    how likely its class is. The lines are drawn with the source in two halves, each judged by what the other taught.

    It is in no starter recipe: what a model finds unlikely is also what is hard, and what a later model could learn the
    most from, so that such filtering can cost more of the gain than label errors do. Use it where labels are made by
    something that errs, such as a chat model.

    Args:
        keep: share of the source that must pass, for spans and for classes each.
    """

    extras = ("metrics",)

    keep: Share = 0.96

    def libraries(self) -> frozenset[str]:
        """Names what the models are made with."""
        return frozenset({"python-crfsuite", "scikit-learn"})

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Teaches the models, and draws the lines."""
        source = resources.source
        half = rng.permutation(len(source)) % 2 == 0
        halves = [(source.mask(half), source.mask(~half)), (source.mask(~half), source.mask(half))]
        spans = self._draw_line(halves, lambda learnt: teach_tagger(learnt), _judge_spans) if source.labels else None
        classes = self._draw_line(halves, lambda learnt: teach_classifier(learnt), _judge_classes)
        write_whole(directory / _LINES, json.dumps([spans, classes if len(source.combinations) > 1 else None]))
        teach_tagger(source).write(directory)
        teach_classifier(source).write(directory)

    def _draw_line(
        self,
        halves: list[tuple[Corpus, Corpus]],
        teach: Callable[[Corpus], object],
        judge: Callable[..., np.ndarray],
    ) -> float | None:
        """Returns the chance that the share which must pass lies above."""
        chances = np.concatenate([judge(teach(learnt), unseen) for learnt, unseen in halves])
        return float(np.quantile(chances, 1 - self.keep)) if len(chances) else None

    def judge(self, directory: Path) -> Judge:
        """Loads the models."""
        spans, classes = json.loads((directory / _LINES).read_text())
        tagger, classifier = Tagger.read(directory), Classifier.read(directory)

        def reasons(corpus: Corpus) -> list[str | None]:
            by_spans = np.zeros(len(corpus), bool) if spans is None else _judge_spans(tagger, corpus) < spans
            by_class = np.zeros(len(corpus), bool) if classes is None else _judge_classes(classifier, corpus) < classes
            both = zip(by_spans.tolist(), by_class.tolist(), strict=True)
            return ["unlikely spans" if span else "unlikely class" if label else None for span, label in both]

        return reasons


def _judge_spans(tagger: Tagger, corpus: Corpus) -> np.ndarray:
    """Returns how likely the least likely tag of each text is, `(examples,)`; 1 of a text without tokens."""
    marginals = tagger.marginals(corpus)
    least = np.ones(len(corpus))
    np.minimum.at(least, marginals.owner, marginals.values)
    return np.round(least, 9)


def _judge_classes(classifier: Classifier, corpus: Corpus) -> np.ndarray:
    """Returns how likely the class of each text is, `(examples,)`; 1 of one of which nothing is said."""
    place = {name: column for column, name in enumerate(classifier.combinations)}
    chances = np.hstack([classifier.probabilities(corpus), np.zeros((len(corpus), 1)), np.ones((len(corpus), 1))])
    labels = corpus.table.column("label").to_pylist()
    columns = [len(place) + 1 if each is None else place.get(each, len(place)) for each in labels]
    return np.round(chances[np.arange(len(corpus)), np.array(columns, np.int64)], 9)
