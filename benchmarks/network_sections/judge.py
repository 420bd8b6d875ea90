"""Scores texts by the test set of COCO captions, whoever wrote them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from network_sections.data import some, words
from textsynth.corpus import Corpus
from textsynth.foundation.seeding import child_rng
from textsynth.networks.objectives import nats
from textsynth.networks.trained_language_model import TrainedLanguageModel, learn_language_model
from textsynth.scores import bleu, distinct, frechet_distance, self_bleu
from textsynth.training.options import NetworkOptions, NetworkSpec, TrainingOptions
from textsynth.training.training_set import prepare_training_set
from textsynth.wording.sentences import Sentences

SAMPLES = 1000
"""Texts that are scored by what depends on their number: self-BLEU, Fréchet distance, share distinct."""

_HELDOUT = 2000


class Judge:
    """Scores texts by the test set: BLEU, leave-one-out self-BLEU, a language model both ways, Fréchet distance.

    The language model is small and trained on the training set. Forward: nats per sentence that it gives the texts.
    Reverse: nats per sentence that one trained on the texts gives the test set. Fréchet: between the states in which it
    leaves texts and test set; that of as many training sentences is the floor.

    Args:
        source: the training set.
        heldout: the test set.
        directory: where the language model is, or will be.
    """

    def __init__(self, source: Corpus, heldout: Corpus, directory: Path) -> None:
        self._heldout = some(heldout, _HELDOUT, child_rng(0, "heldout"))
        self._references = [words(text) for text in heldout.texts.to_pylist()]
        network = NetworkOptions(embedding=64, hidden=128, vocabulary=4000)
        self._spec = NetworkSpec(network, TrainingOptions(epochs=6))
        if not (directory / "language_model.json").exists():
            self._trained(source, directory).write(directory)
        self._model = TrainedLanguageModel.read(directory, "cpu")
        self._states = self._states_of(self._heldout)

    def scores(self, texts: list[str]) -> dict[str, float]:
        """Returns all scores of these texts but the reverse one."""
        sentences = [words(text) for text in texts]
        corpus = Corpus.from_columns(text=texts[:SAMPLES])
        scores = {f"bleu{order}": value for order, value in bleu(sentences, self._references).items()}
        scores |= {f"self_bleu{order}": value for order, value in self_bleu(sentences[:SAMPLES]).items()}
        scores["forward"] = nats(self._model.network, Sentences.of(corpus, self._model.vocabulary))
        scores["frechet"] = frechet_distance(self._states_of(corpus), self._states)
        return scores | {"distinct": distinct(texts[:SAMPLES])}

    def reverse(self, texts: list[str], directory: Path) -> float:
        """Returns what the test set costs a language model that was trained on these texts."""
        model = self._trained(Corpus.from_columns(text=texts), directory)
        return nats(model.network, Sentences.of(self._heldout, model.vocabulary))

    def _trained(self, corpus: Corpus, directory: Path) -> TrainedLanguageModel:
        directory.mkdir(parents=True, exist_ok=True)
        training_set = prepare_training_set("judge", corpus, self._spec, "slots", 0)
        return learn_language_model(training_set, self._spec, directory, 0)

    def _states_of(self, corpus: Corpus) -> np.ndarray:
        """Returns the mean state over each text, `(texts, hidden)`."""
        sentences, network = Sentences.of(corpus, self._model.vocabulary), self._model.network
        states = []
        with torch.inference_mode():
            for first in range(0, len(sentences), 256):
                batch = sentences.batch(np.arange(first, min(first + 256, len(sentences))))
                hidden, _ = network.decoder.cell(network.decoder.embedding(batch.inputs))
                inside = (batch.targets >= 0)[..., None]
                states.append((hidden * inside).sum(dim=1) / inside.sum(dim=1))
        return torch.cat(states).numpy()
