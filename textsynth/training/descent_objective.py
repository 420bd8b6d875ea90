"""DescentObjective: an objective whose loss is gone down by an optimiser, so that it says only what the loss is."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import nn

from textsynth.training.loop import Descent, Stateful

Network = TypeVar("Network", bound=nn.Module)
Batch = TypeVar("Batch")


class DescentObjective(abc.ABC, Generic[Network, Batch]):
    """An `Objective` that knows its network and its optimiser; a subclass says its batches, its cost and its measure.

    Args:
        network: what learns.
        descent: its optimiser.
        others: further optimisers, if parts of the network learn at different times.
    """

    def __init__(self, network: Network, descent: Descent, *others: Descent) -> None:
        self.network = network
        self.descent = descent
        self._descents = (descent, *others)

    @abc.abstractmethod
    def batches(self, rng: np.random.Generator) -> Iterable[Batch]:
        """Yields the batches of one epoch."""

    @abc.abstractmethod
    def cost(self, batch: Batch) -> torch.Tensor:
        """Returns the mean loss of a batch, a scalar."""

    @abc.abstractmethod
    def measure(self) -> Mapping[str, float]:
        """Returns what the curves show after an epoch; the lowest "loss" is the best."""

    def parts(self) -> Mapping[str, Stateful]:
        """Returns the network and its optimisers."""
        return {"network": self.network} | {f"descent {number}": each for number, each in enumerate(self._descents)}

    def slow_down(self, share: float) -> None:
        """Sets the learning rates to a share of what they were at first."""
        for descent in self._descents:
            descent.slow_down(share)

    def learn(self, batch: Batch) -> Mapping[str, float]:
        """Takes one step, and returns its loss."""
        return self.descent.follow(batch, self.cost)

    def is_comparable(self) -> bool:
        """Says that losses can be compared from the first epoch on."""
        return True
