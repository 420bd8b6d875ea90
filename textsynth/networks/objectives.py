"""What the sentence networks are to learn: a language model its sentences, a VAE to rebuild them from little."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from textsynth.networks.language_model import LanguageModel
from textsynth.networks.latent import GaussianPrior, active_units, log_density, mutual_information
from textsynth.networks.vae import Kl, Posterior, TextVae
from textsynth.training.descent_objective import DescentObjective
from textsynth.training.loop import Descent
from textsynth.wording.sentences import Batch, Sentences


class LanguageModelObjective(DescentObjective[LanguageModel, np.ndarray]):
    """Minimises the negative log-likelihood of sentences.

    Args:
        network: the model.
        descent: its optimiser.
        sentences: what to learn from.
        heldout: what tells when to stop.
        size: sentences a batch.
    """

    def __init__(
        self, network: LanguageModel, descent: Descent, sentences: Sentences, heldout: Sentences, size: int
    ) -> None:
        super().__init__(network, descent)
        self._sentences, self._heldout, self._size = sentences, heldout, size

    def batches(self, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Yields positions of sentences, like lengths together."""
        return self._sentences.batches(self._size, rng)

    def cost(self, batch: np.ndarray) -> torch.Tensor:
        """Returns the mean negative log-likelihood of the sentences at these positions, nats."""
        return self.network(self._sentences.batch(batch).to(self.descent.accelerator.device)).mean()

    def measure(self) -> Mapping[str, float]:
        """Returns the nats a held-out sentence costs."""
        return {"loss": nats(self.network, self._heldout)}


def nats(network: LanguageModel, sentences: Sentences) -> float:
    """Returns the mean negative log-likelihood of sentences, summed over symbols: nats per sentence."""
    device = next(network.parameters()).device
    with torch.no_grad():
        batches = (sentences.batch(rows).to(device) for rows in sentences.batches(256))
        return sum(float(network(batch).sum()) for batch in batches) / len(sentences)


@dataclass(frozen=True)
class KlPlan:
    """How the divergence of the posterior is weighed.

    Args:
        kind: "free_bits" (a floor under each dimension, Li et al. 2019) or "batch_norm" (Zhu et al. 2020).
        nats: the floor of free bits, over all dimensions; 0 is the plain evidence lower bound.
        steps: training steps over which its weight rises from 0 to 1.
        single: whether the floor is under each sentence, rather than under their mean: a private gradient is a sum over
            sentences that know nothing of each other.
    """

    kind: Kl
    nats: float
    steps: int
    single: bool = False

    def weight(self, step: int) -> float:
        """Returns the weight at a step.

        >>> [KlPlan("free_bits", 0, 80).weight(step) for step in (0, 20, 80, 100)]
        [0.0, 0.25, 1.0, 1.0]
        """
        return 1.0 if step >= self.steps else step / self.steps

    def cost(self, kl: torch.Tensor) -> torch.Tensor:
        """Returns what a batch pays for its divergence, nats a sentence.

        Args:
            kl: `(sentences, latent)`.
        """
        by_dimension = kl if self.single else kl.mean(dim=0, keepdim=True)
        # Each dimension has its part of the floor, so that none of them can be given up for the others.
        if self.kind == "free_bits":
            by_dimension = by_dimension.clamp(min=self.nats / kl.shape[1])
        return by_dimension.sum(dim=1).mean()


