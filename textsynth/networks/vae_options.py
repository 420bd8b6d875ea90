"""The options of components that have a VAE, and its training by them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import pydantic

from textsynth.components.component import Positive, Share
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.training.options import SMALL, NetworkOptions, is_private
from textsynth.wording.options import WritingOptions

_NATS, _NATS_SMALL = 10.0, 20.0


@dataclass(frozen=True, kw_only=True)
class VaeOptions(NetworkOptions):
    """How a VAE is built and trained.

    Args:
        network: the architecture.
        latent: numbers a sentence becomes.
        bag: whether the network is shown which slots a sentence has, and writes these, no more and no less.
        kl: what keeps the posterior from collapsing: "free_bits" for each dimension, or "batch_norm" of its means;
            "linear" and "cyclical" only weigh its divergence less at first, "none" does nothing.
        nats: the divergence of the posterior that free bits and batch norm hold, nats a sentence; by default 10, and 20
            where the source is small: more of each sentence is kept.
        warm_up: share of the epochs over which the divergence gets its weight.
    """

    network: Literal["gru", "lstm", "transformer"] = "gru"
    latent: Annotated[int, pydantic.Field(ge=2)] = 32
    bag: bool = True
    kl: Literal["free_bits", "batch_norm", "linear", "cyclical", "none"] = "free_bits"
    nats: Annotated[float, pydantic.Field(ge=0)] | None = None
    warm_up: Share = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kl == "batch_norm" and self.nats == 0:
            reason = "they say how far it spreads the means"
            raise OptionError(f"option 'nats': must be more than 0 with kl = 'batch_norm', was {self.nats}: {reason}")


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
class RivalOptions(VaeOptions):
    """How two networks compete in the latent space of a VAE.

    Args:
        steps: training steps of the critic, or of the flow, at most; 20 a sentence in small sources.
        latent_hidden: numbers of a layer of generator, critic or flow.
    """

    steps: Positive = 15000
    latent_hidden: Annotated[int, pydantic.Field(ge=8)] = 128


def train_vae(name: str, options: VaeOptions, source: Corpus, directory: Path, seed: int) -> None:
    """Trains a VAE on a source, and writes it; where one was written before the fit was cut off, that is the same.

    Args:
        name: of the component, for messages.
        options: how.
        source: what it learns from.
        directory: where it is written.
        seed: of all that is random.
    """
    from textsynth.networks.trained_vae import NOTES, VaePlan, learn_vae
    from textsynth.training.training_set import prepare_training_set

    if (directory / NOTES).exists():
        return
    prepared = prepare_training_set(name, source, options, "slots", seed)
    nats = nats_of(options, len(source))
    plan = VaePlan(options.network, options.latent, options.bag, options.kl, nats, options.warm_up)
    learn_vae(plan, prepared, options, directory, seed).write(directory)


def nats_of(options: VaeOptions, sentences: int) -> float:
    """Returns the divergence that options ask for, or where they do not what suits so many sentences."""
    if options.nats is not None:
        return options.nats
    return _NATS if sentences >= SMALL or is_private(options) else _NATS_SMALL


def train_rival(rival: Literal["gan", "flow"], options: RivalOptions, directory: Path, seed: int) -> None:
    """Trains a GAN or a flow in the latent space of the VAE that a directory has, and writes it there."""
    from textsynth.networks.trained_gan import LatentPlan, learn_latent
    from textsynth.networks.trained_vae import TrainedVae

    vae = TrainedVae.read(directory, options.device)
    plan = LatentPlan(rival, options.steps, options.latent_hidden, options.device)
    learn_latent(plan, vae, directory, seed).write(directory)
