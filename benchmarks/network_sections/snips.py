"""SNIPS, delexicalised: what the VAE keeps of a sentence, what it costs, what its latent priors are worth.

Its neighbours are measured in a module of their own.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from network_sections.data import fitted, snips
from network_sections.flow import learn_flow
from network_sections.neighbours import neighbours
from network_sections.realism import realism
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.language_model import LanguageModel
from textsynth.generators.vae import Vae
from textsynth.networks.latent import GaussianPrior, Latents, active_units, mutual_information
from textsynth.networks.latent_network import Draw, Heldout
from textsynth.networks.objectives import encode, importance_weighted_nats, nats, rebuilt
from textsynth.networks.trained_gan import TrainedGan, learn_gan
from textsynth.networks.trained_language_model import TrainedLanguageModel
from textsynth.networks.trained_vae import TrainedVae
from textsynth.networks.vae_options import CriticOptions, LatentOptions
from textsynth.scores import frechet_distance
from textsynth.training.loop import seed_torch
from textsynth.training.options import NetworkOptions, TrainingOptions
from textsynth.wording.sentences import Sentences

SIZE = NetworkOptions(embedding=128, hidden=256)
EPOCHS = {"language_model": 11, "vae": 22, "vae_bag": 14}
LATENT = {
    "vae": LatentOptions(kl="batch_norm", size=16, nats=12.0, bag=False),
    "vae_bag": LatentOptions(kl="batch_norm", size=32, nats=30.0),
}
CRITIC = CriticOptions(steps=15_000, hidden=128)
FLOW_STEPS = 8_000


def measure(seed: int, directory: Path) -> dict[str, Any]:
    """Trains a language model and two VAEs of its size, one of which is shown the bag of slots; measures all."""
    source, heldout = snips("train"), snips("valid")
    resources, results = Resources.of(source), {}
    for name, component in _components().items():
        results[f"{name}_seconds"] = fitted(component, resources, directory / name, seed)
    results |= _likelihood(heldout, directory)
    results |= neighbours(source, heldout, directory / "vae_bag", seed)
    results |= _priors(heldout, directory / "vae", seed)
    return results | realism(source, heldout, directory / "vae", seed)


def _components() -> dict[str, LanguageModel | Vae]:
    training = {name: TrainingOptions(epochs=epochs) for name, epochs in EPOCHS.items()}
    vaes = {name: Vae(network=SIZE, training=training[name], latent=latent) for name, latent in LATENT.items()}
    return {"language_model": LanguageModel(network=SIZE, training=training["language_model"]), **vaes}


def _likelihood(heldout: Corpus, directory: Path) -> dict[str, float]:
    """Compares VAE and language model on the same held-out sentences."""
    model = TrainedLanguageModel.read(directory / "language_model", "cpu")
    vae = TrainedVae.read(directory / "vae", "cpu")
    sentences = Sentences.of(heldout, vae.vocabulary)
    prior = GaussianPrior.of(vae.latents, len(vae.vocabulary.classes))
    with seed_torch(0, "likelihood"):
        reconstruction, posterior = rebuilt(vae.network, sentences)
        standard, own = importance_weighted_nats(vae.network, sentences, [None, prior])
        return {
            "language_model_nats": nats(model.network, Sentences.of(heldout, model.vocabulary)),
            "reconstruction": reconstruction,
            "kl": float(posterior.kl().sum(dim=1).mean()),
            "mutual_information": mutual_information(posterior),
            "active_units": float(active_units(posterior)),
            "exact_reconstruction": vae.rebuilds(sentences),
            "iw_nll_standard_prior": standard,
            "iw_nll_fitted_prior": own,
        }


def _priors(heldout: Corpus, directory: Path, seed: int) -> dict[str, float]:
    """Compares what draws points of the latent space: Fréchet distances to held-out sentences, over the floor."""
    vae = TrainedVae.read(directory, "cpu")
    sentences = Sentences.of(heldout, vae.vocabulary)
    latents = Latents.of(encode(vae.network, sentences), sentences.classes)
    rng = child_rng(seed, "priors")
    points = Heldout(latents.draw(np.arange(len(sentences)), rng), sentences.classes)
    classes = np.tile(points.classes, 10)
    prior = GaussianPrior.of(vae.latents, len(vae.vocabulary.classes))
    floor = frechet_distance(vae.latents.draw_like(classes, rng), points.points)
    normal = rng.standard_normal((len(classes), latents.mean.shape[1]))
    results = {"frechet_floor": floor, "frechet_normal": frechet_distance(normal, points.points) / floor}
    results["frechet_gaussian"] = frechet_distance(prior.draw(classes, rng), points.points) / floor
    trainers = {"gan": _train_gan, "flow": lambda *args: learn_flow(args[0], FLOW_STEPS, *args[1:]).draw}
    for rival, train in trainers.items():
        begin = time.process_time()
        place = directory / rival
        place.mkdir(exist_ok=True)
        draw = train(vae, place, seed)
        results[f"{rival}_seconds"] = time.process_time() - begin
        results[f"frechet_{rival}"] = frechet_distance(draw(classes, rng), points.points) / floor
    results["gan_failed"] = float(bool(TrainedGan.read(directory, "cpu").failed))
    return results


def _train_gan(vae: TrainedVae, directory: Path, seed: int) -> Draw:
    trained = learn_gan(CRITIC, vae, "cpu", directory, seed)
    trained.write(directory.parent)  # For the filter, whose critic it has.
    return trained.network.draw
