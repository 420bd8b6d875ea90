"""No reader meets a broken file with anything but a corpus or an error of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzzing import read_mutant, write_seedlings

from textsynth.components import registry


@pytest.fixture(scope="module")
def seedlings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_seedlings(tmp_path_factory.mktemp("seedlings"))


@pytest.mark.parametrize("name", registry.names("format"))
def test_mutants_are_read_or_refused_in_one_line(name: str, seedlings: dict[str, Path]):
    faults = [read_mutant(name, seedlings[name], seed) for seed in range(12)]
    assert not [fault for fault in faults if fault]
