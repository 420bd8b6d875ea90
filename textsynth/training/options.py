"""The tables of options that all components have which train a network of their own."""

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
    """How large a network is.

    Args:
        kind: the architecture; "transformer" is a small GPT.
        embedding: numbers a symbol becomes.
        hidden: numbers of the network's state.
        layers: layers of a transformer; recurrent networks have one.
        dropout: share of the numbers left out at random in training.
        vocabulary: pieces of text, at most; 256 are single bytes.
    """

    kind: Literal["gru", "lstm", "transformer"] = "gru"
    embedding: Annotated[int, pydantic.Field(ge=8)] = 256
    hidden: Annotated[int, pydantic.Field(ge=8)] = 256
    layers: Positive = 2
    dropout: Annotated[float, pydantic.Field(ge=0, lt=1)] = 0.2
    vocabulary: Annotated[int, pydantic.Field(ge=256)] = 8000

    def libraries(self) -> frozenset[str]:
        """Names what networks are built of and trained by."""
        return frozenset({"torch", "transformers", "tokenizers", "accelerate", "safetensors"})


@dataclass(frozen=True, kw_only=True)
class TrainingOptions(Component):
    """How long and how fast a network learns; a source of fewer than 2,000 sentences is small.

    Args:
        epochs: times the source is read, at most; by default 40, and 60 if it is small.
        patience: epochs without a better loss on held-out sentences before training stops.
        batch_size: sentences a training step; fewer if the source is small.
        learning_rate: how far a training step goes at first; it falls to a twentieth by the last epoch; by default
            0.001, and 0.003 if the source is small.
        heldout: share of the source that training only watches; by default a tenth, and none of a small source.
    """

    epochs: Positive | None = None
    patience: Positive = 5
    batch_size: Positive = 64
    learning_rate: Above0 | None = None
    heldout: Annotated[float, pydantic.Field(ge=0, lt=1)] | None = None


@dataclass(frozen=True, kw_only=True)
class PrivacyOptions(Component):
    """Training with differential privacy (Abadi et al. 2016), by opacus.

    It covers the weights. Vocabulary, classes, their frequencies and the values of slots are taken from the source as
    they are; give `values`, and `network.vocabulary = 256`, if those may not be shared either. It is a guarantee to
    those who do not know the seed, as noise can be drawn again from that.

    Args:
        epsilon: the privacy budget ε; without it training is not private.
        delta: the δ that goes with it; by default one over ten times the number of sentences.
        max_grad_norm: what the gradient of each sentence is clipped to.
    """

    epsilon: Above0 | None = None
    delta: Annotated[float, pydantic.Field(gt=0, lt=1)] | None = None
    max_grad_norm: Above0 = 1.0

    def libraries(self) -> frozenset[str]:
        """Names what counts the budget, if there is one."""
        return frozenset({"opacus"}) if self.is_private() else frozenset()

    def is_private(self) -> bool:
        """Says whether there is a budget."""
        return self.epsilon is not None

    def demand(self, name: str, value: Any, choices: tuple[Any, ...], reason: str) -> None:
        """Checks another option, which has fewer choices if training is private.

        Args:
            name: of the option, with its table.
            value: that it has.
            choices: that it has if training is private.
            reason: why.

        Raises:
            OptionError: if it has another value.
        """
        if self.is_private() and value not in choices:
            allowed = " or ".join(map(_as_written, choices))
            raise OptionError(f"option 'privacy.epsilon': {name} must be {allowed}, was {_as_written(value)}: {reason}")


@dataclass(frozen=True)
class NetworkSpec:
    """What a component asks of the network that it trains: its tables of options, together.

    Args:
        network: how large it is.
        training: how long and how fast it learns.
        privacy: whether what it learns is protected.
        device: where to train and sample.
    """

    network: NetworkOptions = NetworkOptions()
    training: TrainingOptions = TrainingOptions()
    privacy: PrivacyOptions = PrivacyOptions()
    device: Device = "auto"


def _as_written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)
