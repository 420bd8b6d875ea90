"""Rectified flow in latent space (Liu et al. 2023, Flow Straight and Fast): a modern rival to compare the GAN with.

It trains without a critic, and came out no better than the GAN by any score, so users are not asked to choose.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from textsynth.networks.latent_network import LatentNetwork, LatentObjective, LatentShape, Layers, Points
from textsynth.networks.trained_gan import divide_latents
from textsynth.networks.trained_vae import TrainedVae
from textsynth.training.device import accelerator_on, one_thread
from textsynth.training.loop import Descent, Plan, seed_torch, train
from textsynth.training.training_log import write_record

_SOLVED_IN = 32
"""Steps in which noise becomes points."""
_EPOCH, _BATCH, _RATE, _HIDDEN = 250, 128, 1e-3, 128
"""Training steps an epoch, points a step, learning rate, and numbers of a layer."""


class LatentFlow(LatentNetwork):
    """A velocity that leads from noise to latents in straight lines."""

    def __init__(self, shape: LatentShape) -> None:
        super().__init__(shape)
        self.velocity = Layers(shape.latent + 1, shape.latent, shape)

    @torch.inference_mode()
    def draw(self, classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draws a point for each class: noise that is moved in steps, by the velocity half-way."""
        device = self.centre.device
        points = torch.from_numpy(rng.standard_normal((len(classes), self.shape.latent), np.float32)).to(device)
        labels = torch.from_numpy(classes).to(device)
        for step in range(_SOLVED_IN):
            half = points + self.speed(points, self._times(points, step), labels) / (2 * _SOLVED_IN)
            points = points + self.speed(half, self._times(points, step + 0.5), labels) / _SOLVED_IN
        return self.recolour(points).cpu().numpy()

    def speed(self, points: torch.Tensor, times: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Returns the velocity at points `(points, latent)` and times `(points, 1)` between 0 and 1."""
        return self.velocity(torch.cat([points, times], dim=1), labels)

    @staticmethod
    def _times(points: torch.Tensor, step: float) -> torch.Tensor:
        return points.new_full((len(points), 1), step / _SOLVED_IN)


class FlowObjective(LatentObjective[LatentFlow]):
    """Learns the velocity between noise and latents."""

    def cost(self, batch: Points) -> torch.Tensor:
        """Returns how far the velocity is from the straight line between noise and a point, somewhere on that line."""
        points, labels = batch
        noise, times = torch.randn_like(points), torch.rand(len(points), 1, device=points.device)
        speed = self.network.speed(noise + times * (points - noise), times, labels)
        return (speed - (points - noise)).square().mean()


def learn_flow(vae: TrainedVae, steps: int, directory: Path, seed: int) -> LatentFlow:
    """Trains a flow on where the sentences of a VAE lie, on the CPU, and writes its curves."""
    training, heldout = divide_latents(vae, seed)
    with seed_torch(seed, "weights"):
        network = LatentFlow(LatentShape(vae.latents.mean.shape[1], len(vae.vocabulary.classes), _HIDDEN))
    network.fit_whitening(training)
    descent = Descent(network, accelerator_on("cpu"), _RATE)
    objective = FlowObjective(network, [descent], training, heldout, min(_BATCH, len(training.classes)), _EPOCH)
    with one_thread():
        curves = train(objective, Plan("flow", max(1, steps // _EPOCH), steps, seed), directory)
    write_record(directory, {"flow": curves}, {})
    return network
