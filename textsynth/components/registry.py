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
    found = _find_own(kind, name) or _components(kind).get(name)
    if found is None:
        raise UnknownName(f"{where}there is no {kind} {name!r}; {nearest(name, _components(kind))}")
    return found


def by_class_name(kind: Kind, class_name: str) -> type[Component]:
    """Returns the component whose class has this name, for `textsynth.generators.TemplateFill` and the like.

    Raises:
        AttributeError: if there is none, as the import system wants it.
    """
    own = next((name for name in _modules(kind) if _class_name(name) == class_name), "")
    found = _find_own(kind, own) or next(
        (each for each in _components(kind).values() if each.__name__ == class_name), None
    )
    if found is None:
        raise AttributeError(f"module 'textsynth.{kind}s' has no attribute {class_name!r}")
    return found


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
def _modules(kind: Kind) -> dict[str, str]:
    """Returns the modules in the folder of a kind by the name that a component in them has; none is imported."""
    package = importlib.import_module(f"textsynth.{kind}s")
    found = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    return {info.name.rpartition(".")[2]: info.name for info in found if not info.ispkg}


def _find_own(kind: Kind, name: str) -> type[Component] | None:
    """Returns a component of ours; no other is imported, which takes longer than to run it."""
    module = _modules(kind).get(name)
    return _component_of(importlib.import_module(module)) if module else None


@functools.cache
def _components(kind: Kind) -> dict[str, type[Component]]:
    own = {name: _find_own(kind, name) for name in _modules(kind)}
    found = {name: component for name, component in own.items() if component is not None}
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
    component = getattr(module, _class_name(module.__name__.rpartition(".")[2]), None)
    return component if isinstance(component, type) and issubclass(component, Component) else None


def _class_name(name: str) -> str:
    """Returns the name of the class of a component.

    >>> _class_name("template_fill")
    'TemplateFill'
    """
    return "".join(part.capitalize() for part in name.split("_"))
