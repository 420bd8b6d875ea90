"""SNIPS, delexicalised: what the VAE keeps of a sentence, what it costs, what its latent priors are worth."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from network_sections.data import snips
from network_sections.intent import Intent
from textsynth.corpus import Corpus
from textsynth.extract import Resources, Template
from textsynth.generators.language_model import LanguageModel
from textsynth.generators.vae import Vae
from textsynth.models.latent import GaussianPrior, Latents, active_units, mutual_information
from textsynth.models.latent_network import Heldout
from textsynth.models.lessons import encoded, importance_weighted_nats, nats, rebuilt
from textsynth.models.sentences import Sentences
from textsynth.models.trained_gan import LatentPlan, learn_latent
from textsynth.models.trained_language_model import TrainedLanguageModel
from textsynth.models.trained_vae import TrainedVae
from textsynth.models.training import seeded
from textsynth.scores import frechet_distance
from textsynth.seeding import child_rng

SIZE = {"embedding": 128, "hidden": 256}
EPOCHS = {"language_model": 11, "vae": 22, "vae_bag": 14}
LATENT = {"kl": "batch_norm", "latent": 16, "nats": 9.0}
_SAMPLES = 2000


def measure(seed: int, directory: Path) -> dict[str, Any]:
    """Trains a language model and two VAEs of its size, one of which is shown the bag of slots; measures all."""
    source, heldout = snips("train"), snips("valid")
    resources, results = Resources.of(source), {}
    for name, component in _components().items():
        results[f"{name}_seconds"] = fitted(component, resources, directory / name, seed)
    results |= _likelihood(heldout, directory)
    results |= _neighbours(source, heldout, directory / "vae_bag", seed)
    results |= _priors(heldout, directory / "vae", seed)
    return results


def fitted(component: LanguageModel | Vae, resources: Resources, directory: Path, seed: int) -> float:
    """Fits a generator where that has not been done yet; returns the CPU seconds it took, 0 where it was there."""
    if (directory / "done").exists():
        return float((directory / "done").read_text())
    directory.mkdir(parents=True, exist_ok=True)
    begin = time.process_time()
    component.fit(resources, directory, child_rng(seed, directory.name))
    taken = time.process_time() - begin
    (directory / "done").write_text(str(taken))
    return taken


def _components() -> dict[str, LanguageModel | Vae]:
    return {
        "language_model": LanguageModel(epochs=EPOCHS["language_model"], **SIZE),
        "vae": Vae(epochs=EPOCHS["vae"], bag=False, **LATENT, **SIZE),
        "vae_bag": Vae(epochs=EPOCHS["vae_bag"], **LATENT, **SIZE),
    }


def _likelihood(heldout: Corpus, directory: Path) -> dict[str, float]:
    """Compares VAE and language model on the same held-out sentences."""
    model = TrainedLanguageModel.read(directory / "language_model", "cpu")
    vae = TrainedVae.read(directory / "vae", "cpu")
    sentences = Sentences.of(heldout, vae.vocabulary)
    prior = GaussianPrior.of(vae.latents, len(vae.vocabulary.classes))
    with seeded(0, "likelihood"):
        reconstruction, posterior = rebuilt(vae.network, sentences)
        return {
            "language_model_nats": nats(model.network, Sentences.of(heldout, model.vocabulary)),
            "reconstruction": reconstruction,
            "kl": float(posterior.kl().sum(dim=1).mean()),
            "mutual_information": mutual_information(posterior),
            "active_units": float(active_units(posterior)),
            "exact_reconstruction": vae.rebuilds(sentences),
            "iw_nll_standard_prior": importance_weighted_nats(vae.network, sentences),
            "iw_nll_fitted_prior": importance_weighted_nats(vae.network, sentences, prior),
        }


def _neighbours(source: Corpus, heldout: Corpus, directory: Path, seed: int) -> dict[str, float]:
    """Samples the posteriors of source sentences at two sigmas, shown the bag of slots.

    All shares but the first are of what a run would keep: what is malformed, it drops.
    """
    rng = child_rng(seed, "neighbours")
    sampler = Vae(**LATENT, **SIZE).sampler(directory)
    begin = time.perf_counter()
    sampler(10_000, child_rng(seed, "speed"))
    seconds = time.perf_counter() - begin
    rows = rng.integers(len(source), size=_SAMPLES)
    draft = sampler._around(rows, rng)  # type: ignore[attr-defined]
    made = np.array([reason is None for reason in draft.reasons])
    rows, written_corpus = rows[made], draft.corpus.mask(made)
    known = {Template.of(example).fingerprint() for example in source}
    originals = source.take(rows)
    own = [Template.of(example).fingerprint() for example in originals]
    written = [Template.of(example).fingerprint() for example in written_corpus]
    keeps = [_slots(one) == _slots(two) for one, two in zip(originals, written_corpus, strict=True)]
    itself = np.array([one == two for one, two in zip(own, written, strict=True)])
    copied = np.array([each in known for each in written]) & ~itself
    intent = Intent(source, seed)
    kept = [one == two.label for one, two in zip(intent.of(written_corpus.texts.to_pylist()), originals, strict=True)]
    real = intent.of(heldout.texts.to_pylist())
    ten = np.repeat(rng.integers(len(source), size=100), 10)
    tenfold = [Template.of(example).fingerprint() for example in sampler._around(ten, rng).corpus]  # type: ignore[attr-defined]
    return {
        "malformed": float(1 - made.mean()),
        "keeps_all_slots": float(np.mean(keeps)),
        "itself": float(itself.mean()),
        "copies_another": float(copied.mean()),
        "novel": float(1 - itself.mean() - copied.mean()),
        "keeps_intent": float(np.mean(kept)),
        "keeps_intent_real": float(np.mean([one == two.label for one, two in zip(real, heldout, strict=True)])),
        "distinct_of_ten": float(np.mean([len(set(tenfold[first : first + 10])) for first in range(0, 1000, 10)])),
        "seconds_for_10000": seconds,
    }


def _slots(example: Any) -> list[str]:
    return sorted(span.label for span in example.spans)


def _priors(heldout: Corpus, directory: Path, seed: int) -> dict[str, float]:
    """Compares what draws points of the latent space: Fréchet distances to held-out sentences, over the floor."""
    vae = TrainedVae.read(directory, "cpu")
    sentences = Sentences.of(heldout, vae.vocabulary)
    latents = Latents.of(encoded(vae.network, sentences), sentences.classes)
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
        results[f"{rival}_seconds"] = time.process_time() - begin
        results[f"frechet_{rival}"] = frechet_distance(trained.network.draw(classes, rng), points.points) / floor
        results[f"{rival}_failed"] = float(bool(trained.failed))
    return results
