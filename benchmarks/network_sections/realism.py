"""SNIPS: what the filter `realism` drops of real held-out sentences, and of the same damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from textsynth.corpus import Corpus
from textsynth.foundation.seeding import child_rng
from textsynth.networks.corruption import corruptions
from textsynth.networks.critic import Critic, learn_critic
from textsynth.networks.discriminator import DiscriminatorPlan, evidence_of
from textsynth.networks.vae_options import CriticOptions
from textsynth.wording.filling import example_of
from textsynth.wording.sentences import Sentences
from textsynth.wording.vocabulary import parts_of

WAYS = ("shuffled", "left_out", "twice", "spliced")
_DROPPED = 0.05


def realism(source: Corpus, heldout: Corpus, directory: Path, seed: int) -> dict[str, float]:
    """Draws the line at 5 % of the sentences that the VAE of a directory held out, and judges others.

    Args:
        source: what VAE and GAN were trained on.
        heldout: real sentences that nobody has seen.
        directory: with VAE and GAN; the discriminator is trained there.
        seed: of the discriminator and of the damage.
    """
    learn_critic(source, directory, DiscriminatorPlan("cpu", seed, CriticOptions().steps))
    critic = Critic.read(directory, "cpu")
    watched = source.take(critic.vae.heldout)
    lines = [np.quantile(verdicts, _DROPPED) for verdicts in _verdicts(critic, watched)]
    results = {}
    for way, corpus in {"real": heldout, **{way: _damaged(heldout, way, seed) for way in WAYS}}.items():
        for name, verdicts, line in zip(("realism", "its critic alone"), _verdicts(critic, corpus), lines, strict=True):
            results[f"{name} drops: {way}"] = float(np.mean(verdicts < line))
    return results


def _verdicts(critic: Critic, corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
    """Returns the verdicts of the filter, and those of the GAN's critic, which is the last it hears of."""
    with torch.inference_mode():
        evidence = evidence_of(critic.vae, critic.gan, Sentences.of(corpus, critic.vae.vocabulary))
    return critic.verdicts(corpus), evidence.numbers[:, -1].numpy()


def _damaged(corpus: Corpus, way: str, seed: int) -> Corpus:
    """Damages sentences; mentions stay whole."""
    labels = corpus.table.column("label").to_pylist()
    made = corruptions([parts_of(example, "linear") for example in corpus], child_rng(seed, way), [way])
    return Corpus.from_examples([example_of(parts, labels[row]) for row, parts in made])
