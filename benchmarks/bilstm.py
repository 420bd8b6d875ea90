"""A small tagger that knows nothing before it is taught: words and characters, and an LSTM in both directions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from textsynth.components.labeler import Findings
from textsynth.corpus import Corpus
from textsynth.corpus.tag_notation import read_tags
from textsynth.corpus.tokens import TokenTable, encode_tags, list_tags, tokenize
from textsynth.scores.probes import Tag, without_spans
from textsynth.training.loop import seed_torch

BATCH, RATE, DROPOUT = 16, 5e-3, 0.5
LONGEST = 20
"""Characters of a word that are seen."""
RARE = 0.5
"""How often a word that is met once is hidden while the tagger is taught, so that it learns to go without."""


class Network(nn.Module):
    """Word vectors beside what a convolution makes of characters (Ma & Hovy 2016), without its CRF."""

    def __init__(self, words: int, characters: int, tags: int, dropout: float) -> None:
        super().__init__()
        self.words, self.characters = nn.Embedding(words, 50), nn.Embedding(characters, 25, padding_idx=0)
        self.convolution = nn.Conv1d(25, 50, 3, padding=1)
        self.lstm = nn.LSTM(100, 100, batch_first=True, bidirectional=True)
        self.head = nn.Linear(200, tags)
        self.dropout = nn.Dropout(dropout)

    def forward(self, words: Sequence[torch.Tensor], characters: Sequence[torch.Tensor]) -> torch.Tensor:
        """Returns the scores of the tags of all tokens of some texts, one after the other."""
        seen = self.convolution(self.characters(torch.cat([*characters])).transpose(1, 2)).amax(dim=2)
        vectors = self.dropout(torch.cat([self.words(torch.cat([*words])), seen], dim=1))
        lengths = [len(each) for each in words]
        packed = pack_padded_sequence(
            pad_sequence(vectors.split(lengths), batch_first=True), torch.tensor(lengths), True, enforce_sorted=False
        )
        hidden, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.head(self.dropout(torch.cat([row[:length] for row, length in zip(hidden, lengths, strict=True)])))


@dataclass(frozen=True)
class Vocabulary:
    """What the tagger knows.

    Args:
        words: in small letters, each with its number, from 1; 0 is any other.
        characters: each with its number, from 2; 1 is any other and 0 none.
    """

    words: dict[str, int]
    characters: dict[str, int]

    def read(self, tokens: TokenTable) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Returns the words of each text, and their characters."""
        words = torch.zeros(len(tokens.starts), dtype=torch.long)
        characters = torch.zeros(len(tokens.starts), LONGEST, dtype=torch.long)
        for row, word in enumerate(tokens.strings.to_pylist()):
            words[row] = self.words.get(word.lower(), 0)
            codes = [self.characters.get(each, 1) for each in word[:LONGEST]]
            characters[row, : len(codes)] = torch.tensor(codes)
        lengths = np.diff(tokens.rows).tolist()
        return list(words.split(lengths)), list(characters.split(lengths))


def teach_bilstm_tagger(corpus: Corpus, steps: int, weaker: float, rng: np.random.Generator) -> Tag:
    """Teaches the spans of a corpus.

    Args:
        corpus: the texts and their spans.
        steps: batches of 16 texts.
        weaker: what dropout is multiplied by.
        rng: first weights, batches, dropout and which rare words are hidden.
    """
    tokens, names = tokenize(corpus), list_tags(corpus.labels)
    counts = tokens.strings.value_counts().to_pylist()
    total: dict[str, int] = {}
    for each in counts:
        total[each["values"].lower()] = total.get(each["values"].lower(), 0) + each["counts"]
    characters = sorted({character for each in counts for character in each["values"]})
    vocabulary = Vocabulary(
        {word: number for number, word in enumerate(sorted(total), 1)},
        {character: number for number, character in enumerate(characters, 2)},
    )
    rare = torch.tensor([False, *(total[word] == 1 for word in sorted(total))])
    with seed_torch(int(rng.integers(2**62)), "bilstm"):
        network = Network(len(rare), len(characters) + 2, len(names), DROPOUT * weaker)
        codes = encode_tags(tokens, corpus, "iob2", names)
        _teach(network, _list_batches(vocabulary, rare, tokens, codes, rng), steps)
    return lambda given: _find(network, vocabulary, names, without_spans(given)).label(given)


Batch = tuple[list[torch.Tensor], list[torch.Tensor], torch.Tensor]
"""The words of some texts, their characters, and the tags of all their tokens."""


def _list_batches(
    vocabulary: Vocabulary, rare: torch.Tensor, tokens: TokenTable, codes: np.ndarray, rng: np.random.Generator
) -> Iterator[Batch]:
    """Yields texts that are drawn with replacement, some of their rare words hidden, without an end."""
    words, characters = vocabulary.read(tokens)
    wanted = torch.from_numpy(codes).split(np.diff(tokens.rows).tolist())
    rows = np.flatnonzero(np.diff(tokens.rows))
    while True:
        chosen = rng.choice(rows, size=BATCH).tolist()
        seen = [torch.where(rare[words[row]] & (torch.rand(len(words[row])) < RARE), 0, words[row]) for row in chosen]
        yield seen, [characters[row] for row in chosen], torch.cat([wanted[row] for row in chosen])


def _teach(network: Network, batches: Iterator[Batch], steps: int) -> None:
    optimiser = torch.optim.Adam(network.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    network.train()
    for words, characters, wanted in itertools.islice(batches, steps):
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(words, characters), wanted).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    network.eval()


def _find(network: Network, vocabulary: Vocabulary, names: list[str], corpus: Corpus) -> Findings:
    """Returns the mentions of each text: the likeliest tag of each token."""
    tokens = tokenize(corpus)
    words, characters = vocabulary.read(tokens)
    best = np.zeros(len(tokens.starts), np.int64)
    rows = np.flatnonzero(np.diff(tokens.rows))
    for chosen in np.array_split(rows, -(-len(rows) // 64)) if len(rows) else []:
        with torch.inference_mode():
            scores = network([words[row] for row in chosen], [characters[row] for row in chosen])
        places = np.concatenate([np.arange(tokens.rows[row], tokens.rows[row + 1]) for row in chosen])
        best[places] = scores.argmax(1).numpy()
    tags = [names[code] for code in best.tolist()]
    return Findings.of_lists(
        [
            [
                (int(tokens.starts[low + begin]), int(tokens.ends[low + end - 1]), label, 1.0)
                for begin, end, label in read_tags(tags[low:high])
            ]
            for low, high in itertools.pairwise(tokens.rows.tolist())
        ]
    )
