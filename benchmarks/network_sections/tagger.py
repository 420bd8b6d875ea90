"""A small tagger for slots: words and their letters, a GRU in both directions, BIO tags."""

from __future__ import annotations

import zlib
from collections import Counter

import numpy as np
import torch
from torch import nn

from textsynth.corpus import Corpus
from textsynth.dataset import to_dataset
from textsynth.models.training import seeded
from textsynth.seeding import child_rng

_BUCKETS, _WIDTH, _STEPS, _BATCH = 8192, 64, 1200, 32
GOLD_WEIGHT = 4.0
"""How many times as often a gold sentence is drawn as a synthetic one."""


class Tagger:
    """Trained on gold and synthetic sentences; F1 on others."""

    def __init__(self, gold: Corpus, synthetic: Corpus, seed: int) -> None:
        sentences, tags = _tagged(gold)
        more, more_tags = _tagged(synthetic)
        self.tags = sorted({tag for row in [*tags, *more_tags] for tag in row} | {"O"})
        counts = Counter(word for row in [*sentences, *more] for word in row)
        known = sorted(word for word, count in counts.items() if count > 1)
        self._words = {word: place + 1 for place, word in enumerate(known)}
        with seeded(seed, "tagger"):
            self._network = _Network(len(known) + 1, len(self.tags))
            self._learn(sentences + more, tags + more_tags, len(sentences), seed)

    def f1(self, corpus: Corpus) -> float:
        """Returns the F1 of exact spans, in percent."""
        sentences, tags = _tagged(corpus)
        right = found = wanted = 0
        with torch.inference_mode():
            for first in range(0, len(sentences), 128):
                logits = self._network(*self._features(sentences[first : first + 128]))
                for row, best in zip(range(first, first + 128), logits.argmax(dim=-1).tolist(), strict=False):
                    if row < len(sentences):
                        guess = spans([self.tags[each] for each in best[: len(sentences[row])]])
                        truth = spans(tags[row])
                        right, found, wanted = right + len(guess & truth), found + len(guess), wanted + len(truth)
        return 200 * right / max(1, found + wanted)

    def _learn(self, sentences: list[list[str]], tags: list[list[str]], gold: int, seed: int) -> None:
        number = {tag: place for place, tag in enumerate(self.tags)}
        weights = np.where(np.arange(len(sentences)) < gold, GOLD_WEIGHT, 1.0)
        rng, optimiser = child_rng(seed, "tagger"), torch.optim.Adam(self._network.parameters(), lr=2e-3)
        for step in range(_STEPS):
            for group in optimiser.param_groups:
                group["lr"] = 2e-3 * (1 - step / _STEPS)
            rows = rng.choice(len(sentences), size=_BATCH, p=weights / weights.sum())
            logits = self._network(*self._features([sentences[row] for row in rows]))
            targets = torch.full(logits.shape[:2], -100)
            for place, row in enumerate(rows):
                targets[place, : len(tags[row])] = torch.tensor([number[tag] for tag in tags[row]])
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        self._network.eval()

    def _features(self, sentences: list[list[str]]) -> tuple[torch.Tensor, torch.Tensor]:
        longest = max(map(len, sentences))
        ids = torch.zeros(len(sentences), longest, dtype=torch.long)
        letters = torch.zeros(len(sentences), longest, 6, dtype=torch.long)
        for row, sentence in enumerate(sentences):
            ids[row, : len(sentence)] = torch.tensor([self._words.get(word, 0) for word in sentence])
            letters[row, : len(sentence)] = torch.tensor([_letters(word) for word in sentence])
        return ids, letters


class _Network(nn.Module):
    def __init__(self, words: int, tags: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words, _WIDTH)
        self.letters = nn.EmbeddingBag(_BUCKETS, _WIDTH, mode="mean")
        self.dropout = nn.Dropout(0.4)
        self.cell = nn.GRU(2 * _WIDTH, _WIDTH, batch_first=True, bidirectional=True)
        self.output = nn.Linear(2 * _WIDTH, tags)

    def forward(self, ids: torch.Tensor, letters: torch.Tensor) -> torch.Tensor:
        bags = self.letters(letters.flatten(0, 1)).view(*ids.shape, -1)
        hidden, _ = self.cell(self.dropout(torch.cat([self.words(ids), bags], dim=-1)))
        return self.output(self.dropout(hidden))


def spans(tags: list[str]) -> set[tuple[int, int, str]]:
    """Returns the spans of BIO tags; a tag that begins nothing begins one all the same."""
    found, start = set(), 0
    for place, tag in enumerate([*tags, "O"]):
        goes_on = tag.startswith("I-") and place > 0 and tags[place - 1][2:] == tag[2:] and tags[place - 1] != "O"
        if not goes_on:
            if place > 0 and tags[place - 1] != "O":
                found.add((start, place, tags[place - 1][2:]))
            start = place
    return found


def _tagged(corpus: Corpus) -> tuple[list[list[str]], list[list[str]]]:
    """Returns tokens and BIO tags of each sentence that has a token."""
    if len(corpus) == 0:
        return [], []
    dataset = to_dataset(corpus, "token-classification")
    names = dataset.features["ner_tags"].feature.names
    rows = [row for row in zip(dataset["tokens"], dataset["ner_tags"], strict=True) if row[0]]
    return [list(tokens) for tokens, _ in rows], [[names[tag] for tag in tags] for _, tags in rows]


def _letters(word: str) -> list[int]:
    parts = [
        f"<{word[:2]}",
        f"<{word[:3]}",
        f"{word[-2:]}>",
        f"{word[-3:]}>",
        str(word.isdigit()),
        str(min(len(word), 9)),
    ]
    return [zlib.crc32(part.encode()) % _BUCKETS for part in parts]
