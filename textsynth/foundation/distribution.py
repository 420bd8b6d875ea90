"""What textsynth is called on a package index, its version, and how what is missing is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

NAME = "textsynth-corpora"
"""The name of the distribution: `textsynth` on the package index is another project's."""

VERSION = "0.1.0"
"""The version, which the distribution takes from here, so that a checkout that is not installed has one too."""

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "spacy": ("spacy",),
    "values": ("faker", "mimesis", "anyascii"),
    "torch": ("torch", "transformers", "accelerate", "safetensors", "tokenizers", "opacus"),
    "models": ("torch", "transformers", "accelerate", "safetensors", "tokenizers", "gguf", "peft", "psutil"),
    "chat": ("openai",),
    "storage": ("obstore",),
    "ray": ("ray",),
    "metrics": ("pycrfsuite", "sklearn", "model2vec"),
}
"""The modules that each extra brings."""

_FOR_SOME_OPTIONS = ("gguf", "mimesis", "anyascii", "opacus", "peft", "psutil", "model2vec")
"""Modules that only some options need; those say so themselves."""


def say_how_to_install(extra: str) -> str:
    """Returns the command that installs what an extra of the distribution brings.

    >>> say_how_to_install("values")
    "pip install 'textsynth-corpora[values]'"
    """
    return f"pip install '{NAME}[{extra}]'"


def find_missing(extra: str) -> list[str]:
    """Returns the modules of an extra that are not installed, but for those that only some options need."""
    needed = [module for module in EXTRAS[extra] if module not in _FOR_SOME_OPTIONS]
    return [module for module in needed if importlib.util.find_spec(module) is None]


def say_what_is_missing(error: ModuleNotFoundError) -> str:
    """Says in one line which package an import has missed, and what installs it if an extra does."""
    module = (error.name or str(error)).partition(".")[0]
    extra = next((extra for extra, modules in EXTRAS.items() if module in modules), None)
    return f"{module} is not installed; " + (say_how_to_install(extra) if extra else "a package must bring it")
