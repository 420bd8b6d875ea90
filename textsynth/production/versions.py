"""The versions of what decides the bytes of a run."""

from __future__ import annotations

import importlib.metadata
import platform

_PACKAGES = (
    "textsynth",
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


def read_versions() -> dict[str, str]:
    """Returns the version of Python and of each of the packages that is installed."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
