"""What an encoder-decoder is to learn: texts to be written for texts that are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch

from textsynth.pretrained.fine_tuning import TunedObjective
from textsynth.pretrained.padding import attention_mask, pad
from textsynth.pretrained.tuning import TunedModel
from textsynth.training.loop import Descent
from textsynth.wording.sentences import length_batches

_IGNORED = -100
"""The target of symbols that do not count, as transformers and torch have it."""


class Pairs(NamedTuple):
    """What is read, and what is to be written.

    Args:
        inputs: symbols of each.
        targets: symbols of each, with its end.
    """

    inputs: list[list[int]]
    targets: list[list[int]]


class PairTrainingSet(Protocol):
    """Gives pairs to learn from."""

    @property
    def lengths(self) -> np.ndarray:
        """About how many symbols each example has, `(examples,)`; 0 for one that there is nothing to learn from."""

    def make_pairs(self, rows: np.ndarray, rng: np.random.Generator) -> Pairs:
        """Makes a pair of each of these examples, another one each time."""


class PairObjective(TunedObjective[Pairs]):
    """Minimises the negative log-likelihood of targets.

    Args:
        network: the model.
        descent: its optimiser.
        watched: pairs that tell when to stop.
        training_set: gives what is learnt.
        training: the examples to learn from.
        size: pairs a batch.
    """

    def __init__(
        self,
        network: TunedModel,
        descent: Descent,
        watched: Sequence[Pairs],
        training_set: PairTrainingSet,
        training: np.ndarray,
        size: int,
    ) -> None:
        super().__init__(network, descent, watched)
        self._training_set, self._training, self._size = training_set, training, size

    def batches(self, rng: np.random.Generator) -> Iterator[Pairs]:
        """Yields pairs of examples, like lengths together."""
        for rows in length_batches(self._training_set.lengths[self._training], self._size, rng):
            yield self._training_set.make_pairs(self._training[rows], rng)

    def part(self, batch: Pairs, first: int, step: int) -> Pairs:
        """Returns some of the pairs."""
        return Pairs(batch.inputs[first::step], batch.targets[first::step])

    def count(self, batch: Pairs) -> int:
        """Counts the targets."""
        return len(batch.targets)

    def nats(self, batch: Pairs) -> torch.Tensor:
        """Returns what the targets cost."""
        columns = pad(batch.inputs, 0), attention_mask(batch.inputs), pad(batch.targets, _IGNORED)
        inputs, mask, labels = (torch.from_numpy(each).to(self.descent.accelerator.device) for each in columns)
        output = self.network(input_ids=inputs, attention_mask=mask, labels=labels)
        loss: torch.Tensor = output.loss * (labels != _IGNORED).sum()
        return loss
