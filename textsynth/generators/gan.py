"""Samples a GAN that was trained in the latent space of a text VAE (ARAE, Zhao et al. 2018)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from textsynth.components.generator import Draft, Generator, Sampler
from textsynth.corpus import Corpus
from textsynth.corpus.classes import Label
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_seed
from textsynth.networks.fit import train_gan, train_vae
from textsynth.networks.vae_options import CriticOptions, LatentOptions, VaeWritingOptions
from textsynth.training.options import Device, NetworkOptions, NetworkSpec, TrainingOptions

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Gan(VaeWritingOptions, Generator):
    """Trains a VAE, and in its latent space a generator and a critic that compete; both know the class.

    A GAN that ends more than twice as far from real sentences as a Gaussian for each class, or whose modes have
    collapsed, says so, and the Gaussian is used instead. A few sentences are no judge of it.

    Args:
        fallback: whether a Gaussian for each class is used instead of a GAN that failed.
        device: where to train and sample; "auto" takes a GPU if there is one.
    """

    extras = ("torch",)

    example_options: ClassVar[Mapping[str, Any]] = {
        "network": {"hidden": 32, "embedding": 32},
        "training": {"epochs": 5},
        "critic": {"steps": 50},
    }

    fallback: bool = True
    device: Device = "auto"
    network: NetworkOptions = field(default_factory=NetworkOptions)
    latent: LatentOptions = field(default_factory=LatentOptions)
    training: TrainingOptions = field(default_factory=TrainingOptions)
    critic: CriticOptions = field(default_factory=CriticOptions)

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Trains the VAE and then the GAN in its latent space."""
        from textsynth.networks.class_guess import write_class_guesser
        from textsynth.wording.filling import write_filler

        seed = int(rng.integers(2**62))
        spec = NetworkSpec(self.network, self.training, device=self.device)
        train_vae("gan", spec, self.latent, resources.source, directory, child_seed(seed, "vae"))
        train_gan(self.critic, self.device, directory, child_seed(seed, "gan"))
        write_filler(self, resources, rng, directory)
        write_class_guesser(resources.source, directory)

    def sampler(self, directory: Path) -> Sampler:
        """Loads VAE and GAN."""
        return _Drawing(self, directory)


class _Drawing:
    """The sampler: points from the network, and what the decoder makes of them."""

    def __init__(self, options: Gan, directory: Path) -> None:
        from textsynth.networks.trained_gan import TrainedGan
        from textsynth.networks.vae_writer import VaeWriter

        style = options.temperature, options.top_p
        self._writer = VaeWriter(directory, options.device, style, options.same_class)
        trained = TrainedGan.read(directory, options.device)
        self._points = trained.network.draw
        if trained.failed and options.fallback:
            logger.warning("gan: a Gaussian for each class is used instead: %s", trained.failed)
            self._points = self._writer.prior.draw

    def __call__(self, count: int, rng: np.random.Generator, label: Label | None = None) -> Corpus | Draft:
        from textsynth.training.device import one_thread

        rows = self._writer.rows(label)
        if len(rows) == 0:
            return Corpus.empty()
        classes = self._writer.vae.latents.classes[rows[rng.integers(len(rows), size=count)]]
        with one_thread():
            points = self._points(classes, rng)
        return self._writer.at(points, classes, rng)
