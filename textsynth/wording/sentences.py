"""Sentences as numbers: what networks are trained on, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged
from textsynth.wording.vocabulary import Part, Vocabulary, parts_of

if TYPE_CHECKING:
    import torch

_IGNORED = -100
"""The target beyond the end of a sentence; torch's losses leave it out."""

_POOL = 16
"""Batches within which sentences are sorted by their length."""


class Batch(NamedTuple):
    """Some sentences as tensors.

    Args:
        inputs: `(sentences, length)`; the class, and the symbols of the sentence.
        targets: `(sentences, length)`; the symbols and the end; -100 after that.
        lengths: `(sentences,)`; symbols of each, with the end.
        classes: `(sentences,)`.
        bags: `(sentences, labels)`; how many mentions of each label.
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    lengths: torch.Tensor
    classes: torch.Tensor
    bags: torch.Tensor

    def to(self, device: torch.device) -> Batch:
        """Returns the batch on a device; lengths stay, packing wants them on the CPU."""
        moved = [each.to(device) for each in (self.inputs, self.targets, self.classes, self.bags)]
        return Batch(moved[0], moved[1], self.lengths, moved[2], moved[3])


@dataclass(frozen=True)
class Sentences:
    """Sentences as rows of symbols.

    Args:
        symbols: a row for each sentence, with its end.
        classes: `(sentences,)` numbers of classes.
        bags: `(sentences, labels)`; how many mentions of each label.
        vocabulary: what the numbers mean.
    """

    symbols: Ragged
    classes: np.ndarray
    bags: np.ndarray
    vocabulary: Vocabulary

    @classmethod
    def of(cls, corpus: Corpus, vocabulary: Vocabulary) -> Sentences:
        """Encodes a corpus, all of whose labels and classes the vocabulary has."""
        parts = [parts_of(example, vocabulary.marks) for example in corpus]
        return cls.encode(parts, corpus.table.column("label").to_pylist(), vocabulary)

    @classmethod
    def encode(
        cls, parts: Sequence[Sequence[Part]], classes: Sequence[str | None], vocabulary: Vocabulary
    ) -> Sentences:
        """Encodes sentences that are in parts already."""
        symbols = Ragged.of_lists(vocabulary.encode(parts))
        number = {name: index for index, name in enumerate(vocabulary.classes)}
        numbers = np.array([number[each] for each in classes], np.int64)
        return cls(symbols, numbers, _bags(symbols, vocabulary), vocabulary)

    def __len__(self) -> int:
        return len(self.classes)

    @property
    def lengths(self) -> np.ndarray:
        """Symbols of each sentence, with its end, `(sentences,)`."""
        return self.symbols.lengths

    def symbols_of(self, row: int) -> tuple[int, ...]:
        """Returns the symbols of one sentence, without its end."""
        return tuple(self.symbols[row][:-1].tolist())

    def take(self, rows: np.ndarray) -> Sentences:
        """Returns the sentences at these positions."""
        return Sentences(self.symbols.take(rows), self.classes[rows], self.bags[rows], self.vocabulary)

    def batch(self, rows: np.ndarray) -> Batch:
        """Returns the sentences at these positions as tensors, padded to the longest."""
        import torch

        lengths = self.lengths[rows]
        # A rectangle of positions; those beyond a sentence's end point at symbol 0 and are masked.
        position = np.arange(int(lengths.max(initial=1)))
        inside = position < lengths[:, None]
        index = np.where(inside, self.symbols.bounds[rows][:, None] + position, 0)
        targets = np.where(inside, self.symbols.values[index], _IGNORED)
        # What is read is what is to be written, one symbol later, behind the class.
        start = self.vocabulary.start(self.classes[rows])[:, None]
        inputs = np.concatenate([start, np.where(targets == _IGNORED, 0, targets)[:, :-1]], axis=1)
        columns = inputs, targets, lengths, self.classes[rows], self.bags[rows].astype(np.float32)
        return Batch(*(torch.from_numpy(np.ascontiguousarray(column)) for column in columns))

    def batches(self, size: int, rng: np.random.Generator | None = None) -> Iterator[np.ndarray]:
        """Yields the positions of all sentences, a batch at a time, those of like length together.

        Args:
            size: sentences a batch.
            rng: puts them in a random order: like length then holds within a few batches only. Without it they come by
                length.
        """
        return length_batches(self.lengths, size, rng)


def length_batches(lengths: np.ndarray, size: int, rng: np.random.Generator | None = None) -> Iterator[np.ndarray]:
    """Yields the positions of sentences of these lengths, as `Sentences.batches` does."""
    if rng is None:
        order = np.argsort(lengths, kind="stable")
        yield from (order[first : first + size] for first in range(0, len(order), size))
        return
    order = rng.permutation(len(lengths))
    pools = [order[first : first + _POOL * size] for first in range(0, len(order), _POOL * size)]
    pools = [pool[np.argsort(lengths[pool], kind="stable")] for pool in pools]
    cut = [pool[first : first + size] for pool in pools for first in range(0, len(pool), size)]
    yield from (cut[number] for number in rng.permutation(len(cut)))


def _bags(symbols: Ragged, vocabulary: Vocabulary) -> np.ndarray:
    label = vocabulary.label_of()[symbols.values]
    bags = np.zeros((len(symbols), len(vocabulary.labels)), np.int64)
    np.add.at(bags, (symbols.owner[label >= 0], label[label >= 0]), 1)
    return bags
