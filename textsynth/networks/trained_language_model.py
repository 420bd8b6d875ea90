"""A language model that was trained on a source: learnt, kept in a directory, and sampled."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from textsynth.corpus import Corpus
from textsynth.corpus.classes import join_classes
from textsynth.networks.language_model import LanguageModel
from textsynth.networks.objectives import LanguageModelObjective
from textsynth.training.checkpoint import read_weights, write_weights
from textsynth.training.device import accelerator_on, one_thread, torch_device
from textsynth.training.loop import Plan, seed_torch, train
from textsynth.training.options import Device, NetworkSpec
from textsynth.training.private_training import PrivateDescent, descent_on, mechanism_of, train_privately
from textsynth.training.schedule import choose_schedule
from textsynth.training.training_log import write_record
from textsynth.training.training_set import TrainingSet
from textsynth.wording.decoder import Shape
from textsynth.wording.sentences import Sentences, length_batches
from textsynth.wording.symbol_sampling import Prompt, Script, Style, write
from textsynth.wording.vocabulary import Vocabulary

_AT_ONCE = 256
"""Sentences that are measured at a time."""

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

    def measure_costs(self, corpus: Corpus) -> np.ndarray:
        """Returns the negative log-likelihood of each sentence given its class, `(examples,)` nats.

        A sentence longer than the model may write costs more than any.
        """
        return self._cost(Sentences.of(corpus, self.vocabulary), _AT_ONCE)

    def find_nats(self, corpus: Corpus) -> np.ndarray:
        """Returns nats a symbol of each example: the logarithm of its perplexity.

        It is nan if its class or a label is unknown. What is longer than the model can write is as unlikely as can be.
        """
        labels, classes = set(self.vocabulary.labels), self.vocabulary.classes
        known = [
            join_classes(each.label) in classes and {span.label for span in each.spans} <= labels for each in corpus
        ]
        rows, nats = np.flatnonzero(known), np.full(len(corpus), np.nan)
        if not len(rows):
            return nats
        sentences = Sentences.of(corpus.take(rows), self.vocabulary)
        with one_thread():  # One at a time, so that what a text comes to does not depend on the others of its shard.
            nats[rows] = self._cost(sentences, 1) / sentences.lengths
        return nats.round(6)

    def _cost(self, sentences: Sentences, at_once: int) -> np.ndarray:
        """Returns the negative log-likelihood of each sentence, `(sentences,)` nats; inf of what is too long."""
        costs, device = np.full(len(sentences), np.inf), next(self.network.parameters()).device
        short = np.flatnonzero(sentences.lengths <= self.longest)
        self.network.eval()
        with torch.inference_mode():
            for rows in length_batches(sentences.lengths[short], at_once):
                batch = sentences.batch(short[rows]).to(device)
                costs[short[rows]] = self.network(batch).double().cpu().numpy()
        return costs

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
        with seed_torch(0):
            network = LanguageModel(shape)
        read_weights(network, directory / _WEIGHTS)
        known = np.isin(np.arange(vocabulary.outputs), notes["known"])
        network = network.to(torch_device(device))
        return cls(network, shape, vocabulary, known, np.array(notes["counts"]), notes["longest"])


def learn_language_model(
    training_set: TrainingSet, spec: NetworkSpec, directory: Path, seed: int
) -> TrainedLanguageModel:
    """Trains a language model on a training set; writes its curves into the directory, and its checkpoints."""
    vocabulary = training_set.sentences.vocabulary
    shape = training_set.shape(spec.network)
    with seed_torch(seed, "weights"):
        network = LanguageModel(shape)
    schedule = choose_schedule(spec, len(training_set.sentences))
    descent = descent_on(network, accelerator_on(spec.device), schedule.learning_rate, mechanism_of(spec, training_set))
    training, heldout = (
        training_set.sentences.take(training_set.training),
        training_set.sentences.take(training_set.heldout),
    )
    objective = LanguageModelObjective(network, descent, training, heldout, training_set.batch)
    plan = Plan("language_model", schedule.epochs, spec.training.patience if training_set.has_heldout else None, seed)
    with one_thread(training_set.small):
        if isinstance(descent, PrivateDescent):
            curves, facts, guarantee = train_privately(objective, descent, training.lengths, plan, directory)
        else:
            curves = train(objective, plan, directory)
            kept = min(curves["loss"]) if training_set.has_heldout else curves["loss"][-1]
            facts, guarantee = {"epochs": len(curves["loss"]), "nats_per_sentence": kept}, None
    write_record(directory, {"language_model": curves}, facts, guarantee)
    counts = np.bincount(training_set.sentences.classes, minlength=len(vocabulary.classes))
    return TrainedLanguageModel(network, shape, vocabulary, training_set.find_known(), counts, training_set.longest)
