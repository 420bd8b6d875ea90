"""Metrics: components that score a corpus. One file, one metric."""

from __future__ import annotations

from textsynth.components import registry
from textsynth.components.component import Component
from textsynth.components.metric import Evidence, Measured, Metric, Score, Table

__all__ = ["Evidence", "Measured", "Metric", "Score", "Table"]


def __getattr__(name: str) -> type[Component]:
    """Finds the class of a metric, so that `textsynth.metrics.Likeness` needs no list of them."""
    if name.startswith("_"):
        raise AttributeError(name)
    return registry.by_class_name("metric", name)


def __dir__() -> list[str]:
    return [*globals(), *registry.class_names("metric")]
