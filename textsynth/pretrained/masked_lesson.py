"""What a masked language model is to learn: the hidden words of a source, with its labels in view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from textsynth.edits.draw import draw_counts, draw_distinct
from textsynth.models.sentences import length_batches
from textsynth.models.training import Descent, Stateful
from textsynth.pretrained.cloze import Cloze
from textsynth.pretrained.masking import Gap, Layout
from textsynth.pretrained.tuning import Tuned

_HIDDEN = 0.3
"""Share of the words that are hidden at a time. More than BERT's 15 %, as sources are small (Wettig et al. 2023)."""
_WATCHED = 64


class Exercise(NamedTuple):
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
class Textbook:
    """Sentences to learn from.

    Args:
        layout: a corpus as the model reads it.
        mask: the symbol of a hidden word.
        tokens: `(words,)`; the tokens that may be hidden, sorted: what they are is one symbol each.
        bounds: `(examples + 1,)`; those of example `i` are `tokens[bounds[i]:bounds[i + 1]]`.
    """

    layout: Layout
    mask: int
    tokens: np.ndarray
    bounds: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        """The examples from which something can be learnt."""
        return np.flatnonzero(np.diff(self.bounds))

    def exercise(self, rows: np.ndarray, rng: np.random.Generator) -> Exercise:
        """Hides a share of the words of examples, at least one each; others at every call.

        Args:
            rows: the examples.
            rng: draws which.
        """
        sizes = np.diff(self.bounds)[rows]
        which, place = draw_distinct(sizes, draw_counts(sizes, _HIDDEN, rng), rng)
        token = self.tokens[self.bounds[rows[which]] + place]
        edges = np.searchsorted(which, np.arange(len(rows) + 1))
        hidden = [
            self.layout.hidden(int(row), [Gap(each, each + 1, self.mask) for each in token[low:high].tolist()])
            for row, low, high in zip(rows, edges[:-1], edges[1:], strict=True)
        ]
        answers = self.layout.symbols[self.layout.first[token]].tolist()
        return Exercise([symbols for symbols, _ in hidden], [places for _, places in hidden], answers)


class MaskedLesson:
    """Minimises the negative log-likelihood of hidden words.

    Args:
        network: the model.
        descent: its optimiser.
        textbook: what to learn from.
        heldout: the examples that tell when to stop; they are not learnt.
        size: sentences a batch.
        watching: draws which of the held-out words are hidden, once for all.
    """

    def __init__(
        self,
        network: Tuned,
        descent: Descent,
        textbook: Textbook,
        heldout: np.ndarray,
        size: int,
        watching: np.random.Generator,
    ) -> None:
        self.network, self._descent, self._size = network, descent, size
        self._textbook, self._training = textbook, np.setdiff1d(textbook.rows, heldout)
        self._cloze = Cloze(network.model, 0)
        batches = length_batches(textbook.layout.lengths[heldout], _WATCHED)
        self._watched = [textbook.exercise(heldout[rows], watching) for rows in batches]

    def parts(self) -> Mapping[str, Stateful]:
        """Returns what moves, and the optimiser."""
        return {"network": self.network, "optimiser": self._descent.optimiser}

    def batches(self, rng: np.random.Generator) -> Iterator[Exercise]:
        """Yields sentences with hidden words, like lengths together."""
        lengths = self._textbook.layout.lengths[self._training]
        for rows in length_batches(lengths, self._size, rng):
            yield self._textbook.exercise(self._training[rows], rng)

    def slow_down(self, share: float) -> None:
        """Sets the learning rate to a share of what it was at first."""
        self._descent.slow_down(share)

    def learn(self, exercise: Exercise) -> Mapping[str, float]:
        """Takes one step."""
        return self._descent.follow(np.zeros(0), lambda _: self._nats(exercise) / len(exercise.answers))

    def measure(self) -> Mapping[str, float]:
        """Returns the nats a hidden word costs in held-out sentences, nothing where there are none."""
        answers = sum(len(exercise.answers) for exercise in self._watched)
        if not answers:
            return {}
        with torch.inference_mode():
            return {"loss": sum(self._nats(exercise).item() for exercise in self._watched) / answers}

    def settled(self) -> bool:
        """Losses can be compared where there are any."""
        return len(self._watched) > 0

    def _nats(self, exercise: Exercise) -> torch.Tensor:
        logits = self._cloze.logits(exercise.sentences, exercise.places)
        answers = torch.tensor(exercise.answers, device=logits.device)
        return torch.nn.functional.cross_entropy(logits, answers, reduction="sum")
