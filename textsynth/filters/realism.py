"""Drops what networks tell from real sentences, among them the critic of a latent GAN (ARAE, Zhao et al. 2018)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
import pydantic

from textsynth.components.component import Share
from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.disk import write_whole
from textsynth.foundation.plural import tell_count
from textsynth.foundation.seeding import child_seed
from textsynth.networks.fit import train_gan, train_vae
from textsynth.networks.vae_options import CriticOptions, LatentOptions
from textsynth.training.options import Device, NetworkOptions, NetworkSpec, TrainingOptions

if TYPE_CHECKING:
    from textsynth.networks.critic import Critic

_THRESHOLD = "threshold.json"
"""The file of a fitted directory that has the verdict under which examples are dropped, or null."""

_FEW = 1000
"""Sentences under which a critic learns little, and the filter says so."""

_UNREAL, _FOREIGN = "unrealistic", "a label or class the source does not have"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class WatchedTrainingOptions(TrainingOptions):
    """How networks learn if some sentences must be held out, whatever the size of the source.

    Args:
        heldout: share of the source that training only watches, and that the line is drawn by; all of it if that is
            fewer than 20 sentences.
    """

    heldout: Annotated[float, pydantic.Field(ge=0, lt=1)] | None = 0.1


@dataclass(frozen=True, kw_only=True)
class Realism(Filter):
    """Drops sentences that critics tell from real ones.

    One has learnt against a generator that imitates them, another hears its verdict, sees what the sentence costs the
    VAE, and has learnt from damaged sentences of the source: words shuffled, left out, said twice, or of two sentences.
    Both see the wording, with slots instead of mentions, and the class. Where to draw the line is found out on
    sentences of the source that training did not see.

    Args:
        real_dropped: share of real sentences that fall below the line.
        device: where to train and judge; "auto" takes a GPU if there is one.
    """

    extras = ("torch",)

    example_options: ClassVar[Mapping[str, Any]] = {
        "network": {"hidden": 16, "embedding": 16},
        "latent": {"size": 4},
        "training": {"epochs": 2},
        "critic": {"steps": 50},
    }

    real_dropped: Share = 0.05
    device: Device = "auto"
    network: NetworkOptions = field(default_factory=NetworkOptions)
    latent: LatentOptions = field(default_factory=LatentOptions)
    training: WatchedTrainingOptions = field(default_factory=WatchedTrainingOptions)
    critic: CriticOptions = field(default_factory=CriticOptions)

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Trains a VAE, a GAN and a discriminator on the source, and finds the line."""
        from textsynth.networks.critic import learn_critic
        from textsynth.networks.discriminator import DiscriminatorPlan

        seed, threshold = int(rng.integers(2**62)), None
        if len(resources.source) < _FEW:
            few = "realism: the source has %s; a critic learns little of fewer than %d"
            logger.warning(few, tell_count(len(resources.source), "sentence"), _FEW)
        if any(resources.source.texts.to_pylist()):
            spec = NetworkSpec(self.network, self.training, device=self.device)
            train_vae("realism", spec, self.latent, resources.source, directory, child_seed(seed, "vae"))
            train_gan(self.critic, self.device, directory, child_seed(seed, "gan"))
            plan = DiscriminatorPlan(self.device, child_seed(seed, "discriminator"), self.critic.steps)
            if learn_critic(resources.source, directory, plan):
                threshold = self._line(resources.source, directory)
            else:
                logger.warning("realism: no sentence of the source can be damaged to learn from, so none is dropped")
        write_whole(directory / _THRESHOLD, json.dumps(threshold))

    def _line(self, source: Corpus, directory: Path) -> float:
        """Returns the verdict that a share of the held-out sentences fall below; of all if few are held out."""
        from textsynth.networks.critic import Critic

        critic = Critic.read(directory, self.device)
        return float(np.quantile(critic.verdicts(source.take(critic.vae.comparison_rows)), self.real_dropped))

    def judge(self, directory: Path) -> Judge:
        """Loads the critic; a source without sentences, or of single words, has none, and nothing is dropped."""
        from textsynth.networks.critic import Critic

        threshold = json.loads((directory / _THRESHOLD).read_text())
        if threshold is None:
            return lambda corpus: [None] * len(corpus)
        critic = Critic.read(directory, self.device)
        return lambda corpus: _reasons(critic, corpus, threshold)


def _reasons(critic: Critic, corpus: Corpus, threshold: float) -> list[str | None]:
    verdicts = critic.verdicts(corpus)
    unknown, unreal = np.isnan(verdicts), verdicts < threshold
    return [_FOREIGN if u else _UNREAL if low else None for u, low in zip(unknown, unreal, strict=True)]
