from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("textsynth", deadline=None, max_examples=50)
hypothesis.settings.load_profile("textsynth")

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public corpora beside the repository; tests that need it are skipped where it is missing."""
    if not _SHARED.is_dir():
        pytest.skip("the folder ../shared/data with the public corpora is not there")
    return _SHARED


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undoes what the command line sets: in a process of its own nobody would notice."""
    loggers = [logging.getLogger(), logging.getLogger("textsynth")]
    before = [(each, each.level, each.handlers[:]) for each in loggers]
    yield
    for each, level, handlers in before:
        each.setLevel(level)
        each.handlers[:] = handlers
