"""An encoder-decoder that was fine-tuned on a source, or is taken as it is: learnt, kept, and read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from textsynth.errors import OptionError
from textsynth.foundation.seeding import child_rng
from textsynth.pretrained.fine_tuning import batch_size, descent_of, divide_rows, fine_tune
from textsynth.pretrained.loading import Pretrained, PretrainedOptions, load
from textsynth.pretrained.rewriting.objective import PairObjective, PairTrainingSet
from textsynth.pretrained.rewriting.rewriter import Rewriter
from textsynth.pretrained.tuning import prepare, read_tuned, write_tuned
from textsynth.pretrained.tuning_options import TuningOptions
from textsynth.wording.sentences import length_batches

_NAME = "seq2seq"
_WATCHED = 32
"""Pairs a batch when the loss of those held out is measured."""


def learn_rewriter(
    loaded: Pretrained,
    training_set: PairTrainingSet,
    options: PretrainedOptions,
    tuning: TuningOptions,
    directory: Path,
    seed: int,
) -> None:
    """Fine-tunes an encoder-decoder, and writes what moved, with curves and facts.

    Args:
        loaded: the model; it is changed.
        training_set: what it learns.
        options: where it runs.
        tuning: how.
        directory: is written to.
        seed: of all that is random.

    Raises:
        OptionError: if there is nothing to learn from.
    """
    rows = np.flatnonzero(training_set.lengths)
    if len(rows) == 0:
        raise OptionError(f"{_NAME}: the source must have sentences that the model can read to learn from, has none")
    training, heldout = divide_rows(rows, tuning, seed)
    watching = child_rng(seed, "watched")
    watched = [
        training_set.make_pairs(heldout[some], watching)
        for some in length_batches(training_set.lengths[heldout], _WATCHED)
    ]
    tuned = prepare(loaded, tuning, [], seed)
    descent = descent_of(tuned, tuning, options.loading.device)
    objective = PairObjective(tuned, descent, watched, training_set, training, batch_size(tuning, len(training)))
    fine_tune(objective, _NAME, "target", tuning, directory, seed)
    write_tuned(tuned, loaded.model_source, directory)


def read_rewriter(options: PretrainedOptions, tuning: TuningOptions | None, directory: Path) -> Rewriter:
    """Loads a model, with what moved if it was fine-tuned."""
    loaded = load("seq2seq", options)
    model = loaded.model
    if tuning:
        model = read_tuned(prepare(loaded, tuning, [], 0), loaded.model_source, directory)
    return Rewriter(model, loaded.tokenizer)
