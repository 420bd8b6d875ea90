"""A small intent classifier: words and pairs of words, one linear layer."""

from __future__ import annotations

import itertools
import zlib

import torch
from torch import nn

from network_sections.data import words
from textsynth.corpus import Corpus
from textsynth.training.loop import seed_torch

_BUCKETS = 2**16


class Intent:
    """Trained on real sentences, says which class a sentence has."""

    def __init__(self, corpus: Corpus, seed: int, epochs: int = 8) -> None:
        self.classes = list(corpus.classes)
        with seed_torch(seed, "intent"):
            self._weights = nn.EmbeddingBag(_BUCKETS, len(self.classes), mode="mean")
            optimiser = torch.optim.Adam(self._weights.parameters(), lr=0.05)
            features = [_features(text) for text in corpus.texts.to_pylist()]
            targets = torch.tensor([self.classes.index(each) for each in corpus.table.column("label").to_pylist()])
            for _ in range(epochs):
                for rows in torch.randperm(len(features)).split(256):
                    loss = nn.functional.cross_entropy(self._logits([features[row] for row in rows]), targets[rows])
                    optimiser.zero_grad()
                    loss.backward()
                    optimiser.step()

    def of(self, texts: list[str]) -> list[str]:
        """Returns the class of each text."""
        with torch.inference_mode():
            return [self.classes[each] for each in self._logits([_features(text) for text in texts]).argmax(dim=1)]

    def _logits(self, features: list[list[int]]) -> torch.Tensor:
        offsets = torch.tensor([0, *map(len, features[:-1])]).cumsum(dim=0)
        return self._weights(torch.tensor([each for row in features for each in row]), offsets)


def _features(text: str) -> list[int]:
    found = ["", *words(text), ""]
    pairs = [f"{one} {two}" for one, two in itertools.pairwise(found)]
    return [zlib.crc32(each.encode()) % _BUCKETS for each in [*found[1:-1], *pairs]]
