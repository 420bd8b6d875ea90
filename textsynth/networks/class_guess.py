"""Says which class a wording reads like: naive Bayes over its symbols and over pairs of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged
from textsynth.training.checkpoint import read_state, write_state
from textsynth.wording.sentences import Sentences
from textsynth.wording.vocabulary import Vocabulary

_FILE = "guesser.safetensors"

_SMOOTHING = 0.1
"""What is added to each count, so that nothing is impossible."""


@dataclass(frozen=True)
class ClassGuesser:
    """What each symbol, and each pair of symbols that follow each other, says of the class.

    Args:
        width: symbols there are.
        grams: `(grams,)`; the numbers of symbols and pairs that the source has, ascending.
        weights: `(grams, classes)`; the logarithm of how likely each is in a class.
        shares: `(classes,)`; the logarithm of how frequent each class is.
    """

    width: int
    grams: np.ndarray
    weights: np.ndarray
    shares: np.ndarray

    @classmethod
    def of(cls, corpus: Corpus, vocabulary: Vocabulary) -> ClassGuesser:
        """Counts the symbols of a corpus, by class."""
        sentences, classes = Sentences.of(corpus, vocabulary), len(vocabulary.classes)
        numbers, rows = _grams(sentences.symbols, vocabulary.outputs)
        grams, places = np.unique(numbers, return_inverse=True)
        counts = np.full((len(grams), classes), _SMOOTHING)
        # add.at, as a gram that comes twice in one class must count twice.
        np.add.at(counts, (places, sentences.classes[rows]), 1)
        shares = np.bincount(sentences.classes, minlength=classes) + _SMOOTHING
        return cls(vocabulary.outputs, grams, np.log(counts / counts.sum(axis=0)), np.log(shares / shares.sum()))

    def classes_of(self, written: Sequence[Sequence[int]]) -> np.ndarray:
        """Returns the class that each sentence reads like, `(sentences,)`; symbols that the source lacks do not count.

        Args:
            written: symbols of each, the end among them.
        """
        numbers, rows = _grams(Ragged.of_lists(written), self.width)
        # The grams are sorted: each is looked up by bisection, and is known if it stands where it would belong.
        places = np.searchsorted(self.grams, numbers).clip(max=len(self.grams) - 1)
        known = self.grams[places] == numbers
        # Logarithms of chances that are independent, given the class, add up.
        verdicts = np.tile(self.shares, (len(written), 1))
        np.add.at(verdicts, rows[known], self.weights[places[known]])
        return verdicts.argmax(axis=1)

    def write(self, directory: Path) -> None:
        """Writes the counts."""
        write_state({"width": self.width, **_tensors(self)}, directory / _FILE)

    @classmethod
    def read(cls, directory: Path) -> ClassGuesser:
        """Reads what `write` wrote."""
        state = read_state(directory / _FILE)
        return cls(state.pop("width"), **{name: tensor.numpy() for name, tensor in state.items()})


def write_class_guesser(source: Corpus, directory: Path) -> None:
    """Counts the symbols of a source by the vocabulary that a directory has, and writes the counts there."""
    ClassGuesser.of(source, Vocabulary.read(directory)).write(directory)


def _tensors(guesser: ClassGuesser) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(getattr(guesser, name)) for name in ("grams", "weights", "shares")}


def _grams(sentences: Ragged, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns a number for each symbol, and for each pair of it with the one before, and the sentence each is in.

    The first symbol of a sentence is a pair with `width`, which is no symbol.
    """
    symbols, rows = sentences.values, sentences.owner
    # What `roll` brings from the sentence before is overwritten.
    before = np.where(sentences.rank == 0, width, np.roll(symbols, 1))
    # Symbols are numbers under `width`, so pairs begin there.
    pairs = (before + 1) * width + symbols
    return np.concatenate([symbols, pairs]), np.concatenate([rows, rows])
