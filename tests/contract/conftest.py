"""Contract tests see the same WordNet on every machine: a tiny one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from tiny_wordnet import write_wordnet


@pytest.fixture(scope="session", autouse=True)
def tiny_wordnet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Has $WNSEARCHDIR name it, for this process and those it starts."""
    before = os.environ.get("WNSEARCHDIR")
    os.environ["WNSEARCHDIR"] = str(write_wordnet(tmp_path_factory.mktemp("wordnet")))
    yield
    if before is None:
        del os.environ["WNSEARCHDIR"]
    else:
        os.environ["WNSEARCHDIR"] = before
