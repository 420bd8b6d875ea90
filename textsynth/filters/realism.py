"""Drops what a trained critic holds for unreal: the discriminator of a latent GAN (ARAE, Zhao et al. 2018) and more."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
import pydantic

from textsynth.components.component import Share
from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.extract import Resources
from textsynth.foundation.disk import write_whole
from textsynth.networks.vae_options import RivalOptions, train_rival, train_vae

if TYPE_CHECKING:
    from textsynth.networks.critic import Critic

_THRESHOLD = "threshold.json"
_FEW = 1000
_UNREAL, _FOREIGN = "unrealistic", "a label or class the source does not have"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Realism(RivalOptions, Filter):
    """Drops sentences that critics tell from real ones.

    One has learnt against a generator that imitates them, another hears its verdict, sees what the sentence costs the
    VAE, and has learnt from damaged sentences of the source: words shuffled, left out, said twice, or of two sentences.
    Both see the wording, with slots in the place of mentions, and the class. Where to draw the line is found out on
    sentences of the source that training did not see.

    Args:
        real_dropped: share of real sentences that fall below the line.
        heldout: share of the source that training only watches, and that the line is drawn by; all is where that is
            fewer than 20 sentences.
    """

    example_options: ClassVar[Mapping[str, Any]] = {
        "hidden": 16,
        "embedding": 16,
        "latent": 4,
        "epochs": 2,
        "steps": 50,
    }

    real_dropped: Share = 0.05
    heldout: Annotated[float, pydantic.Field(ge=0, lt=1)] | None = 0.1

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Trains a VAE, a GAN and a discriminator on the source, and finds the line."""
        from textsynth.networks.critic import learn_critic

        seed, threshold = int(rng.integers(2**62)), None
        if len(resources.source) < _FEW:
            few = "realism: the source has %d sentences; a critic learns little of fewer than %d"
            logger.warning(few, len(resources.source), _FEW)
        if any(resources.source.texts.to_pylist()):
            train_vae("realism", self, resources.source, directory, seed)
            train_rival("gan", self, directory, seed + 1)
            if learn_critic(resources.source, directory, self.device, seed + 2):
                threshold = self._line(resources.source, directory)
            else:
                logger.warning("realism: no sentence of the source can be damaged to learn from, so none is dropped")
        write_whole(directory / _THRESHOLD, json.dumps(threshold))

    def _line(self, source: Corpus, directory: Path) -> float:
        """Returns the verdict that so many held-out sentences fall below; of all where few are held out."""
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
    foreign, unreal = np.isnan(verdicts), verdicts < threshold
    return [_FOREIGN if f else _UNREAL if u else None for f, u in zip(foreign, unreal, strict=True)]
