"""SNIPS slots at 500 sentences: what a small tagger gains from each generator, on the same draw and with one budget."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from network_sections.data import fitted, snips, some
from network_sections.tagger import Tagger
from textsynth.components.generator import Draft, Generator
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.gan import Gan
from textsynth.generators.language_model import LanguageModel
from textsynth.generators.template_fill import TemplateFill
from textsynth.generators.vae import Vae
from textsynth.networks.vae_options import CriticOptions
from textsynth.training.options import NetworkOptions

GOLD, SYNTHETIC = 500, 2000
SIZE = NetworkOptions(embedding=128, hidden=192)
"""All other options of the networks have their defaults."""


def generators() -> dict[str, tuple[str, Generator]]:
    """Returns what is compared, each with the name of what it learns: two are fitted once."""
    return {
        "template_fill": ("template_fill", TemplateFill()),
        "language_model": ("language_model", LanguageModel(network=SIZE)),
        "language_model_linear": ("language_model_linear", LanguageModel(marks="linear", network=SIZE)),
        "vae_posterior": ("vae", Vae(network=SIZE)),
        "vae_prior": ("vae", Vae(sample="prior", network=SIZE)),
        "gan": ("gan", Gan(critic=CriticOptions(steps=6000), network=SIZE)),
    }


def measure(seed: int, directory: Path) -> dict[str, Any]:
    """Trains a tagger on gold alone, and on gold with what each generator made of it."""
    gold, heldout = some(snips("train"), GOLD, child_rng(seed, "gold")), snips("valid")
    resources = Resources.of(gold)
    results = {"gold": Tagger(gold, Corpus.empty(), seed).f1(heldout)}
    for name, (learnt, generator) in generators().items():
        seconds = fitted(generator, resources, directory / learnt, seed)
        made = _kept(generator.sampler(directory / learnt)(SYNTHETIC, child_rng(seed, name, "sample")))
        results[name] = Tagger(gold, made, seed).f1(heldout)
        results[f"{name} - gold"] = results[name] - results["gold"]
        results[f"{name} made"] = len(made)
        results[f"{name} seconds"] = seconds
    return results


def _kept(made: Corpus | Draft) -> Corpus:
    """Returns what was not rejected."""
    if isinstance(made, Corpus):
        return made
    return made.corpus.mask(np.array([reason is None for reason in made.reasons], bool))
