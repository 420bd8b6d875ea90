"""Judges sentences: the critic of a latent GAN, and a sceptic that has seen decoys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from textsynth.corpus import Corpus
from textsynth.foundation.seeding import child_rng
from textsynth.networks.corruption import decoys
from textsynth.networks.discriminator import Sceptic, ScepticPlan, evidence_of, learn_sceptic
from textsynth.networks.latent_gan import LatentGan
from textsynth.networks.trained_gan import TrainedLatent
from textsynth.networks.trained_vae import TrainedVae
from textsynth.training.device import one_thread
from textsynth.training.options import Device
from textsynth.wording.sentences import Sentences
from textsynth.wording.vocabulary import parts_of

_MOST = 4000


@dataclass(frozen=True)
class Critic:
    """A VAE that says where sentences lie and what they cost, a critic of points, and a sceptic that hears both."""

    vae: TrainedVae
    gan: LatentGan
    sceptic: Sceptic

    @classmethod
    def read(cls, directory: Path, device: Device) -> Critic:
        """Reads all three."""
        vae, gan = _networks(directory, device)
        return cls(vae, gan, Sceptic.read(directory, gan.shape))

    def verdicts(self, corpus: Corpus) -> np.ndarray:
        """Returns the verdict on each example, the higher the more real; nan where its class or a label is unknown.

        What is longer than the VAE can write is as unreal as can be.
        """
        known = np.array([self._knows(each.label, [span.label for span in each.spans]) for each in corpus], bool)
        verdicts = np.full(len(corpus), np.nan)
        if known.any():
            sentences = Sentences.of(corpus.mask(known), self.vae.vocabulary)
            verdicts[known] = -np.inf
            short = np.flatnonzero(sentences.lengths <= self.vae.longest)
            verdicts[np.flatnonzero(known)[short]] = self._told(sentences.take(short))
        return verdicts

    def _told(self, sentences: Sentences) -> np.ndarray:
        if len(sentences) == 0:
            return np.zeros(0)
        with one_thread(), torch.inference_mode():
            return self.sceptic(evidence_of(self.vae, self.gan, sentences)).numpy()

    def _knows(self, label: str | None, labels: list[str]) -> bool:
        return label in self.vae.vocabulary.classes and set(labels) <= set(self.vae.vocabulary.labels)


def learn_critic(source: Corpus, directory: Path, device: Device, seed: int) -> bool:
    """Trains a sceptic beside the VAE and the GAN that a directory has, on sentences that the VAE has learnt from.

    Returns:
        Whether there are decoys to tell them from; a source of single words has none.
    """
    vae, gan = _networks(directory, device)
    rng = child_rng(seed, "decoys")
    rows = np.setdiff1d(np.arange(len(source)), vae.heldout)
    some = source.take(np.sort(rng.permutation(rows)[:_MOST]))
    parts = [parts_of(example, vae.vocabulary.marks) for example in some]
    classes = some.table.column("label").to_pylist()
    made = decoys(parts, rng)
    real = Sentences.encoded(parts, classes, vae.vocabulary)
    unreal = Sentences.encoded([decoy for _, decoy in made], [classes[row] for row, _ in made], vae.vocabulary)
    unreal = unreal.take(np.flatnonzero(unreal.lengths <= vae.longest))
    if len(unreal) == 0:
        return False
    with one_thread():
        evidence = evidence_of(vae, gan, real), evidence_of(vae, gan, unreal)
    learn_sceptic(evidence, gan.shape, directory, ScepticPlan(device, seed))
    return True


def _networks(directory: Path, device: Device) -> tuple[TrainedVae, LatentGan]:
    network = TrainedLatent.read(directory, device).network
    if not isinstance(network, LatentGan):
        raise TypeError("a flow has no critic")
    return TrainedVae.read(directory, device), network
