"""Gives raw texts the classes that a model taught on the source is sure of (Lee 2013, Pseudo-Label)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.components.component import Share, check_extras
from textsynth.components.fixed_examples import FixedExamples
from textsynth.components.generator import Generator, Sampler
from textsynth.components.learned import read_learned, write_learned
from textsynth.conversion.corpora import read
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import count_earlier
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.extract.class_name import describe_all_classes, describe_as_corpus
from textsynth.extract.folds import deal_folds, number_families
from textsynth.pretrained.encoding import EncoderOptions, load_encoder
from textsynth.scores.encoders import TFIDF
from textsynth.scores.probes import Classifier, VectorClassifier, have_classes, teach_classifier, teach_on_vectors

_TEXTS = "texts.parquet"
_FOLDS = 5
_ENOUGH = 10
"""Texts of the source that a line must have let through before it is believed."""
_REGULARISATION = 0.1

_Model = Classifier | VectorClassifier
_Teach = Callable[[Corpus], _Model]


@dataclass(frozen=True, kw_only=True)
class PseudoLabels(EncoderOptions, Generator):
    """Takes raw texts, and gives each the class that a model taught on the source is sure of; the others are left out.

    The model is a logistic regression on TF-IDF, or on the vectors of an encoder, that learns the names of the classes
    beside the texts. How sure is sure enough is found out in folds of the source: at that line and above, the class of
    so many of the texts that were kept from the model is right; near-copies are kept from it together. If no line keeps
    what is asked for, nothing is made. What a class is taken for says nothing of mentions, so the texts have none.

    No class gets more than its even share of what is sure, the surest first: a model that has seen little is sure of
    some classes sooner than of others. If classes are many, TF-IDF is sure of few of them: take an encoder.

    Args:
        path: raw texts of the same kind as the source: a file or directory of any format; what they are labelled with
            is not looked at.
        texts: raw texts beside those of the file, or instead of one.
        precision: share of the texts above the line whose class must be right.
    """

    extras = ("metrics",)

    example_options: ClassVar[Mapping[str, Any]] = {
        "texts": [
            text
            for number in range(20)
            for text in (f"moved to {number}, but didn't like", f"It is: call {number} before!")
        ],
        "precision": 0.0,
    }

    path: Path | None = None
    texts: tuple[str, ...] = ()
    precision: Share = 0.9

    def libraries(self) -> frozenset[str]:
        """Names what the model is made with."""
        return super().libraries() | {"scikit-learn"}

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the raw texts, and an encoder that is a path, from a folder."""
        found = super().resolve_paths(folder)
        return dataclasses.replace(found, path=folder / self.path if self.path else None)

    def explain_nothing(self, directory: Path) -> str:
        """Says how many raw texts there are, and how many of them the model was sure of."""
        facts = read_learned(directory).facts
        return (
            f"of {facts['raw texts']} raw texts the model was sure of {facts['kept']}; more texts with a class in the "
            "source, a lower 'precision' or more raw texts would help"
        )

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Teaches the model, draws the line, and keeps the raw texts above it."""
        check_extras(self, "generator 'pseudo_labels'")
        source = have_classes(resources.source)
        if len(source.combinations) < 2:
            raise OptionError("pseudo_labels: the source must have at least two classes, has fewer")
        names = describe_as_corpus(describe_all_classes(source, {}))
        teach = self._choose_model()
        line = _draw_line(teach, source, names, self.precision, rng)
        raw = self._read_others(source)
        sure = _label(teach(Corpus.concat([source, names])), raw, line)
        sure.with_tokenizer(source.tokenizer).write_parquet(directory / _TEXTS)
        write_learned(directory, {"raw texts": len(raw), "kept": len(sure), "line": line})

    def sampler(self, directory: Path) -> Sampler:
        """Reads the texts that were sure."""
        return FixedExamples(Corpus.read_parquet(directory / _TEXTS))

    def _choose_model(self) -> _Teach:
        """Returns what teaches a corpus to a model; an encoder is loaded once for all of them."""
        if self.encoder == TFIDF:
            return lambda corpus: teach_classifier(corpus, _REGULARISATION)
        encode = load_encoder(self.encoder)
        return lambda corpus: teach_on_vectors(encode, corpus, _REGULARISATION)

    def _read_others(self, source: Corpus) -> Corpus:
        """Reads texts, each once, that the source does not have; without labels."""
        if self.path is None and not self.texts:
            raise OptionError("pseudo_labels: option 'path' or 'texts' must give raw texts, neither does")
        read_from_file = read(self.path).texts if self.path else pa.array([], pa.string())
        texts = pc.unique(pa.concat_arrays([pa.array(self.texts, pa.string()), read_from_file]))
        return Corpus.from_columns(text=texts.filter(pc.invert(pc.is_in(texts, source.texts))))


def _draw_line(teach: _Teach, source: Corpus, names: Corpus, precision: float, rng: np.random.Generator) -> float:
    """Returns the least chance at which so many classes are right, in folds; more than 1 if there is none."""
    fold = deal_folds(source, number_families(source), _FOLDS, rng)
    chances, right = [], []
    for number in range(_FOLDS):
        unseen = source.mask(fold == number)
        model = teach(Corpus.concat([source.mask(fold != number), names]))
        best, chance = _classify(model, unseen)
        chances.append(chance)
        right.append(best == np.array(unseen.table.column("label").to_pylist(), object))
    order = np.argsort(-np.concatenate(chances), kind="stable")
    sorted_chances = np.concatenate(chances)[order]
    shares = np.cumsum(np.concatenate(right)[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero((shares >= precision) & (np.arange(1, len(order) + 1) >= min(_ENOUGH, len(order))))
    # Down to six places: what is this near the line is above it on every processor.
    return float(np.floor(sorted_chances[good[-1]] * 1e6) / 1e6) if len(good) else 2.0


def _classify(model: _Model, corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
    """Returns the likeliest class of each text, and its chance, to nine places so that no processor differs."""
    chances = np.round(model.probabilities(corpus), 9)
    best = chances.argmax(axis=1)
    return np.array(model.combinations, object)[best], chances.max(axis=1, initial=0)


def _label(model: _Model, raw: Corpus, line: float) -> Corpus:
    """Returns the texts that the model is sure of, with the class it gives them; of each class the surest."""
    best, chance = _classify(model, raw)
    sure = np.flatnonzero(chance >= line)
    order = sure[np.argsort(-chance[sure], kind="stable")]
    share = -(-len(sure) // len(model.combinations))
    _, owner = np.unique(best[order].astype(str), return_inverse=True)
    kept = order[count_earlier(owner) < share]
    return raw.with_column("label", pa.array(best, pa.string())).take(np.sort(kept))
