"""Drops examples whose spans or classes a model taught on the source finds unlikely."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.components.component import Positive, Share
from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.disk import write_whole
from textsynth.scores.probes import Classifier, Tagger, teach_classifier, teach_tagger

_LINES = "lines.json"
"""The file with the chances under which an example is dropped: by its spans and by its classes, null for no line."""


_THIRDS = ("first", "second", "third")
"""The directories of the models, by the part of the source that they have not seen."""


@dataclass(frozen=True, kw_only=True)
class LabelAgreement(Filter):
    """Drops examples whose spans or classes models taught on the source find unlikely: label errors, often.

    A CRF says how likely the tag of each token is, and how likely its label is among all labels, if it is in a mention
    at all: a new name is unlikely as a mention, but likelier as a person than as a date. The least likely of a text
    count. A logistic regression says how likely its class is. Three of each are taught on two thirds of the source, and
    the lines are drawn on what they make of the thirds that they have not seen, those of tags and of labels so that
    together they drop what they may; of what is judged, the mean of all three counts.

    It is in no starter recipe: what a model finds unlikely is also what is hard, and what a later model could learn the
    most from, so that such filtering can cost more of the gain than label errors do. Use it where labels are made by
    something that errs, such as a chat model.

    Args:
        keep: share of the source that must pass, for spans and for classes each.
        sample: examples of the source that are learnt from, at most.
    """

    extras = ("metrics",)

    keep: Share = 0.95
    sample: Positive = 5_000

    def libraries(self) -> frozenset[str]:
        """Names what the models are made with."""
        return frozenset({"python-crfsuite", "scikit-learn"})

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Teaches the models, and draws the lines."""
        source = resources.source.take(np.sort(rng.permutation(len(resources.source))[: self.sample]))
        third = rng.permutation(len(source)) % len(_THIRDS)
        by_spans, by_classes = [], []
        for number, name in enumerate(_THIRDS):
            learnt, unseen = source.mask(third != number), source.mask(third == number)
            tagger, classifier = teach_tagger(learnt), teach_classifier(learnt)
            by_spans.append(_judge_spans(tagger, unseen))
            by_classes.append(_judge_classes(classifier, unseen))
            (directory / name).mkdir(exist_ok=True)
            tagger.write(directory / name)
            classifier.write(directory / name)
        spans = self._draw_lines(np.concatenate(by_spans)) if source.labels else None
        classes = self._draw_lines(np.concatenate(by_classes)) if len(source.combinations) > 1 else None
        write_whole(directory / _LINES, json.dumps([spans, classes]))

    def _draw_lines(self, chances: np.ndarray) -> list[float] | None:
        """Returns a line for each kind of chance, so that the share which must pass lies above all of them.

        Each lies where as many are below it as below the others.
        """
        if not len(chances):
            return None
        below = np.stack([np.searchsorted(np.sort(kind), kind) for kind in chances.T], 1) / len(chances)
        share = np.quantile(below.min(axis=1), 1 - self.keep)
        return [float(np.quantile(kind, share)) for kind in chances.T]

    def judge(self, directory: Path) -> Judge:
        """Loads the models."""
        spans, classes = json.loads((directory / _LINES).read_text())
        taggers = [Tagger.read(directory / name) for name in _THIRDS]
        classifiers = [Classifier.read(directory / name) for name in _THIRDS]

        def reasons(corpus: Corpus) -> list[str | None]:
            by_spans = _fall_below(spans, [_judge_spans(each, corpus) for each in taggers])
            by_classes = _fall_below(classes, [_judge_classes(each, corpus) for each in classifiers])
            both = zip(by_spans.tolist(), by_classes.tolist(), strict=True)
            return ["unlikely spans" if one else "unlikely class" if other else None for one, other in both]

        return reasons


def _fall_below(lines: list[float] | None, chances: list[np.ndarray]) -> np.ndarray:
    """Says which examples lie below one of the lines on average; none if there are no lines."""
    mean: np.ndarray = np.mean(chances, axis=0)
    found: np.ndarray = np.any(mean < np.array(lines), axis=1) if lines else np.zeros(len(mean), bool)
    return found


def _judge_spans(tagger: Tagger, corpus: Corpus) -> np.ndarray:
    """Returns how likely the least likely tag and the least likely label of each text are, `(examples, 2)`."""
    least = np.ones((len(corpus), 2))
    for column, chances in enumerate(tagger.judge(corpus)):
        np.minimum.at(least[:, column], chances.owner, chances.values)
    return np.round(least, 9)


def _judge_classes(classifier: Classifier, corpus: Corpus) -> np.ndarray:
    """Returns how likely the class of each text is, `(examples, 1)`; 1 of one of which nothing is said."""
    place = {name: column for column, name in enumerate(classifier.combinations)}
    chances = np.hstack([classifier.probabilities(corpus), np.zeros((len(corpus), 1)), np.ones((len(corpus), 1))])
    labels = corpus.table.column("label").to_pylist()
    columns = [len(place) + 1 if each is None else place.get(each, len(place)) for each in labels]
    return np.round(chances[np.arange(len(corpus)), np.array(columns, np.int64)], 9)[:, None]
