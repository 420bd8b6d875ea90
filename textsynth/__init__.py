"""textsynth: labelled synthetic corpora for training named-entity recognition and text classification.

The public names are imported when they are first used, so that `import textsynth` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textsynth import errors, extract, filters, formats, generators, labelers
    from textsynth.chat.mentions import ChatMentions
    from textsynth.conversion.convert import convert
    from textsynth.conversion.corpora import read, write
    from textsynth.corpus import Corpus
    from textsynth.corpus.example import Example, Span
    from textsynth.errors import TextsynthError
    from textsynth.evaluation.evaluate import evaluate
    from textsynth.recipes.recipe import Recipe
    from textsynth.recipes.recipe import load as load_recipe
    from textsynth.runs.generate import generate
    from textsynth.runs.label import label
    from textsynth.runs.run import run as run_recipe
    from textsynth.runs.source import extract_source
    from textsynth.runs.tune import tune

__all__ = [
    "ChatMentions",
    "Corpus",
    "Example",
    "Recipe",
    "Span",
    "TextsynthError",
    "convert",
    "errors",
    "evaluate",
    "extract",
    "extract_source",
    "filters",
    "formats",
    "generate",
    "generators",
    "label",
    "labelers",
    "load_recipe",
    "read",
    "run_recipe",
    "tune",
    "write",
]

_HOMES = {
    "ChatMentions": "chat.mentions",
    "Corpus": "corpus.table",
    "Example": "corpus.example",
    "Recipe": "recipes.recipe",
    "Span": "corpus.example",
    "TextsynthError": "errors",
    "convert": "conversion.convert",
    "evaluate": "evaluation.evaluate",
    "extract_source": "runs.source",
    "generate": "runs.generate",
    "label": "runs.label",
    "load_recipe": "recipes.recipe:load",
    "read": "conversion.corpora",
    "run_recipe": "runs.run:run",
    "tune": "runs.tune",
    "write": "conversion.corpora",
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