class VaeObjective(DescentObjective[TextVae, np.ndarray]):
    """Minimises the negative evidence lower bound of sentences, with the divergence weighed by plan.

    Args:
        network: the VAE.
        descent: its optimiser.
        sentences: what to learn from.
        heldout: what tells when to stop.
        size: sentences a batch.
        plan: how the divergence is weighed.
    """

    def __init__(
        self,
        network: TextVae,
        descent: Descent,
        sentences: Sentences,
        heldout: Sentences,
        size: int,
        plan: KlPlan,
    ) -> None:
        super().__init__(network, descent)
        self._sentences, self._heldout, self._size, self._plan = sentences, heldout, size, plan

    def batches(self, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Yields positions of sentences: for batch norm of any length, as a batch must be like all sentences.

        Each batch then has two at least, the same one twice if need be, as one alone has no deviation.
        """
        if self._plan.kind != "batch_norm":
            return self._sentences.batches(self._size, rng)
        order = np.resize(rng.permutation(len(self._sentences)), max(2, len(self._sentences)))
        pieces = max(1, len(order) // max(2, self._size))
        return iter(np.array_split(order, pieces))

    def cost(self, batch: np.ndarray) -> torch.Tensor:
        """Returns the mean negative bound of the sentences at these positions, nats, as the plan weighs it now."""
        sentences = self._sentences.batch(batch).to(self.descent.accelerator.device)
        reconstruction, posterior = self.network(sentences)
        return reconstruction.mean() + self._plan.weight(self.descent.steps) * self._plan.cost(posterior.kl())

    def measure(self) -> Mapping[str, float]:
        """Returns reconstruction, divergence, mutual information (nats a sentence) and active units, held out."""
        reconstruction, posterior = rebuilt(self.network, self._heldout)
        kl = posterior.kl()
        return {
            "loss": reconstruction + float(self._plan.cost(kl)),
            "reconstruction": reconstruction,
            "kl": float(kl.sum(dim=1).mean()),
            "mutual_information": mutual_information(posterior),
            "active_units": float(active_units(posterior)),
        }

    def divergence_in_training(self, rng: np.random.Generator) -> float:
        """Returns the divergence, nats a sentence, by the batch norm of each batch, as it is in training."""
        network = copy.deepcopy(self.network)  # Its norm remembers every batch it goes by.
        if network.norm is not None:
            network.norm.train()
        with torch.no_grad():
            batches = (self._sentences.batch(rows).to(self.descent.accelerator.device) for rows in self.batches(rng))
            return float(torch.cat([network.encode(batch).kl().sum(dim=1) for batch in batches]).mean())

    def is_comparable(self) -> bool:
        """Says that losses can be compared once the divergence has its full weight."""
        return self.descent.steps >= self._plan.steps


def rebuilt(network: TextVae, sentences: Sentences) -> tuple[float, Posterior]:
    """Returns the nats a sentence costs given a sample of its posterior, on average, and all posteriors."""
    nats, posterior = costs(network, sentences)
    return float(nats.mean()), posterior


def costs(network: TextVae, sentences: Sentences) -> tuple[torch.Tensor, Posterior]:
    """Returns the nats each sentence costs given a sample of its posterior, `(sentences,)`, and all posteriors."""
    device = next(network.parameters()).device
    with torch.no_grad():
        batches = list(sentences.batches(256))
        done = [network(sentences.batch(rows).to(device)) for rows in batches]
    return _in_order([cost for cost, _ in done], batches), _posteriors([each for _, each in done], batches)


def encode(network: TextVae, sentences: Sentences) -> Posterior:
    """Returns the posterior of each sentence."""
    device = next(network.parameters()).device
    with torch.no_grad():
        batches = list(sentences.batches(256))
        return _posteriors([network.encode(sentences.batch(rows).to(device)) for rows in batches], batches)


def _posteriors(found: list[Posterior], batches: list[np.ndarray]) -> Posterior:
    columns = (_in_order([each[part] for each in found], batches) for part in (0, 1))
    return Posterior(*columns)


def _in_order(values: list[torch.Tensor], batches: list[np.ndarray]) -> torch.Tensor:
    """Puts what was computed batch by batch back into the order of the sentences."""
    # argsort of a permutation is its inverse.
    back = torch.from_numpy(np.argsort(np.concatenate(batches)))
    return torch.cat(values).cpu()[back]


def importance_weighted_nats(
    network: TextVae, sentences: Sentences, priors: Sequence[GaussianPrior | None] = (None,), samples: int = 100
) -> list[float]:
    """Returns the importance-weighted negative log-likelihood (Burda et al. 2016): nats per sentence, for each prior.

    The bound tightens with the number of samples; the evidence lower bound, at one sample, is no comparison with the
    likelihood of a language model.

    Args:
        network: the VAE.
        sentences: what it costs.
        priors: where points are drawn from when new sentences are sampled, class by class; N(0, I) if None.
        samples: points drawn from the posterior of each sentence.
    """
    device = next(network.parameters()).device
    totals = torch.zeros(len(priors), dtype=torch.double)
    with torch.no_grad():
        for rows in sentences.batches(128):
            batch = sentences.batch(rows).to(device)
            posterior = network.encode(batch)
            weights = torch.stack([_log_weights(network, batch, posterior, priors) for _ in range(samples)])
            # The mean of the weights, in logarithms: nats of one sentence reach beyond what a float can hold.
            totals -= (torch.logsumexp(weights, dim=0) - math.log(samples)).sum(dim=1).double().cpu()
    return [float(total) / len(sentences) for total in totals]


def _log_weights(
    network: TextVae, batch: Batch, posterior: Posterior, priors: Sequence[GaussianPrior | None]
) -> torch.Tensor:
    """Returns log p(x|z) + log p(z) - log q(z|x) for a sample of each posterior, `(priors, sentences)`."""
    latent = posterior.sample()
    own = log_density(latent, posterior.mean, posterior.log_variance)
    rest = network.reconstruction(batch, latent) + own
    return torch.stack([_log_prior(latent, batch, prior) - rest for prior in priors])


def _log_prior(latent: torch.Tensor, batch: Batch, prior: GaussianPrior | None) -> torch.Tensor:
    if prior is None:
        return log_density(latent, torch.zeros_like(latent), torch.zeros_like(latent))
    points, classes = latent.cpu().numpy(), batch.classes.cpu().numpy()
    return torch.from_numpy(prior.log_density(points, classes)).to(latent)
