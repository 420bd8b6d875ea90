"""The text VAE (Bowman et al. 2016, Generating Sentences from a Continuous Space)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import nn

from textsynth.networks.language_model import sentence_nats
from textsynth.wording.decoder import Shape, decoder_of
from textsynth.wording.sentences import Batch

Kl = Literal["free_bits", "batch_norm"]


@dataclass(frozen=True)
class VaeShape:
    """How large a VAE is.

    Args:
        decoder: the decoder, whose condition is latent, class and bag together; the encoder takes after it.
        latent: numbers a sentence becomes.
        classes: classes there are.
        labels: labels whose mentions are counted in the bag; 0 if it is not shown.
        scale: standard deviation that batch norm gives the means (Zhu et al. 2020); None without it.
    """

    decoder: Shape
    latent: int
    classes: int
    labels: int
    scale: float | None = None


class Posterior(NamedTuple):
    """Where sentences lie: the mean and the log-variance of a Gaussian, `(sentences, latent)` each."""

    mean: torch.Tensor
    log_variance: torch.Tensor

    def sample(self, generator: torch.Generator | None = None) -> torch.Tensor:
        """Draws a point of each."""
        noise = torch.empty_like(self.mean).normal_(generator=generator)
        return self.mean + noise * torch.exp(self.log_variance / 2)

    def kl(self) -> torch.Tensor:
        """Returns the divergence from N(0, 1) by dimension, `(sentences, latent)` nats."""
        return (self.mean.square() + self.log_variance.exp() - self.log_variance - 1) / 2


class TextVae(nn.Module):
    """An encoder, a latent space and a decoder, which sees its latent, the class and the bag of slots at every step."""

    CLASS = 32

    def __init__(self, shape: VaeShape) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = _encoder_of(shape.decoder)
        self.mean = nn.Linear(self.encoder.width, shape.latent)
        self.log_variance = nn.Linear(self.encoder.width, shape.latent)
        self.norm = nn.BatchNorm1d(shape.latent, affine=False) if shape.scale else None
        self.label = nn.Embedding(shape.classes, self.CLASS)
        self.bag = nn.Linear(shape.labels, self.CLASS) if shape.labels else None
        self.decoder = decoder_of(shape.decoder)

    @classmethod
    def condition_width(cls, latent: int, labels: int) -> int:
        """Returns how many numbers the condition of the decoder has."""
        return latent + cls.CLASS + (cls.CLASS if labels else 0)

    def forward(self, batch: Batch) -> tuple[torch.Tensor, Posterior]:
        """Returns the negative log-likelihood of each sentence given a sample of its posterior, and the posterior."""
        posterior = self.encode(batch)
        return self.reconstruction(batch, posterior.sample()), posterior

    def encode(self, batch: Batch) -> Posterior:
        """Returns the posterior of each sentence."""
        hidden = self.encoder(batch)
        mean = self.mean(hidden)
        if self.norm is not None:
            mean = self.norm(mean) * self.shape.scale
        return Posterior(mean, self.log_variance(hidden).clamp(-8, 4))

    def reconstruction(self, batch: Batch, latent: torch.Tensor) -> torch.Tensor:
        """Returns the negative log-likelihood of each sentence given a point, `(sentences,)` nats."""
        logits = self.decoder(batch.inputs, self.condition(latent, batch.classes, batch.bags))
        return sentence_nats(logits, batch.targets)

    def condition(self, latent: torch.Tensor, classes: torch.Tensor, bags: torch.Tensor) -> torch.Tensor:
        """Puts together what the decoder sees at every step."""
        shown = [latent, self.label(classes)]
        if self.bag is not None:
            shown.append(torch.tanh(self.bag(bags)))
        return torch.cat(shown, dim=-1)


class _RecurrentEncoder(nn.Module):
    """A GRU in both directions, each half as wide as the decoder; the largest values over the sentence."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embedding = nn.Embedding(shape.inputs, shape.embedding)
        self.dropout = nn.Dropout(shape.dropout)
        self.cell = nn.GRU(shape.embedding, shape.hidden // 2, batch_first=True, bidirectional=True)
        self.width = 2 * (shape.hidden // 2)

    def forward(self, batch: Batch) -> torch.Tensor:
        """Returns `(sentences, width)`."""
        embedded = self.dropout(self.embedding(batch.inputs))
        # Packing must leave alone what comes by length already: private gradients are told apart by their order.
        by_length = bool((batch.lengths.diff() <= 0).all())
        packed = nn.utils.rnn.pack_padded_sequence(embedded, batch.lengths, batch_first=True, enforce_sorted=by_length)
        hidden, _ = self.cell(packed)
        # States of a GRU lie between -1 and 1, so that padding is never the largest.
        padded, _ = nn.utils.rnn.pad_packed_sequence(hidden, batch_first=True, padding_value=-2.0)
        return padded.amax(dim=1)


class _TransformerEncoder(nn.Module):
    """A small transformer; the mean of its states over the sentence. Symbols beyond its last position share that."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embedding = nn.Embedding(shape.inputs, shape.embedding)
        self.position = nn.Embedding(shape.longest, shape.embedding)
        layer = nn.TransformerEncoderLayer(
            shape.embedding,
            shape.heads,
            2 * shape.hidden,
            shape.dropout,
            batch_first=True,
            norm_first=True,
        )
        self.body = nn.TransformerEncoder(layer, shape.layers, enable_nested_tensor=False)
        self.width = shape.embedding

    def forward(self, batch: Batch) -> torch.Tensor:
        """Returns `(sentences, width)`."""
        positions = torch.arange(batch.inputs.shape[1], device=batch.inputs.device)
        beyond = positions >= batch.lengths.to(positions.device)[:, None]
        position = self.position(positions.clamp(max=self.position.num_embeddings - 1))
        hidden = self.body(self.embedding(batch.inputs) + position, src_key_padding_mask=beyond)
        inside = (~beyond)[..., None].to(hidden.dtype)
        return (hidden * inside).sum(dim=1) / inside.sum(dim=1)


def _encoder_of(shape: Shape) -> _RecurrentEncoder | _TransformerEncoder:
    return _TransformerEncoder(shape) if shape.kind == "transformer" else _RecurrentEncoder(shape)
