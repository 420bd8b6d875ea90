"""Samples a GAN, or a flow, that was trained in the latent space of a text VAE (ARAE, Zhao et al. 2018)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from textsynth.components.generator import Draft, Generator, Sampler
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.networks.vae_options import RivalOptions, VaeWritingOptions, train_rival, train_vae

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Gan(RivalOptions, VaeWritingOptions, Generator):
    """Trains a VAE, and in its latent space a generator and a critic that compete; both know the class.

    A GAN that ends more than twice as far from real sentences as a Gaussian for each class, or whose modes have
    collapsed, says so, and the Gaussian takes its place. A few sentences are no judge of it.

    Args:
        rival: "gan" (WGAN-GP with averaged weights), or "flow" (rectified flow) to compare it with.
        fallback: whether a Gaussian for each class takes the place of a network that failed.
    """

    example_options: ClassVar[Mapping[str, Any]] = {"hidden": 32, "embedding": 32, "epochs": 12, "steps": 100}

    rival: Literal["gan", "flow"] = "gan"
    fallback: bool = True

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Trains the VAE and then the network in its latent space."""
        from textsynth.networks.class_guess import write_class_guesser
        from textsynth.wording.filling import write_filler

        seed = int(rng.integers(2**62))
        train_vae("gan", self, resources.source, directory, seed)
        train_rival(self.rival, self, directory, seed + 1)
        write_filler(self, resources, rng, directory)
        write_class_guesser(resources.source, directory)

    def sampler(self, directory: Path) -> Sampler:
        """Loads VAE and network."""
        return _Drawing(self, directory)


class _Drawing:
    """The sampler: points from the network, and what the decoder makes of them."""

    def __init__(self, options: Gan, directory: Path) -> None:
        from textsynth.networks.trained_gan import TrainedLatent
        from textsynth.networks.vae_writer import VaeWriter

        self._writer = VaeWriter(options, options.device, directory)
        trained = TrainedLatent.read(directory, options.device)
        self._points = trained.network.draw
        if trained.failed and options.fallback:
            logger.warning("gan: a Gaussian for each class takes its place: %s", trained.failed)
            self._points = self._writer.prior.draw

    def __call__(self, count: int, rng: np.random.Generator, label: str | None = None) -> Corpus | Draft:
        from textsynth.training.device import one_thread

        rows = self._writer.rows(label)
        if len(rows) == 0:
            return Corpus.empty()
        classes = self._writer.vae.latents.classes[rows[rng.integers(len(rows), size=count)]]
        with one_thread():
            points = self._points(classes, rng)
        return self._writer.at(points, classes, rng)
