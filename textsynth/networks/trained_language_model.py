"""A language model that was trained on a source: learnt, kept in a directory, and sampled."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from textsynth.networks.language_model import LanguageModel
from textsynth.networks.objectives import LanguageModelLesson
from textsynth.training.checkpoint import read_weights, write_weights
from textsynth.training.device import accelerator_on, one_thread, place_of
from textsynth.training.loop import Plan, seeded, train
from textsynth.training.options import Device, NetworkOptions
from textsynth.training.private_training import PrivateDescent, descent_on, mechanism_of, train_privately
from textsynth.training.schedule import pace_of
from textsynth.training.training_log import write_record
from textsynth.training.training_set import Study
from textsynth.wording.decoder import Kind, Shape
from textsynth.wording.symbol_sampling import Prompt, Script, Style, write
from textsynth.wording.vocabulary import Vocabulary

_WEIGHTS, _NOTES = "language_model.safetensors", "language_model.json"


@dataclass(frozen=True)
class TrainedLanguageModel:
    """A language model with what is known of its source.

    Args:
        network: the model.
        shape: how large it is.
        vocabulary: what its symbols mean.
        known: `(outputs,)`; the symbols the source has.
        counts: sentences of each class.
        longest: symbols a sentence may have.
    """

    network: LanguageModel
    shape: Shape
    vocabulary: Vocabulary
    known: np.ndarray
    counts: np.ndarray
    longest: int

    def sample(
        self, classes: np.ndarray, temperature: float, top_p: float, rng: np.random.Generator
    ) -> list[list[int]]:
        """Writes a sentence for each class; see `writing.write`."""
        starts = torch.from_numpy(self.vocabulary.start(classes))
        starts = starts.to(next(self.network.parameters()).device)
        script = Script(self.vocabulary.end, self.vocabulary.label_of(), self.known)
        prompt = Prompt(starts, self.network.condition(len(classes)))
        return write(self.network.decoder, prompt, script, Style(temperature, top_p, self.longest), rng)

    def write(self, directory: Path) -> None:
        """Writes all of it."""
        self.vocabulary.write(directory)
        write_weights(self.network, directory / _WEIGHTS)
        notes = {
            "shape": asdict(self.shape),
            "known": np.flatnonzero(self.known).tolist(),
            "counts": self.counts.tolist(),
            "longest": self.longest,
        }
        (directory / _NOTES).write_text(json.dumps(notes))

    @classmethod
    def read(cls, directory: Path, device: Device) -> TrainedLanguageModel:
        """Reads what `write` wrote, onto a device."""
        vocabulary, notes = Vocabulary.read(directory), json.loads((directory / _NOTES).read_text())
        shape = Shape(**notes["shape"])
        with seeded(0):
            network = LanguageModel(shape)
        read_weights(network, directory / _WEIGHTS)
        known = np.isin(np.arange(vocabulary.outputs), notes["known"])
        network = network.to(place_of(device))
        return cls(network, shape, vocabulary, known, np.array(notes["counts"]), notes["longest"])


def learn_language_model(
    kind: Kind, study: Study, options: NetworkOptions, directory: Path, seed: int
) -> TrainedLanguageModel:
    """Trains a language model on what is studied; writes its curves into the directory, and its checkpoints."""
    vocabulary = study.sentences.vocabulary
    shape = study.shape(kind, options)
    with seeded(seed, "weights"):
        network = LanguageModel(shape)
    pace = pace_of(options, len(study.sentences))
    descent = descent_on(network, accelerator_on(options.device), pace.learning_rate, mechanism_of(options, study))
    training, heldout = study.sentences.take(study.training), study.sentences.take(study.heldout)
    lesson = LanguageModelLesson(network, descent, training, heldout, study.batch)
    plan = Plan("language_model", pace.epochs, options.patience if study.watched else None, seed)
    with one_thread(study.small):
        if isinstance(descent, PrivateDescent):
            curves, facts = train_privately(lesson, descent, training.lengths, plan, directory)
        else:
            curves = train(lesson, plan, directory)
            kept = min(curves["loss"]) if study.watched else curves["loss"][-1]
            facts = {"epochs": len(curves["loss"]), "nats_per_sentence": kept}
    write_record(directory, {"language_model": curves}, facts)
    counts = np.bincount(study.sentences.classes, minlength=len(vocabulary.classes))
    return TrainedLanguageModel(network, shape, vocabulary, study.known(), counts, study.longest)
