"""The latent space of a VAE: what its posteriors tell, and the prior that is fitted to them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch

from textsynth.networks.vae import Posterior
from textsynth.training.checkpoint import read_state, write_state

_ACTIVE = 0.01
"""Variance of the means above which a dimension is active."""

_BLOCK = 1024
"""Points whose distances to all sentences are in memory at once."""


def mutual_information(posterior: Posterior, most: int = 2048) -> float:
    """Estimates the mutual information of sentences and latents: nats (Hoffman & Johnson 2016; He et al. 2019).

    The aggregate posterior is that of the sentences given, so the estimate cannot exceed the logarithm of their number.

    Args:
        posterior: of the sentences.
        most: sentences looked at.
    """
    mean, log_variance = posterior.mean[:most].double(), posterior.log_variance[:most].double()
    # A stream of its own: what is only measured must not change what is learnt next.
    generator = torch.Generator().manual_seed(0)
    latent = Posterior(mean, log_variance).sample(generator)
    own = log_density(latent, mean, log_variance)
    whole = [_log_aggregate(part, mean, log_variance) for part in latent.split(64)]
    return float((own - torch.cat(whole)).mean())


def active_units(posterior: Posterior) -> int:
    """Returns how many dimensions have means that differ between sentences (Burda et al. 2016).

    A collapsed posterior may still have all of them active: judge by mutual information.
    """
    return int((posterior.mean.var(dim=0, correction=0) > _ACTIVE).sum()) if len(posterior.mean) > 1 else 0


@dataclass(frozen=True)
class Latents:
    """Where the sentences of a source lie.

    Args:
        mean: `(sentences, latent)`.
        deviation: `(sentences, latent)`; standard deviations.
        classes: `(sentences,)` numbers of classes.
    """

    mean: np.ndarray
    deviation: np.ndarray
    classes: np.ndarray

    @classmethod
    def of(cls, posterior: Posterior, classes: np.ndarray) -> Latents:
        """Takes over posteriors."""
        return cls(posterior.mean.numpy(), (posterior.log_variance / 2).exp().numpy(), classes)

    def draw(self, rows: np.ndarray, rng: np.random.Generator, sigmas: float = 1.0) -> np.ndarray:
        """Draws a point around each of these sentences, `sigmas` standard deviations away; `(rows, latent)`."""
        noise = rng.standard_normal((len(rows), self.mean.shape[1]), np.float32)
        return self.mean[rows] + noise * self.deviation[rows] * np.float32(sigmas)

    def draw_like(self, classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draws a point of a random sentence of each class; of any sentence for a class that has none."""
        rows = np.empty(len(classes), np.int64)
        for number in np.unique(classes):
            own = np.flatnonzero(self.classes == number)
            # A class that was held out wholly has no sentence here.
            own = own if len(own) else np.arange(len(self.classes))
            asked = np.flatnonzero(classes == number)
            rows[asked] = own[rng.integers(len(own), size=len(asked))]
        return self.draw(rows, rng)

    def nearest(self, points: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """Returns for each point the sentence of its class whose mean is nearest, `(points,)`."""
        found = np.empty(len(points), np.int64)
        for number in np.unique(classes):
            own = np.flatnonzero(self.classes == number)
            squares = (self.mean[own] ** 2).sum(axis=1)
            asked = np.flatnonzero(classes == number)
            for part in np.array_split(asked, range(_BLOCK, len(asked), _BLOCK)):
                # |p - m|² without |p|², which is the same for all means of a point.
                found[part] = own[np.argmin(squares - 2 * points[part] @ self.mean[own].T, axis=1)]
        return found

    def write(self, path: Path) -> None:
        """Writes the latents."""
        write_state({name: torch.from_numpy(array) for name, array in vars(self).items()}, path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads what `write` wrote."""
        return cls(**{name: tensor.numpy() for name, tensor in read_state(path).items()})


@dataclass(frozen=True)
class GaussianPrior:
    """A Gaussian for each class, fitted to the aggregate posterior of its sentences.

    Args:
        mean: `(classes, latent)`.
        root: `(classes, latent, latent)`; a square root of each covariance.
    """

    mean: np.ndarray
    root: np.ndarray

    def log_density(self, points: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """Returns the log-density of each point under the Gaussian of its class, `(points,)` nats."""
        inverse = np.linalg.inv(self.root)[classes]
        # Each point with the inverse root of its own class: i points, j and k dimensions.
        white = np.einsum("ij,ikj->ik", points - self.mean[classes], inverse)
        volume = np.linalg.slogdet(self.root)[1][classes]
        return -(np.square(white).sum(axis=1) + points.shape[1] * np.log(2 * np.pi)) / 2 - volume

    @classmethod
    def of(cls, latents: Latents, classes: int) -> GaussianPrior:
        """Fits the Gaussians; a class with few sentences borrows from the covariance of all."""
        width = latents.mean.shape[1]
        pooled = np.zeros((width, width))
        own = [np.flatnonzero(latents.classes == number) for number in range(classes)]
        # The mean of no rows would be nan.
        means = [latents.mean[rows].mean(axis=0) if len(rows) else np.zeros(width) for rows in own]
        spreads = [_spread(latents, rows, mean) for rows, mean in zip(own, means, strict=True)]
        pooled = np.sum(spreads, axis=0) / max(1, len(latents.classes))
        # As if each class had `width` more sentences, spread as all are: its own covariance may have no full rank.
        mixed = [(s + width * pooled) / (len(r) + width) for r, s in zip(own, spreads, strict=True)]
        return cls(np.array(means), np.array([_root(covariance) for covariance in mixed]))

    def draw(self, classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draws a point for each, `(points, latent)`."""
        noise = rng.standard_normal((len(classes), self.mean.shape[1]))
        points = self.mean[classes] + np.einsum("ij,ikj->ik", noise, self.root[classes])
        return points.astype(np.float32)


def _spread(latents: Latents, rows: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Returns the covariance of the aggregate posterior of some sentences, times their number, `(latent, latent)`."""
    apart = latents.mean[rows].astype(float) - mean
    # Between the means of sentences, and within the posterior of each: the law of total covariance.
    return apart.T @ apart + np.diag((latents.deviation[rows].astype(float) ** 2).sum(axis=0))


def _root(covariance: np.ndarray) -> np.ndarray:
    # By eigenvalues, not Cholesky: rounding may leave one just below 0.
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0))


def log_density(latent: torch.Tensor, mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """Returns the log-density of points under Gaussians, `(points,)` nats."""
    apart = (latent - mean).square() / log_variance.exp() + log_variance + math.log(2 * math.pi)
    return -apart.sum(dim=-1) / 2


def _log_aggregate(latent: torch.Tensor, mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """Returns the log-density of points under the mean of all posteriors, `(points,)`."""
    by_sentence = log_density(latent[:, None], mean[None], log_variance[None])
    return torch.logsumexp(by_sentence, dim=1) - math.log(len(mean))
