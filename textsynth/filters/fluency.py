"""Drops texts whose words stand in an order that the source does not write."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from textsynth.components.component import Share
from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus, Tokenizer
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.tokens import tokenize
from textsynth.extract import Resources
from textsynth.foundation.disk import write_whole
from textsynth.labelling.missed import cover
from textsynth.scores.ngram import EDGE, NgramModel
from textsynth.scores.probes import find_shape

_LINE = "line.json"
"""The file with the gain under which a text is dropped, null if there is none."""

_FOLDS = 5
_RARE = 1
"""How often the source has a word that is known by its shape alone."""

_UNKNOWN = EDGE + 1
"""The symbol of a word whose shape the source does not have."""


@dataclass(frozen=True, kw_only=True)
class Fluency(Filter):
    """Drops texts whose words stand in an order that the source does not write, such as scrambled ones.

    A model of three words, learnt from the source, tells how likely each word is after the two before it. What counts
    is by how much that is more than without them, on average over a text: the gain. Plain perplexity also sees which
    words there are, and takes rare ones for faults. Mentions, and words that the source has once, are known by their
    shape alone, so that new ones are no faults. The line is drawn on parts of the source that a model of the others has
    not seen. Texts of a few words have too little order to be judged.

    Args:
        keep: share of the source that must pass.
    """

    keep: Share = 0.95

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Learns the model, and draws the line."""
        source = resources.source
        fold = rng.permutation(len(source)) % _FOLDS
        parts = [(source.mask(fold != each), source.mask(fold == each)) for each in range(_FOLDS)]
        gains = [_Model.of(learnt).find_gains(unseen) for learnt, unseen in parts if len(learnt) and len(unseen)]
        line = float(np.quantile(np.concatenate(gains), 1 - self.keep)) if gains else None
        write_whole(directory / _LINE, json.dumps(line))
        source.with_fields(None).write_parquet(directory / "source.parquet")

    def judge(self, directory: Path) -> Judge:
        """Learns the model of the whole source again, which takes no longer than reading it."""
        line = json.loads((directory / _LINE).read_text())
        if line is None:
            return lambda corpus: [None] * len(corpus)
        model = _Model.of(Corpus.read_parquet(directory / "source.parquet"))

        def reasons(corpus: Corpus) -> list[str | None]:
            return ["not fluent" if gain < line else None for gain in model.find_gains(corpus).tolist()]

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
    def of(cls, corpus: Corpus) -> _Model:
        """Learns from a corpus."""
        tokens = tokenize(corpus)
        words, inside = tokens.strings.to_pylist(), cover(tokens).tolist()
        counts = Counter(word.lower() for word, mention in zip(words, inside, strict=True) if not mention)
        known = [word for word, count in counts.items() if count > _RARE]
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
        return np.round(sums / np.maximum(after.lengths, 1), 9)  # The same to the last digit in any batch.


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
