"""A language model: how likely each symbol is after those before it, the class being the first."""

from __future__ import annotations

import torch
from torch import nn

from textsynth.wording.decoder import Shape, decoder_of
from textsynth.wording.sentences import Batch


class LanguageModel(nn.Module):
    """A decoder without a condition; the class label is a prefix of the sentence."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.decoder = decoder_of(shape)

    def forward(self, batch: Batch) -> torch.Tensor:
        """Returns the negative log-likelihood of each sentence given its class, `(sentences,)` nats."""
        logits = self.decoder(batch.inputs, self.condition(len(batch.inputs)))
        return sentence_nats(logits, batch.targets)

    def condition(self, sentences: int) -> torch.Tensor:
        """Returns nothing for each sentence."""
        return self.decoder.output.weight.new_zeros(sentences, 0)  # type: ignore[union-attr, operator]


def sentence_nats(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Returns the negative log-likelihood of each sentence: summed over its symbols, `(sentences,)` nats.

    Args:
        logits: `(sentences, length, outputs)`.
        targets: `(sentences, length)`; -100 beyond its end.
    """
    flat = nn.functional.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), reduction="none")
    return flat.view_as(targets).sum(dim=1)
