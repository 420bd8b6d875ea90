"""The critic of a latent GAN as a judge of sentences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.corpus import Corpus
from textsynth.models.device import one_thread
from textsynth.models.latent_gan import LatentGan
from textsynth.models.lessons import encoded
from textsynth.models.options import Device
from textsynth.models.sentences import Sentences
from textsynth.models.trained_gan import TrainedLatent
from textsynth.models.trained_vae import TrainedVae


@dataclass(frozen=True)
class Critic:
    """A VAE that says where sentences lie, and a critic that says how real that is."""

    vae: TrainedVae
    gan: LatentGan

    @classmethod
    def read(cls, directory: Path, device: Device) -> Critic:
        """Reads both."""
        network = TrainedLatent.read(directory, device).network
        if not isinstance(network, LatentGan):
            raise TypeError("a flow has no critic")
        return cls(TrainedVae.read(directory, device), network)

    def of_heldout(self) -> np.ndarray:
        """Returns the verdict on each sentence that training did not see; on all where none was held out."""
        latents = self.vae.latents
        rows = self.vae.heldout if len(self.vae.heldout) else np.arange(len(latents.classes))
        with one_thread():
            return self.gan.realism(latents.mean[rows], latents.classes[rows])

    def verdicts(self, corpus: Corpus) -> np.ndarray:
        """Returns the verdict on each example, the higher the more real; nan where its class or a label is unknown."""
        vocabulary = self.vae.vocabulary
        known = np.array([self._knows(each.label, [span.label for span in each.spans]) for each in corpus], bool)
        verdicts = np.full(len(corpus), np.nan)
        if known.any():
            sentences = Sentences.of(corpus.mask(known), vocabulary)
            with one_thread():
                points = encoded(self.vae.network, sentences).mean.numpy()
                verdicts[known] = self.gan.realism(points, sentences.classes)
        return verdicts

    def _knows(self, label: str | None, labels: list[str]) -> bool:
        return label in self.vae.vocabulary.classes and set(labels) <= set(self.vae.vocabulary.labels)
