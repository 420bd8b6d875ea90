"""Fine-tuning: what is the same for every kind of pretrained model, from the examples held out to the best weights."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from textsynth.foundation.seeding import child_rng
from textsynth.pretrained.tuning import TunedModel
from textsynth.pretrained.tuning_options import TuningOptions
from textsynth.training.descent_objective import DescentObjective
from textsynth.training.device import accelerator_on
from textsynth.training.loop import Descent, Plan, train
from textsynth.training.options import Device
from textsynth.training.together import add_up, together
from textsynth.training.training_log import Facts, write_record
from textsynth.training.training_set import heldout_rows

_STEPS = 8
"""Training steps an epoch, at least, if the source has as many sentences."""

Batch = TypeVar("Batch")


class TunedObjective(DescentObjective[TunedModel, Batch]):
    """Minimises the negative log-likelihood of what a model is to write.

    Args:
        network: the model.
        descent: its optimiser.
        watched: batches that tell when to stop, and are not learnt; there may be none.
    """

    def __init__(self, network: TunedModel, descent: Descent, watched: Sequence[Batch]) -> None:
        super().__init__(network, descent)
        self._watched = watched

    @abc.abstractmethod
    def nats(self, batch: Batch) -> torch.Tensor:
        """Returns the negative log-likelihood of a batch, summed."""

    @abc.abstractmethod
    def count(self, batch: Batch) -> int:
        """Returns by how many that is divided: sentences, words, targets."""

    @abc.abstractmethod
    def part(self, batch: Batch, first: int, step: int) -> Batch:
        """Returns every so manyth row of a batch, from one on; there may be none."""

    def cost(self, batch: Batch) -> torch.Tensor:
        """Returns the mean negative log-likelihood of a batch; of several processes, each returns its part of that."""
        here = together()
        mine = self.part(batch, here.number, here.size) if here.size > 1 else batch
        if self.count(mine):
            return self.nats(mine) / self.count(batch)
        return 0 * self.nats(batch)  # All processes must have gradients of the same parameters.

    def measure(self) -> Mapping[str, float]:
        """Returns the mean nats of what is watched, nothing if that is none."""
        if not self.is_comparable():
            return {}
        here = together()
        with torch.inference_mode():
            nats = add_up(sum(self.nats(batch).item() for batch in self._watched[here.number :: here.size]))
        return {"loss": nats / sum(map(self.count, self._watched))}

    def is_comparable(self) -> bool:
        """Says whether there is a loss to compare: whether anything is watched."""
        return len(self._watched) > 0


def divide_rows(rows: np.ndarray, options: TuningOptions, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Divides rows of a source into those to learn from and those to watch."""
    heldout = rows[heldout_rows(len(rows), options.heldout, child_rng(seed, "heldout"))]
    return np.setdiff1d(rows, heldout), heldout


def batch_size(options: TuningOptions, training: int) -> int:
    """Returns examples a step: fewer if the source is small."""
    return min(options.batch_size, max(1, training // _STEPS))


def descent_of(tuned: TunedModel, options: TuningOptions, device: Device) -> Descent:
    """Returns the optimiser; symbols that the model was given go further than the rest."""
    return Descent(tuned, accelerator_on(device), options.learning_rate, quick=tuned.new_symbols(), shared=True)


def fine_tune(
    objective: TunedObjective[Batch], name: str, unit: str, options: TuningOptions, directory: Path, seed: int
) -> None:
    """Trains a model, and leaves it with its best weights; curves and facts are written into the directory.

    Args:
        objective: what it learns.
        name: of the generator.
        unit: what the nats are counted by: "sentence", say.
        options: how long.
        directory: where checkpoints stand in the meantime.
        seed: of all that is random.
    """
    plan = Plan(name, options.epochs, options.patience if objective.is_comparable() else None, seed)
    curves = train(objective, plan, directory)
    facts: Facts = {"epochs": len(curves["training_loss"]), "training_loss": curves["training_loss"][-1]}
    if objective.is_comparable():
        facts[f"nats_per_{unit}"] = min(curves["loss"])
    if together().size > 1:
        facts["processes"] = together().size
    write_record(directory, {name: curves}, facts)
