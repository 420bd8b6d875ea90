"""Drops what a trained critic holds for unreal: the discriminator of a latent GAN (ARAE, Zhao et al. 2018)."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from textsynth.component import Share
from textsynth.corpus import Corpus
from textsynth.disk import write_whole
from textsynth.extract import Resources
from textsynth.filters import Filter, Judge
from textsynth.models.vae_options import RivalOptions, train_rival, train_vae

if TYPE_CHECKING:
    from textsynth.models.critic import Critic

_THRESHOLD = "threshold.json"
_FEW = 1000
_UNREAL, _FOREIGN = "unrealistic", "a label or class the source does not have"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Realism(RivalOptions, Filter):
    """Drops sentences that a critic tells from real ones, as it has learnt against a generator that imitates them.

    It sees the wording, with slots in the place of mentions, and the class. Where to draw the line is found out on
    sentences of the source that training did not see.

    Args:
        real_dropped: share of real sentences that fall below the line.
    """

    real_dropped: Share = 0.05

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Trains a VAE and a GAN on the source, and finds the line."""
        from textsynth.models.critic import Critic

        seed, threshold = int(rng.integers(2**62)), None
        if len(resources.source) < _FEW:
            few = "realism: the source has %d sentences; a critic learns little of fewer than %d"
            logger.warning(few, len(resources.source), _FEW)
        if any(resources.source.texts.to_pylist()):
            train_vae("realism", self, resources.source, directory, seed)
            train_rival("gan", self, directory, seed + 1)
            verdicts = Critic.read(directory, self.device).of_heldout()
            threshold = float(np.quantile(verdicts, self.real_dropped))
        write_whole(directory / _THRESHOLD, json.dumps(threshold))

    def judge(self, directory: Path) -> Judge:
        """Loads the critic; a source without sentences has none, and nothing is dropped."""
        from textsynth.models.critic import Critic

        threshold = json.loads((directory / _THRESHOLD).read_text())
        if threshold is None:
            return lambda corpus: [None] * len(corpus)
        critic = Critic.read(directory, self.device)
        return lambda corpus: _reasons(critic, corpus, threshold)


def _reasons(critic: Critic, corpus: Corpus, threshold: float) -> list[str | None]:
    verdicts = critic.verdicts(corpus)
    foreign, unreal = np.isnan(verdicts), verdicts < threshold
    return [_FOREIGN if f else _UNREAL if u else None for f, u in zip(foreign, unreal, strict=True)]
