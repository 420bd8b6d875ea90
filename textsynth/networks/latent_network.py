"""What networks over a latent space share: their layers, the whitening before them, batches of latents."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from torch import nn

from textsynth.foundation.seeding import child_rng
from textsynth.networks.latent import Latents
from textsynth.scores import frechet_distance
from textsynth.training.descent_objective import DescentObjective
from textsynth.training.loop import Descent

_LABEL = 32
"""Numbers that a class becomes."""

_DRAWN = 4000
"""Points that are drawn, about, to measure a distance."""


@dataclass(frozen=True)
class LatentShape:
    """How large the networks of a latent space are.

    Args:
        latent: numbers a sentence becomes.
        classes: classes there are.
        hidden: numbers of a layer.
    """

    latent: int
    classes: int
    hidden: int = 256


class Layers(nn.Module):
    """Three layers that see points and their class, and a fourth that answers."""

    def __init__(self, inputs: int, outputs: int, shape: LatentShape) -> None:
        super().__init__()
        self.label = nn.Embedding(shape.classes, _LABEL)
        widths = [inputs + _LABEL, shape.hidden, shape.hidden, shape.hidden]
        layers = [nn.Sequential(nn.Linear(*pair), nn.LeakyReLU(0.2)) for pair in itertools.pairwise(widths)]
        self.body = nn.Sequential(*layers, nn.Linear(shape.hidden, outputs))

    def forward(self, points: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        """Returns `(points, outputs)`."""
        return self.body(torch.cat([points, self.label(classes)], dim=1))


class LatentNetwork(nn.Module):
    """A network over latents that are brought to mean 0 and covariance 1 first."""

    centre: torch.Tensor
    colour: torch.Tensor
    white: torch.Tensor

    def __init__(self, shape: LatentShape) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("centre", torch.zeros(shape.latent))
        self.register_buffer("colour", torch.eye(shape.latent))
        self.register_buffer("white", torch.eye(shape.latent))

    def fit_whitening(self, latents: Latents) -> None:
        """Takes mean and covariance from the aggregate posterior that will be learnt."""
        covariance = np.atleast_2d(np.cov(latents.mean.T, bias=True)) + np.diag((latents.deviation**2).mean(axis=0))
        # The root by eigenvectors and its inverse: `white @ colour` is the identity.
        values, vectors = np.linalg.eigh(covariance)
        self.centre.copy_(torch.from_numpy(latents.mean.mean(axis=0)))
        self.colour.copy_(torch.from_numpy(vectors * np.sqrt(values)))
        self.white.copy_(torch.from_numpy((vectors / np.sqrt(values)).T))

    def whiten(self, points: torch.Tensor) -> torch.Tensor:
        """Returns latents with mean 0 and covariance 1."""
        return (points - self.centre) @ self.white.T

    def recolour(self, points: torch.Tensor) -> torch.Tensor:
        """Returns what `whiten` was given."""
        return points @ self.colour.T + self.centre

    def draw(self, classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draws a point of the latent space for each class, `(points, latent)`."""
        raise NotImplementedError


class Heldout(NamedTuple):
    """Where the sentences lie that a network is compared with.

    Args:
        points: `(sentences, latent)`; of their posteriors.
        classes: `(sentences,)`.
        unseen: whether they were held out; too few are not compared with, but the whole source.
    """

    points: np.ndarray
    classes: np.ndarray
    unseen: bool = True

    def mark_classes(self, points: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """Puts the class beside points as further dimensions, so that a point of another class is far off."""
        # As large as points are spread: neither class nor place outweighs the other.
        marks = np.eye(int(self.classes.max()) + 1) * self.points.std()
        return np.hstack([points, marks[classes]])


Points = tuple[torch.Tensor, torch.Tensor]
"""Points that were whitened, `(points, latent)`, and their classes, `(points,)`."""

AnyLatentNetwork = TypeVar("AnyLatentNetwork", bound=LatentNetwork)


class LatentObjective(DescentObjective[AnyLatentNetwork, Points]):
    """Draws batches of latents, and measures how far the points of a network lie from held-out ones.

    Args:
        network: what is trained.
        descents: its optimisers.
        latents: where the sentences lie.
        heldout: what it is compared with.
        size: points a batch.
        steps: batches an epoch.
    """

    def __init__(
        self,
        network: AnyLatentNetwork,
        descents: Sequence[Descent],
        latents: Latents,
        heldout: Heldout,
        size: int,
        steps: int,
    ) -> None:
        super().__init__(network, *descents)
        self._latents, self._heldout, self._size, self._steps = latents, heldout, size, steps

    def batches(self, rng: np.random.Generator) -> Iterator[Points]:
        """Yields points of random sentences, drawn from their posteriors, with their classes."""
        device = self.network.centre.device
        for _ in range(self._steps):
            rows = rng.integers(len(self._latents.classes), size=self._size)
            points = torch.from_numpy(self._latents.draw(rows, rng)).to(device)
            yield self.network.whiten(points), torch.from_numpy(self._latents.classes[rows]).to(device)

    def measure(self) -> Mapping[str, float]:
        """Returns the Fréchet distance to held-out latents, classes told apart; nothing if it cannot be compared."""
        return {"loss": class_distance(self.network.draw, self._heldout)} if self.is_comparable() else {}

    def is_comparable(self) -> bool:
        """Says that distances can be compared unless there is only one point, which has no spread."""
        return len(self._heldout.points) > 1


Draw = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""Draws a point for each class that is asked for."""


def class_distance(draw: Draw, heldout: Heldout) -> float:
    """Returns the Fréchet distance of what is drawn, for the classes held out, to the points held out.

    The class is among the dimensions.
    """
    classes = _classes(heldout)
    drawn = draw(classes, child_rng(0, "distance"))
    return frechet_distance(heldout.mark_classes(drawn, classes), heldout.mark_classes(heldout.points, heldout.classes))


def _classes(heldout: Heldout) -> np.ndarray:
    """Returns some thousand classes, as frequent as those held out."""
    return np.tile(heldout.classes, max(1, -(-_DRAWN // len(heldout.classes))))
