"""What a network learns from: the sentences of a source as numbers, some of them held out."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.foundation.seeding import child_rng
from textsynth.training.options import NetworkOptions, NetworkSpec
from textsynth.training.schedule import choose_schedule
from textsynth.training.shortage import FEW, warn_of_few
from textsynth.wording.decoder import Shape
from textsynth.wording.sentences import Sentences
from textsynth.wording.vocabulary import Marks, Vocabulary, parts_of

_MOST_HELDOUT = 2000
"""Sentences held out, at most."""
_STEPS = 32
"""Training steps an epoch, at least, if batches can be small enough for it."""
_SMALLEST_BATCH = 4
"""Sentences a training step, at least."""
_LARGE_BATCH = 32
"""Sentences a training step from which on several threads are faster than one."""
_MARGIN = 1.5
"""How many times as long as the longest sentence of the source a sentence may be."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingSet:
    """A source as numbers.

    Args:
        sentences: all of it, in the order of the source.
        training: the rows to learn from.
        heldout: the rows to watch; those of training if the source is too small to do without any.
        batch: sentences a training step.
    """

    sentences: Sentences
    training: np.ndarray
    heldout: np.ndarray
    batch: int

    @property
    def has_heldout(self) -> bool:
        """Whether sentences are held out, so that training can stop early."""
        return len(self.training) < len(self.sentences)

    @property
    def small(self) -> bool:
        """Whether one thread is the fastest to train."""
        return self.batch < _LARGE_BATCH

    @property
    def longest(self) -> int:
        """Symbols that a sentence may have: half as many again as the longest of the source."""
        return int(self.sentences.lengths.max() * _MARGIN) + 1

    def shape(self, options: NetworkOptions, condition: int = 0) -> Shape:
        """Returns how large a decoder of these sentences is, by the options and the numbers of its condition."""
        vocabulary = self.sentences.vocabulary
        sizes = options.embedding, options.hidden, options.layers
        return Shape(
            options.kind,
            vocabulary.inputs,
            vocabulary.outputs,
            *sizes,
            self.longest,
            options.dropout,
            condition=condition,
        )

    def find_known(self) -> np.ndarray:
        """Says for each symbol whether the source has it, `(outputs,)`."""
        known = np.zeros(self.sentences.vocabulary.outputs, bool)
        known[self.sentences.symbols.values] = True
        return known


def prepare_training_set(name: str, source: Corpus, spec: NetworkSpec, marks: Marks, seed: int) -> TrainingSet:
    """Trains a vocabulary on a source, encodes it, and holds some of it out.

    Args:
        name: of the generator, for messages.
        source: what is learnt from.
        spec: how large the network is, and how it learns.
        marks: how mentions are marked.
        seed: of what is held out.

    Raises:
        OptionError: if the source has no sentence.
    """
    parts = [parts_of(example, marks) for example in source]
    classes = source.table.column("label").to_pylist()
    if not any(parts):
        raise OptionError(f"{name}: the source must have sentences to learn from, has none")
    warn_of_few(name, source)
    vocabulary = Vocabulary.learn(parts, classes, spec.network.vocabulary, marks)
    sentences = Sentences.encode(parts, classes, vocabulary)
    share = choose_schedule(spec, len(parts)).heldout
    heldout = heldout_rows(len(parts), share, child_rng(seed, "heldout"), _MOST_HELDOUT, _groups(sentences))
    training = np.setdiff1d(np.arange(len(parts)), heldout)
    largest = spec.training.batch_size
    batch = int(np.clip(len(training) // _STEPS, min(_SMALLEST_BATCH, largest), largest))
    return TrainingSet(sentences, training, heldout if len(heldout) else training, batch)


def heldout_rows(
    sentences: int,
    share: float,
    rng: np.random.Generator,
    most: int | None = None,
    groups: np.ndarray | None = None,
) -> np.ndarray:
    """Chooses the rows that training only watches; none of a source too small to do without any.

    Args:
        sentences: how many there are.
        share: of them.
        rng: draws which.
        most: no more than these; any number if None.
        groups: `(sentences, groups)`; which groups each is in. One of every group is left to learn from.
    """
    wanted = int(sentences * share) if sentences >= FEW else 0
    order = rng.permutation(sentences)
    if groups is not None:
        # Of a group whose last row cannot be chosen, one is always left to learn from.
        order = order[~np.isin(order, _last_of_each(groups, order))]
    return np.sort(order[: wanted if most is None else min(wanted, most)])


def _groups(sentences: Sentences) -> np.ndarray:
    """Says which classes and labels each sentence has: what training never sees would be written at random."""
    classes = np.eye(len(sentences.vocabulary.classes), dtype=bool)[sentences.classes]
    return np.hstack([classes, sentences.bags > 0])


def _last_of_each(groups: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Returns the row of each group that comes last, so that most draws are what they were without groups."""
    # argmax finds the first True in the reversed order.
    return order[::-1][groups[order][::-1].argmax(axis=0)] if len(order) else order
