"""Formats: components that read and write a kind of file. One file, one format, both directions."""

from __future__ import annotations

from textsynth.components import registry
from textsynth.components.component import Component
from textsynth.components.format import PARTS, Format, Part
from textsynth.conversion.corpora import read, write

__all__ = ["PARTS", "Format", "Part", "read", "write"]


def __getattr__(name: str) -> type[Component]:
    """Finds the class of a format, so that `textsynth.formats.Jsonl` needs no list of them."""
    if name.startswith("_"):
        raise AttributeError(name)
    return registry.by_class_name("format", name)


def __dir__() -> list[str]:
    return [*globals(), *registry.class_names("format")]
