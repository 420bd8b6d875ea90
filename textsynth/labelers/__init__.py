"""Labelers: components that find mentions in text. One file, one labeler."""

from __future__ import annotations

from textsynth.components import registry
from textsynth.components.component import Component
from textsynth.components.labeler import Finder, Findings, Labeler

__all__ = ["Finder", "Findings", "Labeler"]


def __getattr__(name: str) -> type[Component]:
    """Finds the class of a labeler, so that `textsynth.labelers.WordList` needs no list of them."""
    if name.startswith("_"):
        raise AttributeError(name)
    return registry.by_class_name("labeler", name)


def __dir__() -> list[str]:
    return [*globals(), *registry.class_names("labeler")]
