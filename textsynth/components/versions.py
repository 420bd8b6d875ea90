"""The versions of what decides the bytes of a run."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Iterable

from textsynth.components import registry
from textsynth.components.component import Component
from textsynth.foundation.distribution import VERSION

_ALWAYS = ("numpy", "pyarrow", "datasets")
"""What every run uses."""


def read_versions(libraries: Iterable[str] = (), components: Iterable[Component] = ()) -> dict[str, str]:
    """Returns the versions of Python, of textsynth, of what a run uses, and of what brings its components.

    Args:
        libraries: the packages that it uses beside those that every run does; one that is not installed is left out.
        components: all that the run uses. One that another package announced by an entry point adds that package.
    """
    found = {"python": platform.python_version(), "textsynth": VERSION}
    for name in (*_ALWAYS, *sorted(libraries)):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    brought = filter(None, map(registry.package_of, components))
    return found | {package.name: package.version for package in brought}
