"""Preview and account: what a generator would ask a model before it asks, and what that took when it has asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from textsynth.extract import Resources


@dataclass(frozen=True)
class SamplerCall:
    """The arguments that a sampler will be called with.

    Args:
        count: examples to make.
        rng: all randomness comes from here.
        label: the class of the examples; None for any.
    """

    count: int
    rng: np.random.Generator
    label: str | None


@dataclass(frozen=True)
class FirstRound:
    """What the first round of a run would ask, and about how much that would take.

    What is rejected is asked for again in further rounds, so none of this is a bound for the whole run.

    Args:
        backend: "server", or "local" for a model in this process.
        model: its name.
        base_url: the address of the server; None for a model in this process.
        requests: how many would be sent.
        tokens_in_about: tokens of all requests, estimated.
        tokens_out_at_most: tokens of all answers, if each were as long as it may be.
        cost_at_most: of both, in the currency of the prices; None if no price is known.
        key: the environment variable whose key the server is sent; None if none is.
    """

    backend: str
    model: str
    base_url: str | None
    requests: int
    tokens_in_about: int
    tokens_out_at_most: int
    cost_at_most: float | None
    key: str | None = None


@dataclass(frozen=True)
class Preview:
    """What a generator would ask.

    Args:
        first_round: which model, how many requests, and what they would take.
        prompts: the first prompts in full, as they would be sent.
    """

    first_round: FirstRound
    prompts: Sequence[str]


@dataclass(frozen=True)
class ModelUsage:
    """What all answers took, those of earlier starts included.

    Args:
        answers: how many were given.
        tokens_in: tokens of their requests.
        tokens_out: tokens of the answers.
        answers_not_counted: answers whose tokens are estimated, as the server did not count them; None if none is.
        cost: in the currency of the prices; None if no price is known.
    """

    answers: int
    tokens_in: int
    tokens_out: int
    answers_not_counted: int | None
    cost: float | None


@runtime_checkable
class Previewed(Protocol):
    """A generator that asks a model, which may cost money, and can show before what it would ask."""

    def preview(
        self, resources: Resources, rng: np.random.Generator, calls: Sequence[SamplerCall], prompts: int
    ) -> Preview:
        """Shows what would be asked. It asks no model, loads none, and leaves nothing behind.

        Args:
            resources: what its `fit` would learn from.
            rng: what its `fit` would draw from.
            calls: what its sampler would be called with.
            prompts: how many to show.
        """


@runtime_checkable
class Accounted(Protocol):
    """A generator that can tell in the end what its answers took."""

    def account(self, directory: Path) -> ModelUsage:
        """Returns what all answers took, those of earlier starts included.

        Args:
            directory: the one that its `fit` has written.
        """
