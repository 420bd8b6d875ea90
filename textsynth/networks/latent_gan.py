"""A GAN in latent space: a generator and a critic that compete over where sentences lie.

ARAE (Zhao et al. 2018) and LaTextGAN (Donahue & Rumshisky 2018), with the gradient penalty of WGAN-GP (Gulrajani et al.
2017) and the averaged weights of the generator.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from textsynth.networks.latent_network import LatentNetwork, LatentObjective, LatentShape, Layers, Points

BETAS = (0.0, 0.9)
"""Of both optimisers, as for WGAN-GP."""

_PENALTY = 10.0
"""Weight of the gradient penalty, as for WGAN-GP."""
_CRITIC_STEPS = 5
"""Steps of the critic for each of the generator."""
_AVERAGED = 0.999
"""Share of the averaged weights that is kept a step, once the average is long."""


class _Generator(Layers):
    """Moves noise to where sentences lie; it begins with noise that stays, spread as all sentences are."""

    def __init__(self, shape: LatentShape) -> None:
        super().__init__(shape.latent, shape.latent, shape)
        last = self.body[-1]
        # With a last layer of zeros the noise comes out as it went in.
        nn.init.zeros_(last.weight)  # type: ignore[arg-type]
        nn.init.zeros_(last.bias)  # type: ignore[arg-type]

    def forward(self, noise: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        """Returns `(points, latent)`."""
        return noise + super().forward(noise, classes)


class LatentGan(LatentNetwork):
    """The generator, its average over training, and the critic."""

    def __init__(self, shape: LatentShape) -> None:
        super().__init__(shape)
        self.generator = _Generator(shape)
        self.average = copy.deepcopy(self.generator)
        self.critic = Layers(shape.latent, 1, shape)

    @torch.inference_mode()
    def draw(self, classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draws a point for each class from the averaged generator."""
        device = self.centre.device
        noise = torch.from_numpy(rng.standard_normal((len(classes), self.shape.latent), np.float32)).to(device)
        return self.recolour(self.average(noise, torch.from_numpy(classes).to(device))).cpu().numpy()

    @torch.inference_mode()
    def realism(self, points: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """Returns the critic's verdict on each point: the higher, the more real; it has no unit."""
        device = self.centre.device
        whitened = self.whiten(torch.from_numpy(points).to(device))
        return self.critic(whitened, torch.from_numpy(classes).to(device))[:, 0].cpu().numpy()


class GanObjective(LatentObjective[LatentGan]):
    """Trains the critic, and after every few steps the generator.

    Its optimisers are that of the critic, which takes a step on every batch, and that of the generator.
    """

    def cost(self, batch: Points) -> torch.Tensor:
        """Returns what the critic pays for a batch."""
        excess, penalty = self._critic_costs(batch)
        return excess + penalty

    def learn(self, batch: Points) -> Mapping[str, float]:
        """Takes a step of the critic, and perhaps one of the generator."""
        critic, generator = self._descents
        excess, penalty = self._critic_costs(batch)
        critic.step(excess + penalty)
        losses = {"critic_loss": excess.item()}
        if critic.steps % _CRITIC_STEPS == 0:
            _, labels = batch
            loss = -self.network.critic(self._make(labels), labels).mean()
            generator.step(loss)
            self._average(generator.steps)
            losses["generator_loss"] = loss.item()
        return losses

    def _critic_costs(self, batch: Points) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns by how much the critic holds made points for more real than true ones, and its penalty."""
        points, labels = batch
        # The critic learns here, so the generator gets no gradient.
        made = self._make(labels).detach()
        excess = self.network.critic(made, labels).mean() - self.network.critic(points, labels).mean()
        return excess, _PENALTY * self._penalty(points, made, labels)

    def _make(self, labels: torch.Tensor) -> torch.Tensor:
        noise = torch.randn(len(labels), self.network.shape.latent, device=labels.device)
        return self.network.generator(noise, labels)

    def _penalty(self, points: torch.Tensor, made: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Returns how far the slope of the critic is from 1, between real points and made ones."""
        # The slope is held at 1 along the lines between points and made ones, where the best critic has it.
        share = torch.rand(len(points), 1, device=points.device)
        between = (share * points + (1 - share) * made).requires_grad_()
        verdict = self.network.critic(between, labels).sum()
        # Summed, as the verdict on a point depends on no other point: each slope is its own.
        (slope,) = torch.autograd.grad(verdict, between, create_graph=True)
        return (slope.norm(dim=1) - 1).square().mean()

    @torch.no_grad()
    def _average(self, step: int) -> None:
        """Moves the average on; it is short at first, so that the weights it began with are soon forgotten."""
        # 2/11 in the first step of the generator, and _AVERAGED from some nine thousand on.
        kept = min(_AVERAGED, (1 + step) / (10 + step))
        for mean, weight in zip(self.network.average.parameters(), self.network.generator.parameters(), strict=True):
            mean.lerp_(weight, 1 - kept)
