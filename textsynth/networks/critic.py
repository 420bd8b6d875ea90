"""Judges sentences: the critic of a latent GAN, and a discriminator that has seen corruptions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from textsynth.corpus import Corpus
from textsynth.corpus.classes import join_classes
from textsynth.foundation.seeding import child_rng
from textsynth.networks.corruption import corruptions
from textsynth.networks.discriminator import Discriminator, DiscriminatorPlan, evidence_of, learn_discriminator
from textsynth.networks.latent_gan import LatentGan
from textsynth.networks.trained_gan import TrainedGan
from textsynth.networks.trained_vae import TrainedVae
from textsynth.training.device import one_thread
from textsynth.training.options import Device
from textsynth.wording.sentences import Sentences
from textsynth.wording.vocabulary import parts_of

_MOST = 4000
"""Sentences of the source, at most, that a discriminator learns from."""


@dataclass(frozen=True)
class Critic:
    """A VAE that says where sentences lie and what they cost, a critic of points, a discriminator that sees both."""

    vae: TrainedVae
    gan: LatentGan
    discriminator: Discriminator

    @classmethod
    def read(cls, directory: Path, device: Device) -> Critic:
        """Reads all three."""
        vae, gan = _networks(directory, device)
        return cls(vae, gan, Discriminator.read(directory, gan.shape))

    def verdicts(self, corpus: Corpus) -> np.ndarray:
        """Returns the verdict on each example, the higher the more real; nan if its class or a label is unknown.

        What is longer than the VAE can write is as unreal as can be.
        """
        known = np.array(
            [self._knows(join_classes(each.label), [span.label for span in each.spans]) for each in corpus], bool
        )
        verdicts = np.full(len(corpus), np.nan)
        if known.any():
            sentences = Sentences.of(corpus.mask(known), self.vae.vocabulary)
            verdicts[known] = -np.inf
            short = np.flatnonzero(sentences.lengths <= self.vae.longest)
            verdicts[np.flatnonzero(known)[short]] = self._judge(sentences.take(short))
        return verdicts

    def _judge(self, sentences: Sentences) -> np.ndarray:
        if len(sentences) == 0:
            return np.zeros(0)
        with one_thread(), torch.inference_mode():
            return self.discriminator(evidence_of(self.vae, self.gan, sentences)).numpy()

    def _knows(self, label: str | None, labels: list[str]) -> bool:
        return label in self.vae.vocabulary.classes and set(labels) <= set(self.vae.vocabulary.labels)


def learn_critic(source: Corpus, directory: Path, plan: DiscriminatorPlan) -> bool:
    """Trains a discriminator beside the VAE and the GAN of a directory, on sentences that the VAE has learnt from.

    Returns:
        Whether there are corruptions to tell them from; a source of single words has none.
    """
    vae, gan = _networks(directory, plan.device)
    rng = child_rng(plan.seed, "corruptions")
    rows = np.setdiff1d(np.arange(len(source)), vae.heldout)
    some = source.take(np.sort(rng.permutation(rows)[:_MOST]))
    parts = [parts_of(example, vae.vocabulary.marks) for example in some]
    classes = some.table.column("label").to_pylist()
    made = corruptions(parts, rng)
    real = Sentences.encode(parts, classes, vae.vocabulary)
    unreal = Sentences.encode([corruption for _, corruption in made], [classes[row] for row, _ in made], vae.vocabulary)
    unreal = unreal.take(np.flatnonzero(unreal.lengths <= vae.longest))
    if len(unreal) == 0:
        return False
    with one_thread():
        evidence = evidence_of(vae, gan, real), evidence_of(vae, gan, unreal)
    learn_discriminator(evidence, gan.shape, directory, plan)
    return True


def _networks(directory: Path, device: Device) -> tuple[TrainedVae, LatentGan]:
    return TrainedVae.read(directory, device), TrainedGan.read(directory, device).network
