"""The versions of what decides the bytes of a run."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Iterable

from textsynth.components import registry
from textsynth.components.component import Component
from textsynth.foundation.distribution import VERSION

_PACKAGES = (
    "numpy",
    "pyarrow",
    "datasets",
    "spacy",
    "faker",
    "mimesis",
    "torch",
    "transformers",
    "tokenizers",
    "accelerate",
    "safetensors",
    "opacus",
    "peft",
    "gguf",
    "jinja2",
    "openai",
)


def read_versions(components: Iterable[Component] = ()) -> dict[str, str]:
    """Returns the versions of Python, of textsynth, of the packages above, and of those that bring components.

    Args:
        components: all that the run uses. One that another package announced by an entry point adds that package.
    """
    found = {"python": platform.python_version(), "textsynth": VERSION}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    brought = filter(None, map(registry.package_of, components))
    return found | {package.name: package.version for package in brought}
