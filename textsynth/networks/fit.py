"""Trains a VAE, and a GAN in its latent space, into a directory. torch is imported when something is trained."""

from __future__ import annotations

from pathlib import Path

from textsynth.corpus import Corpus
from textsynth.networks.vae_options import CriticOptions, LatentOptions
from textsynth.training.options import Device, NetworkSpec


def train_vae(name: str, spec: NetworkSpec, latent: LatentOptions, source: Corpus, directory: Path, seed: int) -> None:
    """Trains a VAE on a source, and writes it; if one was written before the fit was cut off, that is the same.

    Args:
        name: of the component, for messages.
        spec: how large the networks are, and how they learn.
        latent: the latent space.
        source: what it learns from.
        directory: where it is written.
        seed: of all that is random.
    """
    from textsynth.networks.trained_vae import NOTES, learn_vae
    from textsynth.training.training_set import prepare_training_set

    if (directory / NOTES).exists():
        return
    training_set = prepare_training_set(name, source, spec, "slots", seed)
    learn_vae(latent, training_set, spec, directory, seed).write(directory)


def train_gan(options: CriticOptions, device: Device, directory: Path, seed: int) -> None:
    """Trains a GAN in the latent space of the VAE that a directory has, and writes it there."""
    from textsynth.networks.trained_gan import learn_gan
    from textsynth.networks.trained_vae import TrainedVae

    learn_gan(options, TrainedVae.read(directory, device), device, directory, seed).write(directory)
