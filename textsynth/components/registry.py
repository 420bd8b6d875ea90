"""Looks components up by name: those of textsynth's own folders, then those other packages announce.

A component's name is its module's file name, and its class is that name in CamelCase. A package of its own announces
components by entry points in the groups `textsynth.labelers`, `textsynth.generators`, `textsynth.filters`,
`textsynth.metrics` and `textsynth.formats`.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import logging
import pkgutil
from types import ModuleType
from typing import Literal

from textsynth.components.component import Component
from textsynth.errors import UnknownName, nearest

Kind = Literal["labeler", "generator", "filter", "metric", "format"]
KINDS: tuple[Kind, ...] = ("labeler", "generator", "filter", "metric", "format")
logger = logging.getLogger(__name__)

_announced: dict[type[Component], importlib.metadata.EntryPoint] = {}


def names(kind: Kind) -> list[str]:
    """Returns the names of all components of a kind, sorted."""
    return sorted(_components(kind))


def look_up(kind: Kind, name: str, where: str = "") -> type[Component]:
    """Returns the component class that is registered under a name.

    Args:
        kind: what sort of component.
        name: its registered name.
        where: begins the message of an error, such as `"run.toml: "`.

    Raises:
        UnknownName: with the nearest guess and all there is.
    """
    found = _components(kind).get(name)
    if found is None:
        raise UnknownName(f"{where}there is no {kind} {name!r}; {nearest(name, _components(kind))}")
    return found


def by_class_name(kind: Kind, class_name: str) -> type[Component]:
    """Returns the component whose class has this name, for `textsynth.generators.TemplateFill` and the like.

    Raises:
        AttributeError: if there is none, as the import system wants it.
    """
    for component in _components(kind).values():
        if component.__name__ == class_name:
            return component
    raise AttributeError(f"module 'textsynth.{kind}s' has no attribute {class_name!r}")


def class_names(kind: Kind) -> list[str]:
    """Returns the class names of all components of a kind, sorted."""
    return sorted(component.__name__ for component in _components(kind).values())


def name_of(component: Component | type[Component]) -> str:
    """Returns the name a component is registered under: its module's, or its entry point's.

    >>> from textsynth.filters.duplicate import Duplicate
    >>> name_of(Duplicate())
    'duplicate'
    """
    cls = component if isinstance(component, type) else type(component)
    return _announced[cls].name if cls in _announced else cls.__module__.rpartition(".")[2]


def package_of(component: Component | type[Component]) -> importlib.metadata.Distribution | None:
    """Returns the installed package that announced a component, None if it is textsynth's own."""
    entry = _announced.get(component if isinstance(component, type) else type(component))
    return entry.dist if entry is not None else None


@functools.cache
def _components(kind: Kind) -> dict[str, type[Component]]:
    package = importlib.import_module(f"textsynth.{kind}s")
    found = {}
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not info.ispkg:
            component = _component_of(importlib.import_module(info.name))
            if component is not None:
                found[name_of(component)] = component
    for entry in importlib.metadata.entry_points(group=f"textsynth.{kind}s"):
        component = None if entry.name in found else _load(entry, kind)
        if component is not None:
            found[entry.name] = component
            _announced[component] = entry
    return found


def _load(entry: importlib.metadata.EntryPoint, kind: Kind) -> type[Component] | None:
    """Returns what another package announces, or None with a warning: a broken one must not break all others."""
    try:
        component = entry.load()
    except Exception as error:
        logger.warning("the %s %r, announced as %s, cannot be loaded: %s", kind, entry.name, entry.value, error)
        return None
    if not (isinstance(component, type) and issubclass(component, Component)):
        logger.warning("the %s %r, announced as %s, must be a component, is none", kind, entry.name, entry.value)
        return None
    return component


def _component_of(module: ModuleType) -> type[Component] | None:
    """Returns the class of a module that bears its name in CamelCase."""
    class_name = "".join(part.capitalize() for part in module.__name__.rpartition(".")[2].split("_"))
    component = getattr(module, class_name, None)
    return component if isinstance(component, type) and issubclass(component, Component) else None
