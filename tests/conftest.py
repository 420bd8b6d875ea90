from __future__ import annotations

import logging
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
def fresh_logging() -> None:
    """Begins each test with the levels of a new process: the command line, run in this one, sets others for good."""
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("textsynth").setLevel(logging.NOTSET)
