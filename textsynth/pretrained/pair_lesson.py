"""What an encoder-decoder is to learn: texts to be written for texts that are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch

from textsynth.models.sentences import length_batches
from textsynth.models.training import Descent, Stateful
from textsynth.pretrained.tuning import Tuned

_IGNORED = -100


class Pairs(NamedTuple):
    """What is read, and what is to be written.

    Args:
        inputs: symbols of each.
        targets: symbols of each, with its end.
    """

    inputs: list[list[int]]
    targets: list[list[int]]


class PairBook(Protocol):
    """Gives pairs to learn from."""

    @property
    def lengths(self) -> np.ndarray:
        """About how many symbols each example has, `(examples,)`; 0 for one that there is nothing to learn from."""

    def pairs(self, rows: np.ndarray, rng: np.random.Generator) -> Pairs:
        """Makes a pair of each of these examples, another one each time."""


class PairLesson:
    """Minimises the negative log-likelihood of targets.

    Args:
        network: the model.
        descent: its optimiser.
        book: gives what is learnt.
        training: the examples to learn from.
        size: pairs a batch.
        watched: pairs that tell when to stop.
    """

    def __init__(
        self,
        network: Tuned,
        descent: Descent,
        book: PairBook,
        training: np.ndarray,
        size: int,
        watched: Sequence[Pairs],
    ) -> None:
        self.network, self._descent, self._size = network, descent, size
        self._book, self._training, self._watched = book, training, watched

    def parts(self) -> Mapping[str, Stateful]:
        """Returns what moves, and the optimiser."""
        return {"network": self.network, "optimiser": self._descent.optimiser}

    def batches(self, rng: np.random.Generator) -> Iterator[Pairs]:
        """Yields pairs of examples, like lengths together."""
        for rows in length_batches(self._book.lengths[self._training], self._size, rng):
            yield self._book.pairs(self._training[rows], rng)

    def slow_down(self, share: float) -> None:
        """Sets the learning rate to a share of what it was at first."""
        self._descent.slow_down(share)

    def learn(self, pairs: Pairs) -> Mapping[str, float]:
        """Takes one step."""
        return self._descent.follow(np.zeros(0), lambda _: self._nats(pairs) / len(pairs.targets))

    def measure(self) -> Mapping[str, float]:
        """Returns the nats a held-out target costs, nothing where there are none."""
        count = sum(len(pairs.targets) for pairs in self._watched)
        if not count:
            return {}
        with torch.inference_mode():
            return {"loss": sum(self._nats(pairs).item() for pairs in self._watched) / count}

    def settled(self) -> bool:
        """Losses can be compared where there are any."""
        return len(self._watched) > 0

    def _nats(self, pairs: Pairs) -> torch.Tensor:
        device = self._descent.accelerator.device
        inputs, mask = (each.to(device) for each in _padded(pairs.inputs, 0))
        labels = _padded(pairs.targets, _IGNORED)[0].to(device)
        output = self.network(input_ids=inputs, attention_mask=mask, labels=labels)
        loss: torch.Tensor = output.loss * (labels != _IGNORED).sum()
        return loss


def _padded(rows: Sequence[Sequence[int]], filler: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns rows of symbols as one tensor, and where there are any, `(rows, longest)` each."""
    longest = max(map(len, rows))
    symbols, mask = np.full((len(rows), longest), filler, np.int64), np.zeros((len(rows), longest), np.int64)
    for place, row in enumerate(rows):
        symbols[place, : len(row)], mask[place, : len(row)] = row, 1
    return torch.from_numpy(symbols), torch.from_numpy(mask)
