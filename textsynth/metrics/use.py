"""How useful a corpus is to train on."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic

from textsynth.components.component import Positive, check_extra, check_extras
from textsynth.components.metric import Evidence, Measured, Metric, Score
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.pretrained.encoding import EncoderOptions, load_encoder
from textsynth.scores.agreement import count_spans, f1
from textsynth.scores.encoders import TFIDF, Encoder
from textsynth.scores.probes import Classify, Tag, have_classes, teach_classifier, teach_on_vectors, teach_tagger
from textsynth.scores.spacy_probes import teach_spacy_classifier, teach_spacy_tagger

_QUANTILES = {3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}
"""Student's t at 97.5 % by the number of draws."""
_TAGGER, _CLASSIFIER = (0.1, 0.01), 0.1
"""The weights of the norms of the small probes."""
_GOLD, _CONTROL, _BOTH, _SYNTHETIC = range(4)
"""What is trained on in each draw."""

Probe = Callable[[Corpus, float, Corpus, np.random.Generator], np.ndarray]
"""Learns from a corpus, with its regularisation times a factor, and counts what it gets right in another, by text."""


@dataclass(frozen=True, kw_only=True)
class Use(EncoderOptions, Metric):
    """Tells how much a model gains that is trained on the corpus too, tested on held-out text.

    A probe is a model that is taught in a short time. Spans are told by exact spans and labels, micro-averaged F1;
    classes by accuracy. Beside each value stands what gold alone comes to, so that the difference is the gain.

    * small: a CRF for spans, a logistic regression on TF-IDF for classes. Under a second each for 500 examples.
    * spacy: the recogniser and the text classifier of a blank pipeline, taught for a number of steps.
    * encoder: a transformer that is taught to tag tokens, all of it; for classes a logistic regression on its vectors
      as they are, or on static embeddings.

    * gold + synthetic: the source with the corpus, beside the source alone.
    * gold + synthetic against weaker regularisation: beside a probe taught on the source alone whose regularisation is
      as much weaker as more examples make it. Part of the gain of any augmentation is no more than that.
    * synthetic alone: the corpus without the source, beside the source (Esteban et al. 2017, "train on synthetic, test
      on real").

    Each draw takes training examples with replacement, and held-out examples too, the same ones for all that is
    compared; the interval is that of the paired differences over draws, by Student's t. Held-out text must be of the
    same kind as the source. What helps a small probe may not help a large model, and the gain shrinks with more gold.

    Args:
        probe: "small", "spacy" or "encoder".
        steps: batches of 16 examples that spaCy and transformers are taught.
        gold: examples of the source to train on, at most.
        synthetic: examples of the corpus to train on, at most.
        heldout: examples to test on, at most.
        draws: how often it is done.
    """

    extras: ClassVar[tuple[str, ...]] = ("metrics",)

    example_options: ClassVar[Mapping[str, Any]] = {"draws": 3}

    probe: Literal["small", "spacy", "encoder"] = "small"
    steps: Positive = 100
    gold: Positive = 500
    synthetic: Positive = 500
    heldout: Positive = 500
    draws: Annotated[int, pydantic.Field(ge=3, le=10)] = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.probe == "encoder") != (self.encoder != TFIDF):
            raise OptionError("options 'probe' and 'encoder': probe = 'encoder' must stand beside a model, and only it")

    def libraries(self) -> frozenset[str]:
        """Names what the probes are made with."""
        return super().libraries() | (frozenset({"spacy"}) if self.probe == "spacy" else frozenset())

    def needs(self) -> list[str]:
        """Says which encoder will be loaded, after a look for spaCy if that is asked for."""
        if self.probe == "spacy":
            check_extra("spacy", "metric 'use'")
        return super().needs()

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
        return count_spans(test, self._teach_tagger(corpus, weaker, rng)(test))

    def _teach_tagger(self, corpus: Corpus, weaker: float, rng: np.random.Generator) -> Tag:
        if self.probe == "spacy":
            return teach_spacy_tagger(corpus, self.steps, weaker, rng)
        if self.probe == "encoder":
            from textsynth.pretrained.probing import teach_encoder_tagger

            return teach_encoder_tagger(self.encoder, corpus, self.steps, weaker, rng)
        small = teach_tagger(corpus, (_TAGGER[0] * weaker, _TAGGER[1] * weaker))
        return lambda given: small.tag(given).label(given)

    def _try_classifier(self, corpus: Corpus, weaker: float, test: Corpus, rng: np.random.Generator) -> np.ndarray:
        test = have_classes(test)
        found, labels = self._teach_classifier(corpus, weaker, rng)(test), test.table.column("label").to_pylist()
        return np.array([one == other for one, other in zip(found, labels, strict=True)])

    def _teach_classifier(self, corpus: Corpus, weaker: float, rng: np.random.Generator) -> Classify:
        if self.probe == "spacy":
            return teach_spacy_classifier(corpus, self.steps, weaker, rng)
        # scikit-learn adds the losses of all examples up, as CRFsuite does: one norm weighs less beside more of them.
        if self.probe == "encoder":
            return teach_on_vectors(_load_encoder(self.encoder), corpus, _CLASSIFIER * weaker).classify
        return teach_classifier(corpus, _CLASSIFIER * weaker).classify


def _resample(corpus: Corpus, most: int, rng: np.random.Generator) -> Corpus:
    """Draws examples with replacement."""
    return corpus.take(rng.integers(len(corpus), size=min(most, len(corpus))))


@functools.lru_cache(1)
def _load_encoder(name: str) -> Encoder:
    """Loads an encoder once for all trainings, as it is not taught."""
    return load_encoder(name)


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
