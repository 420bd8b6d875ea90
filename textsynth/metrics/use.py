"""How useful a corpus is to train on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import pydantic

from textsynth.components.component import Positive, check_extras
from textsynth.components.metric import Evidence, Measured, Metric, Score
from textsynth.corpus import Corpus
from textsynth.pretrained.probe_options import ProbeOptions
from textsynth.scores.agreement import count_spans, f1
from textsynth.scores.probes import have_classes

_QUANTILES = {3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}
"""Student's t at 97.5 % by the number of draws."""
_GOLD, _CONTROL, _BOTH, _SYNTHETIC = range(4)
"""What is trained on in each draw."""

Probe = Callable[[Corpus, float, Corpus, np.random.Generator], np.ndarray]
"""Learns from a corpus, with its regularisation times a factor, and counts what it gets right in another, by text."""


@dataclass(frozen=True, kw_only=True)
class Use(ProbeOptions, Metric):
    """Tells how much a model gains that is trained on the corpus too, tested on held-out text.

    A probe is a model that is taught in a short time. Spans are told by exact spans and labels, micro-averaged F1;
    classes by accuracy. Beside each value stands what gold alone comes to, so that the difference is the gain.

    * gold + synthetic: the source with the corpus, beside the source alone.
    * gold + synthetic against weaker regularisation: beside a probe taught on the source alone whose regularisation is
      as much weaker as more examples make it. Part of the gain of any augmentation is no more than that.
    * synthetic alone: the corpus without the source, beside the source (Esteban et al. 2017, "train on synthetic, test
      on real").

    Each draw takes training examples with replacement, and held-out examples too, the same ones for all that is
    compared; the interval is that of the paired differences over draws, by Student's t. Held-out text must be of the
    same kind as the source. What helps a small probe may not help a large model, and the gain shrinks with more gold.

    Args:
        gold: examples of the source to train on, at most.
        synthetic: examples of the corpus to train on, at most.
        heldout: examples to test on, at most.
        draws: how often it is done.
    """

    extras: ClassVar[tuple[str, ...]] = ("metrics",)

    example_options: ClassVar[Mapping[str, Any]] = {"draws": 3}

    gold: Positive = 500
    synthetic: Positive = 500
    heldout: Positive = 500
    draws: Annotated[int, pydantic.Field(ge=3, le=10)] = 5

    def measure(self, evidence: Evidence, rng: np.random.Generator) -> Measured:
        """Trains and tests, draw by draw."""
        check_extras(self, "metric 'use'")
        self.needs()
        scores: dict[str, Score] = {}
        notes: list[str] = []
        heldout = evidence.heldout
        kinds: list[tuple[str, Probe, Callable[[np.ndarray], float | None], bool]] = [
            ("spans", self._try_tagger, f1, bool(evidence.source.labels and heldout.labels)),
            ("classes", self._try_classifier, _find_accuracy, bool(evidence.source.classes and heldout.classes)),
        ]
        for (name, probe, rate, told), stream in zip(kinds, rng.spawn(len(kinds)), strict=True):
            if not told:
                notes.append(f"{name}: cannot be told, the source and the held-out text must both have some")
            values = self._draw(evidence, probe, rate, stream) if told and len(evidence.synthetic) else None
            scores |= _compare(name, values)
        if not len(evidence.synthetic):
            notes.append("there is nothing to train on")
        return Measured(scores, (), tuple(notes))

    def _draw(
        self, evidence: Evidence, probe: Probe, rate: Callable[[np.ndarray], float | None], rng: np.random.Generator
    ) -> np.ndarray:
        """Returns what each training comes to in each draw, `(draws, 4)`; NaN if it cannot be told."""
        return np.array([self._train_all(evidence, probe, rate, stream) for stream in rng.spawn(self.draws)], float)

    def _train_all(
        self, evidence: Evidence, probe: Probe, rate: Callable[[np.ndarray], float | None], rng: np.random.Generator
    ) -> list[float | None]:
        gold = _resample(evidence.source, self.gold, rng)
        made = _resample(evidence.synthetic, self.synthetic, rng)
        test = _resample(evidence.heldout, self.heldout, rng)
        both = Corpus.concat([gold, made])
        seed = int(rng.integers(2**62))  # One for all that are compared: they differ in what they learn alone.
        tried = [(gold, 1.0), (gold, len(gold) / len(both)), (both, 1.0), (made, 1.0)]
        return [rate(probe(corpus, factor, test, np.random.default_rng(seed))) for corpus, factor in tried]

    def _try_tagger(self, corpus: Corpus, weaker: float, test: Corpus, rng: np.random.Generator) -> np.ndarray:
        return count_spans(test, self.teach_tagger(corpus, weaker, rng)(test))

    def _try_classifier(self, corpus: Corpus, weaker: float, test: Corpus, rng: np.random.Generator) -> np.ndarray:
        test = have_classes(test)
        found, labels = self.teach_classifier(corpus, weaker, rng)(test), test.table.column("label").to_pylist()
        return np.array([one == other for one, other in zip(found, labels, strict=True)])


def _resample(corpus: Corpus, most: int, rng: np.random.Generator) -> Corpus:
    """Draws examples with replacement."""
    return corpus.take(rng.integers(len(corpus), size=min(most, len(corpus))))


def _find_accuracy(right: np.ndarray) -> float | None:
    return float(right.mean()) if len(right) else None


def _compare(name: str, values: np.ndarray | None) -> dict[str, Score]:
    """Returns the scores of one probe, all unknown if there are no values."""
    pairs = {
        "gold + synthetic": (_BOTH, _GOLD),
        "gold + synthetic against weaker regularisation": (_BOTH, _CONTROL),
        "synthetic alone": (_SYNTHETIC, _GOLD),
    }
    return {f"{name}: {title}": _pair(values, *columns) for title, columns in pairs.items()}


def _pair(values: np.ndarray | None, one: int, other: int) -> Score:
    if values is None or np.isnan(values[:, [one, other]]).any():
        return Score(None, better="higher", unit="share")
    differences = values[:, one] - values[:, other]
    # Each draw is a draw of examples too, so their spread is that of the gain, and not of a mean of many gains.
    reach = _QUANTILES[len(values)] * float(differences.std(ddof=1))
    means = values.mean(axis=0)
    middle = float(differences.mean())
    return Score(float(means[one]), float(means[other]), middle - reach, middle + reach, "higher", "share")
