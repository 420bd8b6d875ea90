"""The tables of options of components that have a VAE, and its training by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import pydantic

from textsynth.components.component import Component, Positive, Share
from textsynth.errors import OptionError
from textsynth.training.options import SMALL, NetworkSpec
from textsynth.wording.options import WritingOptions

_NATS, _NATS_SMALL = 10.0, 20.0
"""Divergence of the posterior, nats a sentence, that is held open by default; in a small source."""


@dataclass(frozen=True, kw_only=True)
class LatentOptions(Component):
    """The latent space of a VAE, and what keeps it open.

    Args:
        size: numbers a sentence becomes.
        bag: whether the network is shown which slots a sentence has, and writes these, no more and no less.
        kl: what keeps the posterior from collapsing: "free_bits" for each dimension, or "batch_norm" of its means.
        nats: the divergence of the posterior that free bits and batch norm hold, nats a sentence; by default 10, and 20
            if the source is small: more of each sentence is kept. Free bits of 0 hold nothing.
        warm_up: share of the epochs over which the divergence gets its weight.
    """

    size: Annotated[int, pydantic.Field(ge=2)] = 32
    bag: bool = True
    kl: Literal["free_bits", "batch_norm"] = "free_bits"
    nats: Annotated[float, pydantic.Field(ge=0)] | None = None
    warm_up: Share = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kl == "batch_norm" and self.nats == 0:
            reason = "they say how far it spreads the means"
            raise OptionError(f"option 'nats': must be more than 0 with kl = 'batch_norm', was {self.nats}: {reason}")

    def choose_nats(self, spec: NetworkSpec, sentences: int) -> float:
        """Returns the divergence that is asked for, or if none is what suits a source of this many sentences."""
        if self.nats is not None:
            return self.nats
        return _NATS if sentences >= SMALL or spec.privacy.is_private() else _NATS_SMALL


@dataclass(frozen=True, kw_only=True)
class VaeWritingOptions(WritingOptions):
    """How sentences are written from points of the latent space of a VAE.

    Args:
        same_class: whether what reads like another class than its own, by the symbols that the classes of the source
            have, is rejected.
    """

    temperature: Annotated[float, pydantic.Field(ge=0)] = 0.7
    same_class: bool = True


@dataclass(frozen=True, kw_only=True)
class CriticOptions(Component):
    """How a generator of points and a critic compete in the latent space of a VAE.

    Args:
        steps: training steps of the critic, at most; 20 a sentence in small sources. What else a filter trains takes
            no more either.
        hidden: numbers of a layer of generator and critic.
    """

    steps: Positive = 15000
    hidden: Annotated[int, pydantic.Field(ge=8)] = 128
