"""The options of components that fine-tune a pretrained model: the table `tuning` of a generator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import pydantic

from textsynth.components.component import Component, Positive
from textsynth.training.options import Above0


@dataclass(frozen=True, kw_only=True)
class TuningOptions(Component):
    """How a pretrained model is fine-tuned.

    Args:
        method: "lora" trains small matrices beside the weights (Hu et al. 2022), "full" all of them.
        rank: of these matrices.
        epochs: times the source is read, at most.
        patience: epochs without a better loss on held-out sentences before training stops.
        learning_rate: how far a training step goes at first, and ten times as far for new symbols; it falls to a
            twentieth by the last epoch.
        batch_size: sentences a training step.
        heldout: share of the source that training only watches; none in a source of under 20 sentences.
    """

    method: Literal["lora", "full"] = "lora"
    rank: Positive = 16
    epochs: Positive = 4
    patience: Positive = 2
    learning_rate: Above0 = 1e-3
    batch_size: Positive = 8
    heldout: Annotated[float, pydantic.Field(ge=0, lt=1)] = 0.1

    def libraries(self) -> frozenset[str]:
        """Names what trains small matrices, if these are trained."""
        return frozenset({"peft"}) if self.method == "lora" else frozenset()


@dataclass(frozen=True, kw_only=True)
class CausalTuning(TuningOptions):
    """How a causal model is fine-tuned: in small steps, as it is to write whole sentences."""

    learning_rate: Above0 = 3e-4
    batch_size: Positive = 4


@dataclass(frozen=True, kw_only=True)
class RepeatedTuning(TuningOptions):
    """How a model is fine-tuned that reads a source more often, as other words are taken out of it each time."""

    epochs: Positive = 20
    patience: Positive = 3
