"""An encoder-decoder that was fine-tuned on a source, or is taken as it is: learnt, kept, and read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from textsynth.errors import OptionError
from textsynth.models.device import accelerator_on, threads
from textsynth.models.record import Facts, write_record
from textsynth.models.sentences import length_batches
from textsynth.models.training import Descent, Plan, train
from textsynth.pretrained.loading import Pretrained, PretrainedOptions, load
from textsynth.pretrained.pair_lesson import PairBook, PairLesson
from textsynth.pretrained.rewriting import Rewriter
from textsynth.pretrained.tuning import heldout_rows, prepared, read_tuned, write_tuned
from textsynth.pretrained.tuning_options import TuningOptions
from textsynth.seeding import child_rng

_NAME = "seq2seq"
_WATCHED = 32
_STEPS = 8


def learn_rewriter(
    loaded: Pretrained, book: PairBook, options: PretrainedOptions, tuning: TuningOptions, directory: Path, seed: int
) -> None:
    """Fine-tunes an encoder-decoder, and writes what moved, with curves and facts.

    Args:
        loaded: the model; it is changed.
        book: what it learns.
        options: where it runs.
        tuning: how.
        directory: where to.
        seed: of all that is random.

    Raises:
        OptionError: where there is nothing to learn from.
    """
    rows = np.flatnonzero(book.lengths)
    if len(rows) == 0:
        raise OptionError(f"{_NAME}: the source must have sentences that the model can read to learn from, has none")
    heldout = rows[heldout_rows(len(rows), tuning, child_rng(seed, "heldout"))]
    training = np.setdiff1d(rows, heldout)
    watching = child_rng(seed, "watched")
    watched = [book.pairs(heldout[some], watching) for some in length_batches(book.lengths[heldout], _WATCHED)]
    tuned = prepared(loaded, tuning, [], seed)
    descent = Descent(tuned, accelerator_on(options.device), tuning.learning_rate)
    size = min(tuning.batch_size, max(1, len(training) // _STEPS))
    plan = Plan(_NAME, tuning.epochs, tuning.patience if len(heldout) else None, seed)
    with threads(options.threads):
        curves = train(PairLesson(tuned, descent, book, training, size, watched), plan, directory)
    facts: Facts = {"epochs": len(curves["training_loss"]), "training_loss": curves["training_loss"][-1]}
    if len(heldout):
        facts["nats_per_target"] = min(curves["loss"])
    write_record(directory, {_NAME: curves}, facts)
    write_tuned(tuned, loaded.place, directory)


def read_rewriter(options: PretrainedOptions, tuning: TuningOptions | None, directory: Path) -> Rewriter:
    """Loads a model, with what moved where it was fine-tuned."""
    loaded = load("seq2seq", options)
    model = loaded.model
    if tuning:
        model = read_tuned(prepared(loaded, tuning, [], 0), loaded.place, directory)
    return Rewriter(model, loaded.tokenizer)
