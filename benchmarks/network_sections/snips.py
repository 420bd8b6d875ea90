"""SNIPS, delexicalised: what the VAE keeps of a sentence, what it costs, what its latent priors are worth.

Its neighbours are measured in a module of their own.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from network_sections.data import fitted, snips
from network_sections.neighbours import neighbours
from network_sections.realism import realism
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.language_model import LanguageModel
from textsynth.generators.vae import Vae
from textsynth.networks.latent import GaussianPrior, Latents, active_units, mutual_information
from textsynth.networks.latent_network import Heldout
from textsynth.networks.objectives import encode, importance_weighted_nats, nats, rebuilt
from textsynth.networks.trained_gan import LatentPlan, learn_latent
from textsynth.networks.trained_language_model import TrainedLanguageModel
from textsynth.networks.trained_vae import TrainedVae
from textsynth.scores import frechet_distance
from textsynth.training.loop import seed_torch
from textsynth.wording.sentences import Sentences

SIZE = {"embedding": 128, "hidden": 256}
EPOCHS = {"language_model": 11, "vae": 22, "vae_bag": 14}
LATENT = {
    "vae": {"kl": "batch_norm", "latent": 16, "nats": 12.0},
    "vae_bag": {"kl": "batch_norm", "latent": 32, "nats": 30.0},
}


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
    return {
        "language_model": LanguageModel(epochs=EPOCHS["language_model"], **SIZE),
        "vae": Vae(epochs=EPOCHS["vae"], bag=False, **LATENT["vae"], **SIZE),
        "vae_bag": Vae(epochs=EPOCHS["vae_bag"], **LATENT["vae_bag"], **SIZE),
    }


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
    for rival, steps in (("gan", 15_000), ("flow", 8_000)):
        begin = time.process_time()
        place = directory / rival
        place.mkdir(exist_ok=True)
        trained = learn_latent(LatentPlan(rival, steps, 128, "cpu"), vae, place, seed)
        trained.write(place)
        if rival == "gan":
            trained.write(directory)  # For the filter, whose critic it has.
        results[f"{rival}_seconds"] = time.process_time() - begin
        results[f"frechet_{rival}"] = frechet_distance(trained.network.draw(classes, rng), points.points) / floor
        results[f"{rival}_failed"] = float(bool(trained.failed))
    return results
