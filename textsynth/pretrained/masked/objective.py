"""What a masked language model is to learn: the hidden words of a source, with its labels in view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import torch

from textsynth.corpus.ragged import Ragged, bounds_of
from textsynth.edits.draw import draw_counts, draw_distinct
from textsynth.pretrained.encoded_corpus import EncodedCorpus, Gap
from textsynth.pretrained.fine_tuning import TunedObjective
from textsynth.pretrained.masked.cloze import Cloze
from textsynth.pretrained.tuning import TunedModel
from textsynth.training.loop import Descent
from textsynth.wording.sentences import length_batches

_HIDDEN = 0.3
"""Share of the words that are hidden at a time. More than BERT's 15 %, as sources are small (Wettig et al. 2023)."""
_WATCHED = 64
"""Sentences a batch when the loss of those held out is measured."""


class MaskedBatch(NamedTuple):
    """Some sentences with hidden words.

    Args:
        sentences: symbols of each.
        places: for each, where words are hidden.
        answers: the symbols that were there, one sentence after the other.
    """

    sentences: list[list[int]]
    places: list[list[int]]
    answers: list[int]


@dataclass(frozen=True)
class MaskedTrainingSet:
    """Sentences to learn from.

    Args:
        encoded: a corpus as the model reads it.
        mask: the symbol of a hidden word.
        tokens: the tokens of each example that may be hidden, sorted: each is one symbol.
    """

    encoded: EncodedCorpus
    mask: int
    tokens: Ragged

    @property
    def rows(self) -> np.ndarray:
        """The examples from which something can be learnt."""
        return np.flatnonzero(self.tokens.lengths)

    def mask_words(self, rows: np.ndarray, rng: np.random.Generator) -> MaskedBatch:
        """Hides a share of the words of examples, at least one each; others at every call.

        Args:
            rows: the examples.
            rng: draws which.
        """
        sizes = self.tokens.lengths[rows]
        which, place = draw_distinct(sizes, draw_counts(sizes, _HIDDEN, rng), rng)
        token = self.tokens.values[self.tokens.bounds[rows[which]] + place]
        # `which` is sorted, so that the words of one example are neighbours.
        of_row = Ragged(token, Ragged.of_owner(which, len(rows)).bounds).to_lists()
        hidden = [
            self.encoded.hide(row, [Gap(each, each + 1, self.mask) for each in tokens])
            for row, tokens in zip(rows.tolist(), of_row, strict=True)
        ]
        answers = self.encoded.symbols.values[self.encoded.first[token]].tolist()
        return MaskedBatch([symbols for symbols, _ in hidden], [places for _, places in hidden], answers)

    def mask_heldout(self, rows: np.ndarray, rng: np.random.Generator) -> list[MaskedBatch]:
        """Hides words of examples once for all, those of like length together."""
        batches = length_batches(self.encoded.lengths[rows], _WATCHED)
        return [self.mask_words(rows[some], rng) for some in batches]

    def batches(self, rows: np.ndarray, size: int, rng: np.random.Generator) -> Iterator[MaskedBatch]:
        """Yields examples with hidden words in a random order, in batches of like lengths."""
        for some in length_batches(self.encoded.lengths[rows], size, rng):
            yield self.mask_words(rows[some], rng)


class MaskedObjective(TunedObjective[MaskedBatch]):
    """Minimises the negative log-likelihood of hidden words.

    Args:
        network: the model.
        descent: its optimiser.
        watched: exercises that tell when to stop.
        training_set: what to learn from.
        training: the examples that are learnt.
        size: sentences a batch.
    """

    def __init__(
        self,
        network: TunedModel,
        descent: Descent,
        watched: Sequence[MaskedBatch],
        training_set: MaskedTrainingSet,
        training: np.ndarray,
        size: int,
    ) -> None:
        super().__init__(network, descent, watched)
        self._training_set, self._training, self._size = training_set, training, size
        self._cloze = Cloze(network.model, 0)

    def batches(self, rng: np.random.Generator) -> Iterator[MaskedBatch]:
        """Yields sentences with hidden words, like lengths together."""
        return self._training_set.batches(self._training, self._size, rng)

    def part(self, batch: MaskedBatch, first: int, step: int) -> MaskedBatch:
        """Returns some of the sentences, with the answers that are theirs."""
        bounds = bounds_of(np.array([len(each) for each in batch.places], np.int64))
        answers = [batch.answers[bounds[row] : bounds[row + 1]] for row in range(first, len(batch.places), step)]
        return MaskedBatch(batch.sentences[first::step], batch.places[first::step], list(chain(*answers)))

    def count(self, batch: MaskedBatch) -> int:
        """Counts the hidden words."""
        return len(batch.answers)

    def nats(self, batch: MaskedBatch) -> torch.Tensor:
        """Returns what the hidden words cost."""
        logits = self._cloze.logits(batch.sentences, batch.places)
        answers = torch.tensor(batch.answers, device=logits.device)
        return torch.nn.functional.cross_entropy(logits, answers, reduction="sum")
