"""Filters: components that say why an example is dropped. One file, one filter."""

from __future__ import annotations

from textsynth.components import registry
from textsynth.components.component import Component
from textsynth.components.filter import Filter, Judge

__all__ = ["Filter", "Judge"]


def __getattr__(name: str) -> type[Component]:
    """Finds the class of a filter, so that `textsynth.filters.Duplicate` needs no list of them."""
    if name.startswith("_"):
        raise AttributeError(name)
    return registry.by_class_name("filter", name)


def __dir__() -> list[str]:
    return [*globals(), *registry.class_names("filter")]
