"""The sections of the benchmark: one file, one section, with a `TITLE` and `rows(effort)`."""

from __future__ import annotations

import importlib
from types import ModuleType

SECTIONS = ("template", "mention", "edits", "corpus", "models")


def section(name: str) -> ModuleType:
    """Imports a section when it is asked for: some need torch, or take their time."""
    return importlib.import_module(f"sections.{name}")
