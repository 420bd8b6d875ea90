"""A network that tells real sentences from corruptions, beside the critic of a GAN, which tells points from points.

A critic over latents sees only what the encoder keeps of a sentence, and that of a shuffled one is much like that of
others. How hard the decoder finds a sentence at its own point says more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from textsynth.networks.latent_gan import LatentGan
from textsynth.networks.latent_network import LatentShape, Layers
from textsynth.networks.trained_vae import TrainedVae
from textsynth.training.checkpoint import read_weights, write_weights
from textsynth.training.descent_objective import DescentObjective
from textsynth.training.device import accelerator_on, one_thread
from textsynth.training.loop import Descent, Plan, seed_torch, train
from textsynth.training.options import Device
from textsynth.wording.sentences import Sentences

_WEIGHTS = "discriminator.safetensors"

_MORE = 2
"""Numbers that are known of a sentence beside its point: its cost, and the verdict of the critic."""
_BATCH, _RATE = 128, 1e-3
"""Sentences a training step, and the learning rate."""
_STEPS = 1000
"""Training steps, about and at most."""
_LEAST, _MOST = 10, 200
"""Epochs, whatever steps that makes."""


class Evidence(NamedTuple):
    """What is known of sentences.

    Args:
        numbers: `(sentences, latent + 2)`; their points, brought to mean 0 and covariance 1, the nats that a symbol of
            them costs there, and the verdict of the critic.
        classes: `(sentences,)`.
    """

    numbers: torch.Tensor
    classes: torch.Tensor


class Discriminator(nn.Module):
    """Says how much more likely a sentence is real than a corruption."""

    centre: torch.Tensor
    scale: torch.Tensor

    def __init__(self, shape: LatentShape) -> None:
        super().__init__()
        width = shape.latent + _MORE
        self.layers = Layers(width, 1, shape)
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))

    def fit_scaling(self, evidence: Evidence) -> None:
        """Takes mean and deviation from what will be learnt."""
        self.centre.copy_(evidence.numbers.mean(dim=0))
        self.scale.copy_(evidence.numbers.std(dim=0).clamp(min=1e-3))

    def forward(self, evidence: Evidence) -> torch.Tensor:
        """Returns log-odds, `(sentences,)`."""
        return self.layers((evidence.numbers - self.centre) / self.scale, evidence.classes)[:, 0]

    def write(self, directory: Path) -> None:
        """Writes the weights."""
        write_weights(self, directory / _WEIGHTS)

    @classmethod
    def read(cls, directory: Path, shape: LatentShape) -> Discriminator:
        """Reads what `write` wrote."""
        with seed_torch(0):
            network = cls(shape)
        read_weights(network, directory / _WEIGHTS)
        return network


class DiscriminatorObjective(DescentObjective[Discriminator, torch.Tensor]):
    """Learns to tell real sentences from corruptions, which together weigh as much.

    Args:
        network: what learns.
        descent: its optimiser.
        evidence: of real sentences and corruptions.
        real: `(sentences,)`; which are real.
    """

    def __init__(self, network: Discriminator, descent: Descent, evidence: Evidence, real: torch.Tensor) -> None:
        super().__init__(network, descent)
        self._evidence, self._real = evidence, real
        # There are about four corruptions of each sentence.
        self._weight = (~real).sum() / real.sum()

    def batches(self, rng: np.random.Generator) -> Iterator[torch.Tensor]:
        """Yields positions of sentences in a random order."""
        return iter(torch.from_numpy(rng.permutation(len(self._real))).split(_BATCH))

    def cost(self, batch: torch.Tensor) -> torch.Tensor:
        """Returns the cross-entropy of verdicts on the sentences at these positions, nats."""
        device = next(self.network.parameters()).device
        verdicts = self.network(Evidence(*(column[batch].to(device) for column in self._evidence))).float()
        wanted = self._real[batch].to(verdicts)
        return nn.functional.binary_cross_entropy_with_logits(verdicts, wanted, pos_weight=self._weight.to(verdicts))

    def measure(self) -> Mapping[str, float]:
        """Returns the loss on all of it, nats."""
        return {"loss": float(self.cost(torch.arange(len(self._real))))}


@torch.inference_mode()
def evidence_of(vae: TrainedVae, gan: LatentGan, sentences: Sentences) -> Evidence:
    """Returns what a VAE and the critic of a GAN know of sentences."""
    device, batches = gan.centre.device, list(sentences.batches(256))
    found = []
    for rows in batches:
        batch = sentences.batch(rows).to(device)
        points = vae.network.encode(batch).mean
        cost = vae.network.reconstruction(batch, points) / batch.lengths.to(device)
        white = gan.whiten(points)
        found.append(torch.cat([white, cost[:, None], gan.critic(white, batch.classes)], dim=1))
    back = torch.from_numpy(np.argsort(np.concatenate(batches)))
    return Evidence(torch.cat(found).cpu()[back], torch.from_numpy(sentences.classes))


def learn_discriminator(
    evidence: tuple[Evidence, Evidence], shape: LatentShape, directory: Path, plan: DiscriminatorPlan
) -> None:
    """Trains a discriminator on the evidence of real sentences and of corruptions, and writes it into a directory."""
    real = torch.arange(sum(len(each.classes) for each in evidence)) < len(evidence[0].classes)
    # Clones, as tensors that were made for inference cannot be learnt from.
    together = Evidence(*(torch.cat(columns).clone() for columns in zip(*evidence, strict=True)))
    with seed_torch(plan.seed, "discriminator"):
        network = Discriminator(shape)
    network.fit_scaling(together)
    objective = DiscriminatorObjective(network, Descent(network, accelerator_on(plan.device), _RATE), together, real)
    epochs = int(np.clip(min(_STEPS, plan.steps) * _BATCH // len(real), _LEAST, _MOST))
    with one_thread():
        train(objective, Plan("discriminator", epochs, None, plan.seed), directory)
    network.write(directory)


class DiscriminatorPlan(NamedTuple):
    """How a discriminator is trained.

    Args:
        device: where.
        seed: of all that is random.
        steps: training steps, at most, unless that makes fewer than ten epochs.
    """

    device: Device
    seed: int
    steps: int
