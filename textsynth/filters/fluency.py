"""Drops texts whose words stand in an order that the source does not write."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa

from textsynth.components.component import Share
from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus, Tokenizer
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.tokens import tokenize
from textsynth.errors import InputError
from textsynth.extract import Resources
from textsynth.foundation.disk import write_whole
from textsynth.labelling.missed import cover
from textsynth.scores.ngram import EDGE, NgramModel
from textsynth.scores.probes import find_shape

_LINE = "line.json"
"""The file with the line under which a text is dropped, null if there is none, and the weights of what is weighed."""

_SCRAMBLED = 5
"""Words that a text must have so that its order can be learnt from."""

_STEPS = 20
"""Of Newton's method, which needs fewer."""

_FOLDS = 5
_RARE = (1, 50)
"""How often the source has a word, at most, that is known by its shape alone: in the one and in the other model."""

_UNKNOWN = EDGE + 1
"""The symbol of a word whose shape the source does not have."""


@dataclass(frozen=True, kw_only=True)
class Fluency(Filter):
    """Drops texts whose words stand in an order that the source does not write, such as scrambled ones.

    Models of three words, learnt from the source, tell how likely each word is after the two before it. What counts is
    by how much that is more than without them, on average over a text, in two models: the gains. Plain perplexity also
    sees which words there are, and takes rare ones for faults. Mentions, and words that the source has once, are known
    by their shape alone, so that new ones are no faults; to the other model, all but the most frequent words are. How
    the two gains and the length of a text are weighed, a logistic regression learns from sentences of the source and
    their words in random order, and the line is drawn on the sentences; both on parts of the source that models of the
    others have not seen. Texts of a few words have too little order to be judged.

    With `model`, what counts is the perplexity of a language model that a run has trained. It sees rare words too, and
    if it was trained on this very source, the line lies too low for other sentences: more than 5 in 100 of them drop.

    Args:
        keep: share of the source that must pass.
        model: the directory of a language model, such as out/steps/language_model/fitted of a run.
    """

    keep: Share = 0.96
    model: Path | None = None

    def resolve_paths(self, folder: Path) -> Self:
        """Takes the model from a folder."""
        return replace(self, model=folder / self.model if self.model else None)

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Learns the models, or copies the one that is given, and draws the line.

        Raises:
            InputError: if there is no language model in the directory.
        """
        source = resources.source
        if self.model:
            line = self._copy_model(self.model, source, directory)
            write_whole(directory / _LINE, json.dumps([line, None]))
            return
        write_whole(directory / _LINE, json.dumps(self._draw_line(source, rng)))
        for number, model in enumerate(_learn(source)):
            model.write(directory, f"model-{number}")

    def _draw_line(self, source: Corpus, rng: np.random.Generator) -> tuple[float | None, list[float] | None]:
        """Returns the line and the weights; nothing if the source has no text that is long enough."""
        fold = rng.permutation(len(source)) % _FOLDS
        parts = [(source.mask(fold != each), source.mask(fold == each)) for each in range(_FOLDS)]
        real, scrambled = [], []
        for learnt, unseen in parts:
            if len(learnt) and len(unseen):
                models = _learn(learnt)
                real.append(_describe(models, unseen))
                scrambled.append(_describe(models, _scramble(unseen, rng)))
        told = np.concatenate([np.zeros((0, _FEATURES)), *real])
        weights = _weigh(told, np.concatenate([np.zeros((0, _FEATURES)), *scrambled]))
        if weights is None:
            return None, None
        return float(np.quantile((told @ weights).round(9), 1 - self.keep)), weights.tolist()

    def _copy_model(self, model: Path, source: Corpus, directory: Path) -> float | None:
        """Returns the nats a symbol that the share of the source which must pass lies under; nothing if it has none."""
        from textsynth.networks.trained_language_model import TrainedLanguageModel

        if not (model / "language_model.json").is_file():
            raise InputError(f"option 'model': {model} must be a directory with a language model, is none")
        trained = TrainedLanguageModel.read(model, "cpu")
        trained.write(directory)
        nats = trained.find_nats(source)
        told = nats[np.isfinite(nats)]
        return float(np.quantile(told, self.keep)) if len(told) else None

    def judge(self, directory: Path) -> Judge:
        """Reads the models."""
        line, weights = json.loads((directory / _LINE).read_text())
        if line is None:
            return lambda corpus: [None] * len(corpus)
        if self.model:
            return _judge_by_network(directory, line)
        models = [_Model.read(directory, f"model-{number}") for number in range(len(_RARE))]

        def reasons(corpus: Corpus) -> list[str | None]:
            sums = (_describe(models, corpus) @ np.array(weights)).round(9)  # The same to the last digit in any batch.
            return ["not fluent" if each < line else None for each in sums.tolist()]

        return reasons


def _judge_by_network(directory: Path, line: float) -> Judge:
    from textsynth.networks.trained_language_model import TrainedLanguageModel

    trained = TrainedLanguageModel.read(directory, "cpu")

    def reasons(corpus: Corpus) -> list[str | None]:
        # What has a label or class that the model does not know is not judged.
        return ["not fluent" if nats > line else None for nats in trained.find_nats(corpus).tolist()]

    return reasons


@dataclass(frozen=True)
class _Model:
    """A model of three words.

    Args:
        tokenizer: of the texts that it was learnt from, by which all others are cut too.
        symbols: the number of each word or shape.
        ngrams: the model over these numbers.
    """

    tokenizer: Tokenizer
    symbols: Mapping[str, int]
    ngrams: NgramModel

    @classmethod
    def read(cls, directory: Path, name: str) -> _Model:
        """Reads what `write` wrote."""
        tokenizer, symbols = json.loads((directory / f"{name}.json").read_text())
        return cls(tokenizer, symbols, NgramModel.read(directory / f"{name}.npz"))

    def write(self, directory: Path, name: str) -> None:
        """Writes it into files of a directory."""
        write_whole(directory / f"{name}.json", json.dumps([self.tokenizer, self.symbols]))
        self.ngrams.write(directory / f"{name}.npz")

    @classmethod
    def of(cls, corpus: Corpus, rare: int) -> _Model:
        """Learns from a corpus; words that it has no more often than `rare` are known by their shape."""
        tokens = tokenize(corpus)
        words, inside = tokens.strings.to_pylist(), cover(tokens).tolist()
        counts = Counter(word.lower() for word, mention in zip(words, inside, strict=True) if not mention)
        known = [word for word, count in counts.items() if count > rare]
        shapes = sorted({find_shape(word) for word in dict.fromkeys(words)})
        symbols = _number(known) | _number(map(_name_shape, shapes), len(known))
        coded = _encode(corpus, symbols, corpus.tokenizer)
        return cls(corpus.tokenizer, symbols, NgramModel.of(coded, len(symbols) + 2))

    def find_gains(self, corpus: Corpus) -> np.ndarray:
        """Returns by how much words are likelier for those before them, in nats a word, `(examples,)`."""
        coded = _encode(corpus, self.symbols, self.tokenizer)
        after, alone = self.ngrams.find_chances(coded), self.ngrams.find_lone_chances(coded)
        gains = np.log(after.values) - np.log(alone.values)
        sums = np.bincount(after.owner, gains, minlength=len(corpus))
        return sums / np.maximum(after.lengths, 1)


def _learn(corpus: Corpus) -> list[_Model]:
    return [_Model.of(corpus, rare) for rare in _RARE]


_FEATURES = 8
"""Numbers by which a text is described."""


def _describe(models: Sequence[_Model], corpus: Corpus) -> np.ndarray:
    """Returns the gains of each text in two models, its length, and products of them, `(examples, _FEATURES)`.

    A mean over few words strays further than one over many, so that what it tells depends on the length.
    """
    length = np.diff(tokenize(corpus).rows)[:, None].astype(float)
    gains = np.stack([model.find_gains(corpus) for model in models], 1)
    root = np.sqrt(length)
    return np.hstack([gains, gains * root, gains * length, root, length])


def _scramble(corpus: Corpus, rng: np.random.Generator) -> Corpus:
    """Returns the texts of a corpus with their words in random order."""
    texts = [" ".join(rng.permutation(text.split())) for text in corpus.texts.to_pylist()]
    return Corpus.from_columns(text=texts, tokenizer=corpus.tokenizer)


def _weigh(real: np.ndarray, scrambled: np.ndarray) -> np.ndarray | None:
    """Returns the weights of a logistic regression that tells real texts from scrambled ones; None without both.

    Newton's method, with a penalty of half the squared weights of features in units of their spread.
    """
    both = [part[part[:, -1] >= _SCRAMBLED] for part in (real, scrambled)]
    if not min(map(len, both)):
        return None
    features, is_real = np.concatenate(both), np.repeat([1.0, 0.0], list(map(len, both)))
    mean, spread = features.mean(axis=0), features.std(axis=0)
    spread[spread == 0] = 1
    inputs = np.hstack([(features - mean) / spread, np.ones((len(features), 1))])
    penalty, weights = np.append(np.ones(_FEATURES), 0), np.zeros(_FEATURES + 1)
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        slope = inputs.T @ (is_real - chances) - penalty * weights
        curvature = (inputs.T * (chances * (1 - chances))) @ inputs + np.diag(penalty + 1e-9)
        weights = weights + np.linalg.solve(curvature, slope)
    found: np.ndarray = (weights[:-1] / spread).round(9)
    return found


def _number(names: Iterable[str], before: int = 0) -> dict[str, int]:
    return {name: number for number, name in enumerate(names, _UNKNOWN + 1 + before)}


def _name_shape(shape: str) -> str:
    """Returns a name for a shape that no token has, since no token has a space."""
    return f"{shape} "


def _encode(corpus: Corpus, symbols: Mapping[str, int], tokenizer: Tokenizer) -> Ragged:
    """Returns the symbols of each text."""
    tokens = tokenize(corpus, tokenizer)
    encoded: pa.DictionaryArray = tokens.strings.dictionary_encode()
    words = encoded.dictionary.to_pylist()
    shaped = np.array([symbols.get(_name_shape(find_shape(word)), _UNKNOWN) for word in words], np.int64)
    named = [symbols.get(word.lower(), shape) for word, shape in zip(words, shaped.tolist(), strict=True)]
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    return Ragged(np.where(cover(tokens), shaped[codes], np.array(named, np.int64)[codes]), tokens.rows)
