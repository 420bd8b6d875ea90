"""The options of all components that train a network of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pydantic

from textsynth.components.component import Component, Positive
from textsynth.errors import OptionError

Device = Literal["auto", "cpu", "cuda", "mps"]
Above0 = Annotated[float, pydantic.Field(gt=0)]

SMALL = 2000
"""Sentences under which a source is small: it is then learnt faster, for longer, and to the last sentence."""


@dataclass(frozen=True, kw_only=True)
class NetworkOptions(Component):
    """How a network is built and trained; a source of fewer than 2,000 sentences is small.

    Args:
        embedding: numbers a symbol becomes.
        hidden: numbers of the network's state.
        layers: layers of a transformer; recurrent networks have one.
        dropout: share of the numbers left out at random in training.
        vocabulary: pieces of text, at most; 256 are single bytes.
        epochs: times the source is read in training, at most; by default 40, and 60 where it is small.
        patience: epochs without a better loss on held-out sentences before training stops.
        batch_size: sentences a training step; fewer where the source is small.
        learning_rate: how far a training step goes at first; it falls to a twentieth by the last epoch; by default
            0.001, and 0.003 where the source is small.
        heldout: share of the source that training only watches; by default a tenth, and none of a small source.
        device: where to train and sample; "auto" takes a GPU where there is one.
    """

    embedding: Annotated[int, pydantic.Field(ge=8)] = 256
    hidden: Annotated[int, pydantic.Field(ge=8)] = 256
    layers: Positive = 2
    dropout: Annotated[float, pydantic.Field(ge=0, lt=1)] = 0.2
    vocabulary: Annotated[int, pydantic.Field(ge=256)] = 8000
    epochs: Positive | None = None
    patience: Positive = 5
    batch_size: Positive = 64
    learning_rate: Above0 | None = None
    heldout: Annotated[float, pydantic.Field(ge=0, lt=1)] | None = None
    device: Device = "auto"


@dataclass(frozen=True, kw_only=True)
class PrivacyOptions(Component):
    """Training with differential privacy (Abadi et al. 2016), by opacus.

    It covers the weights. Vocabulary, classes, their frequencies and the values of slots are taken from the source as
    they are; give `values`, and `vocabulary = 256`, where those may not be shared either. It is a guarantee to those
    who do not know the seed, as noise can be drawn again from that.

    Args:
        epsilon: the privacy budget ε; without it training is not private.
        delta: the δ that goes with it; by default one over ten times the number of sentences.
        max_grad_norm: what the gradient of each sentence is clipped to.
    """

    epsilon: Above0 | None = None
    delta: Annotated[float, pydantic.Field(gt=0, lt=1)] | None = None
    max_grad_norm: Above0 = 1.0

    def is_private(self) -> bool:
        """Says whether there is a budget."""
        return self.epsilon is not None

    def demand(self, name: str, choices: tuple[Any, ...], reason: str) -> None:
        """Checks an option that has fewer choices where training is private.

        Raises:
            OptionError: where it has another value.
        """
        value = getattr(self, name)
        if self.is_private() and value not in choices:
            allowed = " or ".join(map(_as_written, choices))
            raise OptionError(f"option 'epsilon': {name} must be {allowed}, was {_as_written(value)}: {reason}")


def is_private(options: Component) -> bool:
    """Says whether options ask for training with differential privacy."""
    return isinstance(options, PrivacyOptions) and options.is_private()


def _as_written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)
