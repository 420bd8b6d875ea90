from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import tiny_models
from tiny_wordnet import write_wordnet

# Two processes of tests share the cores; torch with two threads in each waits more than it works.
os.environ.setdefault("OMP_NUM_THREADS", "1")
tiny_models.home()  # Before the processes of tests start, so that they build each model once between them.

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


@pytest.fixture(scope="session", autouse=True)
def tiny_wordnet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Has all tests see the same WordNet, on every machine: $WNSEARCHDIR names a tiny one."""
    before = os.environ.get("WNSEARCHDIR")
    os.environ["WNSEARCHDIR"] = str(write_wordnet(tmp_path_factory.mktemp("wordnet")))
    yield
    if before is None:
        del os.environ["WNSEARCHDIR"]
    else:
        os.environ["WNSEARCHDIR"] = before
