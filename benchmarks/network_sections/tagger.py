"""A small tagger for slots: words and their letters, a GRU in both directions, BIO tags."""

from __future__ import annotations

import functools
import zlib
from collections import Counter
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from textsynth.corpus import Corpus
from textsynth.foundation.seeding import child_rng
from textsynth.huggingface.dataset import to_dataset
from textsynth.training.loop import seed_torch

_BUCKETS, _WIDTH, _STEPS, _BATCH = 8192, 64, 1200, 32
_RATE, _UNKNOWN = 5e-3, 0.5
GOLD_WEIGHT = 4.0
"""How many times as often a gold sentence is drawn as a synthetic one."""

Sentences = list[list[str]]


class Words(NamedTuple):
    """The words of a sentence as numbers: `(words,)` their own, 0 if unknown, and `(words, 6)` their letters."""

    ids: np.ndarray
    letters: np.ndarray


class Tagger:
    """Trained on gold and synthetic sentences; F1 on others.

    A word that gold has once at most is unknown every other time in training (Lample et al. 2016), or it would be known
    whenever synthetic sentences repeat it, and what is made of unknown words would never be learnt.
    """

    def __init__(self, gold: Corpus, synthetic: Corpus, seed: int) -> None:
        sentences, tags = _tagged(gold)
        more, more_tags = _tagged(synthetic)
        self.tags = sorted({tag for row in [*tags, *more_tags] for tag in row} | {"O"})
        own, others = (Counter(word for row in rows for word in row) for rows in (sentences, more))
        known = sorted({*own, *(word for word, count in others.items() if count > 1)})
        self._numbers = {word: place for place, word in enumerate(known, 1)}
        self._rare = np.array([0.0, *(_UNKNOWN * (own[word] <= 1) for word in known)])
        with seed_torch(seed, "tagger"):
            self._network = _Network(len(known) + 1, len(self.tags))
            self._learn(sentences + more, tags + more_tags, len(sentences), seed)

    def f1(self, corpus: Corpus) -> float:
        """Returns the F1 of exact spans, in percent."""
        sentences, tags = _tagged(corpus)
        right = found = wanted = 0
        for first in range(0, len(sentences), 128):
            guessed = self._guessed(sentences[first : first + 128])
            for guess, row in zip(guessed, tags[first : first + 128], strict=True):
                truth = spans(row)
                right, found, wanted = right + len(guess & truth), found + len(guess), wanted + len(truth)
        return 200 * right / max(1, found + wanted)

    def _guessed(self, sentences: Sentences) -> list[set[tuple[int, int, str]]]:
        with torch.inference_mode():
            best = self._network(*_padded([self._words(each) for each in sentences])).argmax(dim=-1).tolist()
        rows = zip(best, sentences, strict=True)
        return [spans([self.tags[tag] for tag in row[: len(sentence)]]) for row, sentence in rows]

    def _learn(self, sentences: Sentences, tags: Sentences, gold: int, seed: int) -> None:
        number = {tag: place for place, tag in enumerate(self.tags)}
        words, wanted = (
            [self._words(each) for each in sentences],
            [torch.tensor([number[t] for t in row]) for row in tags],
        )
        weights = np.where(np.arange(len(sentences)) < gold, GOLD_WEIGHT, 1.0)
        rng, optimiser = child_rng(seed, "tagger"), torch.optim.Adam(self._network.parameters(), lr=_RATE, fused=True)
        for step in range(_STEPS):
            for group in optimiser.param_groups:
                group["lr"] = _RATE * (1 - step / _STEPS)
            rows = rng.choice(len(sentences), size=_BATCH, p=weights / weights.sum())
            logits = self._network(*_padded([self._seen(words[row], rng) for row in rows]))
            targets = nn.utils.rnn.pad_sequence([wanted[row] for row in rows], True, -100)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        self._network.eval()

    def _seen(self, words: Words, rng: np.random.Generator) -> Words:
        """Returns words as training sees them: rare ones are unknown at times."""
        return Words(np.where(rng.random(len(words.ids)) < self._rare[words.ids], 0, words.ids), words.letters)

    def _words(self, sentence: list[str]) -> Words:
        return Words(
            np.array([self._numbers.get(word, 0) for word in sentence]), np.array([_letters(word) for word in sentence])
        )


def _padded(words: list[Words]) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns numbers `(sentences, length)` and letters `(sentences, length, 6)`."""
    columns = ([torch.from_numpy(each) for each in column] for column in zip(*words, strict=True))
    ids, letters = (nn.utils.rnn.pad_sequence(column, True) for column in columns)
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


def _tagged(corpus: Corpus) -> tuple[Sentences, Sentences]:
    """Returns tokens and BIO tags of each sentence that has a token."""
    if len(corpus) == 0:
        return [], []
    dataset = to_dataset(corpus, "token-classification")
    names = dataset.features["ner_tags"].feature.names
    rows = [row for row in zip(dataset["tokens"], dataset["ner_tags"], strict=True) if row[0]]
    return [list(tokens) for tokens, _ in rows], [[names[tag] for tag in tags] for _, tags in rows]


@functools.cache
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
