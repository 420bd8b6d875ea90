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

from textsynth.networks.latent import Latents
from textsynth.networks.latent_network import Heldout, LatentNetwork, LatentObjective, LatentShape, Layers
from textsynth.training.loop import Descent, Stateful, StepCount

BETAS = (0.0, 0.9)
"""Of both optimisers, as for WGAN-GP."""

_PENALTY = 10.0
_CRITIC_STEPS = 5
_AVERAGED = 0.999


class _Generator(Layers):
    """Moves noise to where sentences lie; it begins with noise that stays, spread as all sentences are."""

    def __init__(self, shape: LatentShape) -> None:
        super().__init__(shape.latent, shape.latent, shape)
        last = self.body[-1]
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


class GanObjective(LatentObjective):
    """Trains the critic, and after every few steps the generator.

    Args:
        network: the GAN.
        descents: the optimisers of its generator and its critic.
        latents: where the sentences lie.
        heldout: what it is compared with.
        size: points a batch.
        steps: steps of the critic an epoch.
    """

    network: LatentGan

    def __init__(
        self,
        network: LatentGan,
        descents: tuple[Descent, Descent],
        latents: Latents,
        heldout: Heldout,
        size: int,
        steps: int,
    ) -> None:
        super().__init__(network, latents, heldout, size, steps)
        self._generator, self._critic = descents
        self._taken = StepCount()

    def parts(self) -> Mapping[str, Stateful]:
        """Returns the networks, both optimisers and the number of steps."""
        optimisers = {"generator": self._generator.optimiser, "critic": self._critic.optimiser}
        return {"network": self.network, **optimisers, "taken": self._taken}

    def slow_down(self, share: float) -> None:
        """Sets both learning rates to a share of what they were at first."""
        self._generator.slow_down(share)
        self._critic.slow_down(share)

    def learn(self, batch: tuple[torch.Tensor, torch.Tensor]) -> Mapping[str, float]:
        """Takes a step of the critic, and perhaps one of the generator."""
        points, labels = batch
        made = self._make(labels)
        wanted = self.network.critic(made.detach(), labels).mean() - self.network.critic(points, labels).mean()
        self._critic.step(wanted + _PENALTY * self._penalty(points, made.detach(), labels))
        losses = {"critic_loss": wanted.item()}
        self._taken.count += 1
        if self._taken.count % _CRITIC_STEPS == 0:
            loss = -self.network.critic(self._make(labels), labels).mean()
            self._generator.step(loss)
            self._average(self._taken.count // _CRITIC_STEPS)
            losses["generator_loss"] = loss.item()
        return losses

    def _make(self, labels: torch.Tensor) -> torch.Tensor:
        noise = torch.randn(len(labels), self.network.shape.latent, device=labels.device)
        return self.network.generator(noise, labels)

    def _penalty(self, points: torch.Tensor, made: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Returns how far the slope of the critic is from 1, between real points and made ones."""
        share = torch.rand(len(points), 1, device=points.device)
        between = (share * points + (1 - share) * made).requires_grad_()
        verdict = self.network.critic(between, labels).sum()
        (slope,) = torch.autograd.grad(verdict, between, create_graph=True)
        return (slope.norm(dim=1) - 1).square().mean()

    @torch.no_grad()
    def _average(self, step: int) -> None:
        """Moves the average on; it is short at first, so that the weights it began with are soon forgotten."""
        kept = min(_AVERAGED, (1 + step) / (10 + step))
        for mean, weight in zip(self.network.average.parameters(), self.network.generator.parameters(), strict=True):
            mean.lerp_(weight, 1 - kept)
