"""Rectified flow in latent space (Liu et al. 2023, Flow Straight and Fast): a modern rival of the GAN."""

from __future__ import annotations

import numpy as np
import torch

from textsynth.networks.latent_network import LatentNetwork, LatentObjective, LatentShape, Layers, Points

_STEPS = 32


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
        for step in range(_STEPS):
            half = points + self.speed(points, self._times(points, step), labels) / (2 * _STEPS)
            points = points + self.speed(half, self._times(points, step + 0.5), labels) / _STEPS
        return self.recolour(points).cpu().numpy()

    def speed(self, points: torch.Tensor, times: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Returns the velocity at points `(points, latent)` and times `(points, 1)` between 0 and 1."""
        return self.velocity(torch.cat([points, times], dim=1), labels)

    @staticmethod
    def _times(points: torch.Tensor, step: float) -> torch.Tensor:
        return points.new_full((len(points), 1), step / _STEPS)


class FlowObjective(LatentObjective[LatentFlow]):
    """Learns the velocity between noise and latents."""

    def cost(self, batch: Points) -> torch.Tensor:
        """Returns how far the velocity is from the straight line between noise and a point, somewhere on that line."""
        points, labels = batch
        noise, times = torch.randn_like(points), torch.rand(len(points), 1, device=points.device)
        speed = self.network.speed(noise + times * (points - noise), times, labels)
        return (speed - (points - noise)).square().mean()
