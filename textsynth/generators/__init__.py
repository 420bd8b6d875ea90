"""Generators: components that make examples. One file, one generator."""

from __future__ import annotations

from textsynth.components import registry
from textsynth.components.component import Component
from textsynth.components.generator import Draft, Generator, Sampler

__all__ = ["Draft", "Generator", "Sampler"]


def __getattr__(name: str) -> type[Component]:
    """Finds the class of a generator, so that `textsynth.generators.TemplateFill` needs no list of them."""
    if name.startswith("_"):
        raise AttributeError(name)
    return registry.by_class_name("generator", name)


def __dir__() -> list[str]:
    return [*globals(), *registry.class_names("generator")]
