"""Previews and accounts: what a generator would ask a model, before it does, and what that took, when it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from textsynth.components.learned import Fact
from textsynth.extract import Resources


@dataclass(frozen=True)
class SamplerCall:
    """What a sampler will be called with: its arguments."""

    count: int
    rng: np.random.Generator
    label: str | None


@dataclass(frozen=True)
class Preview:
    """What a generator would ask.

    Args:
        facts: which model, and about how much the first round would take.
        prompts: the first prompts in full, as they would be sent.
    """

    facts: Mapping[str, Fact]
    prompts: Sequence[str]


@runtime_checkable
class Previewed(Protocol):
    """A generator that asks a model, which may cost money, and can say before what it would ask."""

    def preview(
        self, resources: Resources, rng: np.random.Generator, asked: Sequence[SamplerCall], prompts: int
    ) -> Preview:
        """Says what would be asked. It asks no model, loads none, and leaves nothing behind.

        Args:
            resources: what its `fit` would learn from.
            rng: what its `fit` would draw from.
            asked: what its sampler would be called with.
            prompts: how many to show.
        """


@runtime_checkable
class Accounted(Protocol):
    """A generator that can say in the end what its answers took."""

    def account(self, directory: Path) -> dict[str, Fact]:
        """Returns what all answers took, those of earlier starts included.

        Args:
            directory: the one that its `fit` has written.
        """
