"""COCO captions: likelihoods, and quality against diversity of all networks, beside what Texygen released.

All samples go through the same code. Scores of Texygen's files reproduce the published ones; see textsynth/scores.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from network_sections.data import TEXYGEN, coco, some, texygen, words
from network_sections.snips import fitted
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.generators.language_model import LanguageModel
from textsynth.generators.vae import Vae
from textsynth.models.filling import sentence_of
from textsynth.models.latent import GaussianPrior
from textsynth.models.lessons import importance_weighted_nats, nats, rebuilt
from textsynth.models.sentences import Sentences
from textsynth.models.study import study
from textsynth.models.trained_gan import LatentPlan, learn_latent
from textsynth.models.trained_language_model import TrainedLanguageModel, learn_language_model
from textsynth.models.trained_vae import TrainedVae, Wanted
from textsynth.models.training import seeded
from textsynth.scores import bleu, distinct, frechet_distance, self_bleu
from textsynth.seeding import child_rng

SIZE = {"embedding": 128, "hidden": 256, "vocabulary": 4000}
EPOCHS = {"language_model": 10, "vae": 14}
TEMPERATURES = (0.6, 0.7, 0.8, 0.85, 0.9, 1.0, 1.1)
_SAMPLES, _HELDOUT, _REVERSE = 1000, 2000, 3000

Draw = Callable[[np.ndarray, np.random.Generator], np.ndarray]
Write = Callable[[int, float, np.random.Generator], list[str]]


def measure(seed: int, directory: Path) -> dict[str, Any]:
    """Trains language model, VAE, GAN and flow; scores their samples, and those of Texygen's models."""
    source, heldout = coco("train"), coco("test")
    resources, results = Resources.of(source), {}
    model = LanguageModel(epochs=EPOCHS["language_model"], **SIZE)
    results["language_model_seconds"] = fitted(model, resources, directory / "language_model", seed)
    results["vae_seconds"] = fitted(Vae(epochs=EPOCHS["vae"], nats=8, **SIZE), resources, directory / "vae", seed)
    results |= _likelihood(some(heldout, _HELDOUT, child_rng(0, "heldout")), directory)
    judge = Judge(source, heldout, directory / "judge")
    for name, write in _writers(directory, seed).items():
        for temperature in TEMPERATURES:
            texts = write(_SAMPLES, temperature, child_rng(seed, name, str(temperature)))
            results |= {f"{name}@{temperature} {score}": value for score, value in judge.scores(texts).items()}
        texts = write(_REVERSE, 1.0, child_rng(seed, name, "reverse"))
        results[f"{name}@1.0 reverse"] = judge.reverse(texts, directory / f"reverse_{name}")
    if seed == 0:
        samples = {name: texygen(name) for name in TEXYGEN} | {"real": source.texts.to_pylist()}
        for name, texts in samples.items():
            results |= {f"{name} {score}": value for score, value in judge.scores(texts).items()}
            results[f"{name} reverse"] = judge.reverse(texts[:_REVERSE], directory / f"reverse_{name}")
    return results


def _likelihood(heldout: Corpus, directory: Path) -> dict[str, float]:
    model = TrainedLanguageModel.read(directory / "language_model", "cpu")
    vae = TrainedVae.read(directory / "vae", "cpu")
    sentences = Sentences.of(heldout, vae.vocabulary)
    with seeded(0, "likelihood"):
        reconstruction, posterior = rebuilt(vae.network, sentences)
        prior = GaussianPrior.of(vae.latents, 1)
        return {
            "language_model_nats": nats(model.network, Sentences.of(heldout, model.vocabulary)),
            "reconstruction": reconstruction,
            "kl": float(posterior.kl().sum(dim=1).mean()),
            "iw_nll_standard_prior": importance_weighted_nats(vae.network, sentences),
            "iw_nll_fitted_prior": importance_weighted_nats(vae.network, sentences, prior),
        }


def _writers(directory: Path, seed: int) -> dict[str, Write]:
    """Returns for each network what writes so many sentences at a temperature."""
    model = TrainedLanguageModel.read(directory / "language_model", "cpu")
    vae = TrainedVae.read(directory / "vae", "cpu")
    draws: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
        "vae": GaussianPrior.of(vae.latents, 1).draw
    }
    for rival, steps in (("gan", 15_000), ("flow", 8_000)):
        place = directory / rival
        place.mkdir(exist_ok=True)
        draws[rival] = learn_latent(LatentPlan(rival, steps, 128, "cpu"), vae, place, seed).network.draw

    def by_model(count: int, temperature: float, rng: np.random.Generator) -> list[str]:
        return _texts(model.sample(np.zeros(count, np.int64), temperature, 1.0, rng), model)

    def by_vae(draw: Draw) -> Write:
        def write(count: int, temperature: float, rng: np.random.Generator) -> list[str]:
            classes = np.zeros(count, np.int64)
            wanted = Wanted(draw(classes, rng), classes, np.zeros((count, 0), np.int64))
            return _texts(vae.decode(wanted, (temperature, 1.0), rng), vae)

        return write

    return {"language_model": by_model, **{name: by_vae(draw) for name, draw in draws.items()}}


def _texts(written: list[list[int]], trained: TrainedLanguageModel | TrainedVae) -> list[str]:
    """Returns what was written; what is malformed is left out, as a run would."""
    sentences = [sentence_of(symbols, trained.vocabulary) for symbols in written]
    return ["".join(part.text for part in each) for each in sentences if not isinstance(each, str)]


class Judge:
    """Scores texts by the test set: BLEU, leave-one-out self-BLEU, a language model both ways, Fréchet distance.

    The language model is small and trained on the training set. Forward: nats per sentence that it gives the texts.
    Reverse: nats per sentence that one trained on the texts gives the test set. Fréchet: between the states in which it
    leaves texts and test set.
    """

    def __init__(self, source: Corpus, heldout: Corpus, directory: Path) -> None:
        self._heldout = some(heldout, _HELDOUT, child_rng(0, "heldout"))
        self._references = [words(text) for text in heldout.texts.to_pylist()]
        self._options = LanguageModel(embedding=64, hidden=128, epochs=6, vocabulary=4000)
        self._model = self._trained(source, directory)
        self._states = self._states_of(self._heldout)

    def scores(self, texts: list[str]) -> dict[str, float]:
        """Returns all scores of these texts but the reverse one."""
        sentences = [words(text) for text in texts]
        corpus = Corpus.from_columns(text=texts[:_HELDOUT])
        scores = {f"bleu{order}": value for order, value in bleu(sentences, self._references).items()}
        scores |= {f"self_bleu{order}": value for order, value in self_bleu(sentences[:_SAMPLES]).items()}
        scores["forward"] = nats(self._model.network, Sentences.of(corpus, self._model.vocabulary))
        scores["frechet"] = frechet_distance(self._states_of(corpus), self._states)
        return scores | {"distinct": distinct(texts[:_SAMPLES])}

    def reverse(self, texts: list[str], directory: Path) -> float:
        """Returns what the test set costs a language model that was trained on these texts."""
        model = self._trained(Corpus.from_columns(text=texts), directory)
        return nats(model.network, Sentences.of(self._heldout, model.vocabulary))

    def _trained(self, corpus: Corpus, directory: Path) -> TrainedLanguageModel:
        directory.mkdir(exist_ok=True)
        studied = study("judge", corpus, self._options, "slots", 0)
        return learn_language_model("gru", studied, self._options, directory, 0)

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
