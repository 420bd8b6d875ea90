"""One VAE that has learnt the toy corpus by heart, for all tests that need one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from shared_work import build_once
from toy import TINY, fitted_until, make

BY_HEART: dict[str, Any] = TINY | {
    "hidden": 48,
    "size": 8,
    "nats": 24.0,
    "epochs": 40,
    "vocabulary": 600,
    "learning_rate": 0.01,
    "dropout": 0.0,
    "heldout": 0.0,
}


REBUILT = 0.7
"""Share of the toy corpus that the VAE gives back word for word at least."""


@pytest.fixture(scope="session")
def by_heart() -> dict[str, Any]:
    """The options of that VAE."""
    return BY_HEART


@pytest.fixture(scope="session")
def learnt() -> Path:
    """The directory it was fitted in."""
    pytest.importorskip("torch")
    from textsynth.generators.vae import Vae

    def knows_it(facts: dict[str, Any]) -> bool:
        return float(facts["exact_reconstruction"] or 0) >= REBUILT

    return build_once("vae by heart", lambda place: fitted_until(make(Vae, **BY_HEART), place, knows_it))
