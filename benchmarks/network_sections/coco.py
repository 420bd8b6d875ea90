"""COCO captions: likelihoods, and quality against diversity of all networks, beside what Texygen released.

All samples go through the same code. Scores of Texygen's files reproduce the published ones; see textsynth/scores.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from network_sections.data import TEXYGEN, coco, fitted, some, texygen
from network_sections.flow import learn_flow
from network_sections.judge import SAMPLES, Judge
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.language_model import LanguageModel
from textsynth.generators.vae import Vae
from textsynth.networks.latent import GaussianPrior
from textsynth.networks.latent_network import Draw
from textsynth.networks.objectives import importance_weighted_nats, nats, rebuilt
from textsynth.networks.trained_gan import learn_gan
from textsynth.networks.trained_language_model import TrainedLanguageModel
from textsynth.networks.trained_vae import TrainedVae, Wanted
from textsynth.networks.vae_options import CriticOptions, LatentOptions
from textsynth.training.loop import seed_torch
from textsynth.training.options import NetworkOptions, TrainingOptions
from textsynth.wording.filling import sentence_of
from textsynth.wording.rejection import Rejection
from textsynth.wording.sentences import Sentences

SIZE = NetworkOptions(embedding=128, hidden=256, vocabulary=4000)
TRAINING = {"language_model": TrainingOptions(epochs=10), "vae": TrainingOptions(epochs=14)}
LATENT = LatentOptions(kl="batch_norm", size=16, nats=5.0)
CRITIC = CriticOptions(steps=15_000, hidden=128)
FLOW_STEPS = 8_000
OURS = ("language_model", "vae", "gan", "flow")
TEMPERATURES = (0.6, 0.7, 0.8, 0.85, 0.9, 1.0, 1.1)
_REVERSED = (0.85, 1.0)
_LIKELY, _REVERSE = 1000, 3000

Write = Callable[[int, float, np.random.Generator], list[str]]


def measure(seed: int, directory: Path) -> dict[str, Any]:
    """Trains language model, VAE, GAN and flow; scores their samples, and those of Texygen's models."""
    source, heldout = coco("train"), coco("test")
    resources, results = Resources.of(source), {}
    model = LanguageModel(network=SIZE, training=TRAINING["language_model"])
    results["language_model_seconds"] = fitted(model, resources, directory / "language_model", seed)
    vae = Vae(network=SIZE, training=TRAINING["vae"], latent=LATENT)
    results["vae_seconds"] = fitted(vae, resources, directory / "vae", seed)
    results |= _likelihood(some(heldout, _LIKELY, child_rng(0, "heldout")), directory)
    judge = Judge(source, heldout, directory / "judge")
    for name, write in _writers(directory, seed).items():
        for temperature in TEMPERATURES:
            texts = write(SAMPLES, temperature, child_rng(seed, name, str(temperature)))
            results |= {f"{name}@{temperature} {score}": value for score, value in judge.scores(texts).items()}
        for temperature in _REVERSED:
            texts = write(_REVERSE, temperature, child_rng(seed, name, "reverse", str(temperature)))
            results[f"{name}@{temperature} reverse"] = judge.reverse(texts, directory / f"reverse {name} {temperature}")
    return results | (_others(judge, source, directory) if seed == 0 else {})


def _others(judge: Judge, source: Corpus, directory: Path) -> dict[str, float]:
    """Scores what Texygen released, and the training set itself, whose Fréchet distance is the floor."""
    results = {}
    for name, texts in [*((name, texygen(name)) for name in TEXYGEN), ("real", source.texts.to_pylist())]:
        results |= {f"{name} {score}": value for score, value in judge.scores(texts).items()}
        results[f"{name} reverse"] = judge.reverse(texts[:_REVERSE], directory / f"reverse {name}")
    return results


def _likelihood(heldout: Corpus, directory: Path) -> dict[str, float]:
    model = TrainedLanguageModel.read(directory / "language_model", "cpu")
    vae = TrainedVae.read(directory / "vae", "cpu")
    sentences = Sentences.of(heldout, vae.vocabulary)
    with seed_torch(0, "likelihood"):
        reconstruction, posterior = rebuilt(vae.network, sentences)
        standard, own = importance_weighted_nats(vae.network, sentences, [None, GaussianPrior.of(vae.latents, 1)])
        return {
            "language_model_nats": nats(model.network, Sentences.of(heldout, model.vocabulary)),
            "reconstruction": reconstruction,
            "kl": float(posterior.kl().sum(dim=1).mean()),
            "iw_nll_standard_prior": standard,
            "iw_nll_fitted_prior": own,
        }


def _writers(directory: Path, seed: int) -> dict[str, Write]:
    """Returns for each network what writes a number of sentences at a temperature."""
    model = TrainedLanguageModel.read(directory / "language_model", "cpu")
    vae = TrainedVae.read(directory / "vae", "cpu")
    draws: dict[str, Draw] = {"vae": GaussianPrior.of(vae.latents, 1).draw}
    for name in ("gan", "flow"):
        (directory / name).mkdir(exist_ok=True)
    draws["gan"] = learn_gan(CRITIC, vae, "cpu", directory / "gan", seed).network.draw
    draws["flow"] = learn_flow(vae, FLOW_STEPS, directory / "flow", seed).draw

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
    return ["".join(part.text for part in each) for each in sentences if not isinstance(each, Rejection)]
