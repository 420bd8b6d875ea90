from __future__ import annotations

import importlib.metadata
import platform
from pathlib import Path

import pytest
from workbench import installed, write_package

from textsynth.components import registry
from textsynth.foundation.distribution import VERSION
from textsynth.production import versions


def test_python_and_what_is_installed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(versions, "_PACKAGES", ("numpy", "no-such-package"))
    assert versions.read_versions() == {
        "python": platform.python_version(),
        "textsynth": VERSION,
        "numpy": importlib.metadata.version("numpy"),
    }


def test_packages_that_bring_a_component_which_is_used(tmp_path: Path):
    with installed(write_package(tmp_path)):
        numbers = registry.look_up("generator", "numbers")()
        divisible = registry.look_up("filter", "divisible")()
        own = registry.look_up("filter", "duplicate")()
        assert versions.read_versions([numbers, divisible, own]) == versions.read_versions() | {
            "numbers-of-ours": "1.0"
        }
        assert versions.read_versions([own]) == versions.read_versions()
