"""What a causal model learns: sentences, given their prefixes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from textsynth.pretrained.fine_tuning import TunedObjective, batch_size, descent_of, divide_rows, fine_tune
from textsynth.pretrained.padding import attention_mask, pad
from textsynth.pretrained.tuning import TunedModel
from textsynth.pretrained.tuning_options import TuningOptions
from textsynth.training.loop import Descent
from textsynth.training.options import Device
from textsynth.wording.sentences import length_batches

_IGNORED = -100


@dataclass(frozen=True)
class Sequences:
    """What a causal model learns: prefixes that it is only shown, and what follows them.

    Args:
        prefixes: symbols of each.
        sentences: symbols of each, with its end.
    """

    prefixes: Sequence[Sequence[int]]
    sentences: Sequence[Sequence[int]]

    def __len__(self) -> int:
        return len(self.sentences)

    @property
    def lengths(self) -> np.ndarray:
        """Symbols of each, `(sentences,)`."""
        return np.array([len(one) + len(two) for one, two in zip(self.prefixes, self.sentences, strict=True)], np.int64)

    def take(self, rows: np.ndarray) -> Sequences:
        """Returns some of them."""
        return Sequences([self.prefixes[row] for row in rows], [self.sentences[row] for row in rows])

    def to_columns(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns symbols, a mask of padding, and targets, `(rows, longest)` each; prefixes are no targets."""
        pairs = list(zip(self.prefixes, self.sentences, strict=True))
        together = [[*prefix, *sentence] for prefix, sentence in pairs]
        targets = [[*[_IGNORED] * len(prefix), *sentence] for prefix, sentence in pairs]
        return pad(together, 0), attention_mask(together), pad(targets, _IGNORED)

    def batches(self, size: int, rng: np.random.Generator | None = None) -> Iterator[Sequences]:
        """Yields all of them, in batches of like lengths."""
        return (self.take(rows) for rows in length_batches(self.lengths, size, rng))


class CausalObjective(TunedObjective[Sequences]):
    """Minimises the negative log-likelihood of sentences, given their prefixes.

    Args:
        network: the model.
        descent: its optimiser.
        watched: what tells when to stop.
        sequences: what to learn from.
        size: sentences a batch.
    """

    def __init__(
        self, network: TunedModel, descent: Descent, watched: Sequence[Sequences], sequences: Sequences, size: int
    ) -> None:
        super().__init__(network, descent, watched)
        self._sequences, self._size = sequences, size

    def batches(self, rng: np.random.Generator) -> Iterator[Sequences]:
        """Yields sentences, like lengths together."""
        return self._sequences.batches(self._size, rng)

    def part(self, batch: Sequences, first: int, step: int) -> Sequences:
        """Returns some of the sentences."""
        return batch.take(np.arange(first, len(batch), step))

    def count(self, batch: Sequences) -> int:
        """Counts the sentences."""
        return len(batch)

    def nats(self, batch: Sequences) -> torch.Tensor:
        """Returns what the sentences cost."""
        device = self.descent.accelerator.device
        symbols, mask, targets = (torch.from_numpy(each).to(device) for each in batch.to_columns())
        logits = self.network(input_ids=symbols, attention_mask=mask, use_cache=False).logits[:, :-1]
        learnt = targets[:, 1:] != _IGNORED
        return torch.nn.functional.cross_entropy(logits[learnt].float(), targets[:, 1:][learnt], reduction="sum")


def learn_sequences(
    tuned: TunedModel, sequences: Sequences, options: TuningOptions, device: Device, directory: Path, seed: int
) -> None:
    """Fine-tunes a causal model, and leaves it with its best weights.

    Args:
        tuned: the model; it is changed.
        sequences: what it learns.
        options: how.
        device: where it is trained.
        directory: where checkpoints stand in the meantime, and curves and facts at the end.
        seed: of all that is random.
    """
    training, heldout = divide_rows(np.arange(len(sequences)), options, seed)
    size = batch_size(options, len(training))
    watched = list(sequences.take(heldout).batches(size))
    objective = CausalObjective(tuned, descent_of(tuned, options, device), watched, sequences.take(training), size)
    fine_tune(objective, "causal_lm", "sentence", options, directory, seed)
