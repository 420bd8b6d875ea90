"""textsynth: labelled synthetic corpora for training named-entity recognition and text classification.

The public names are imported when they are first used, so that `import textsynth` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textsynth import errors, extract, filters, formats, generators
    from textsynth.corpus import Corpus
    from textsynth.errors import TextsynthError
    from textsynth.example import Example, Span
    from textsynth.extract.annotation import annotate
    from textsynth.formats import read, write
    from textsynth.generation import generate
    from textsynth.recipe import Recipe
    from textsynth.recipe import load as load_recipe
    from textsynth.run import run as run_recipe

__all__ = [
    "Corpus",
    "Example",
    "Recipe",
    "Span",
    "TextsynthError",
    "annotate",
    "errors",
    "extract",
    "filters",
    "formats",
    "generate",
    "generators",
    "load_recipe",
    "read",
    "run_recipe",
    "write",
]

_HOMES = {
    "Corpus": "corpus",
    "Example": "example",
    "Recipe": "recipe",
    "Span": "example",
    "TextsynthError": "errors",
    "annotate": "extract.annotation",
    "generate": "generation",
    "load_recipe": "recipe:load",
    "read": "formats",
    "run_recipe": "run:run",
    "write": "formats",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'textsynth' has no attribute {name!r}")
    module, _, attribute = _HOMES.get(name, "").partition(":")
    if not module:
        return importlib.import_module(f"textsynth.{name}")
    return getattr(importlib.import_module(f"textsynth.{module}"), attribute or name)


def __dir__() -> list[str]:
    return __all__
