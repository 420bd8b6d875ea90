"""The files a recipe names: which they are, what stands for their content, and how they are named to others.

A file is what an option declares to be one: its type is a path, or its component lists it under `file_options`. Any
other value that looks like a path is a value.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from textsynth.chat.mentions import ChatMentions
from textsynth.components import registry
from textsynth.components.component import Component, files_of, paths_of, tables_of
from textsynth.conversion.source_path import match_pattern
from textsynth.errors import InputError, UnknownName
from textsynth.foundation.fetch import place_url
from textsynth.foundation.storage import is_url, to_path
from textsynth.labelling.options import LabelOptions
from textsynth.recipes.sections import Extract, Raw, Source

_BEGIN = r"(?:[A-Za-z][A-Za-z0-9+.-]+://|/(?!/)|[A-Za-z]:[\\/])"
_PATH = re.compile(rf"(\w+:)?({_BEGIN}.*)", re.DOTALL)
_PREFIXED = re.compile(rf"\w+:{_BEGIN}")
SECTIONS: dict[str, type[Component]] = {
    "source": Source,
    "raw": Raw,
    "chat": ChatMentions,
    "label": LabelOptions,
    "extract": Extract,
}
_KINDS: tuple[registry.Kind, ...] = ("labeler", "generator", "filter")
_OF_THE_SYSTEM = ("/proc", "/sys", "/dev")
"""Folders whose files tell of the machine and its processes, or never end."""
_IN_MEMORY = "/dev/shm"
"""A folder for anybody's files, as /tmp is, though among those of the system."""

Change = Callable[[str, str], str]


def find_inputs(content: Mapping[str, Any]) -> dict[str, str]:
    """Returns for each file or directory that the content of a recipe names what stands for its bytes.

    Those are all options that declare a file: source, templates, word lists, a spaCy pipeline. A pattern such as
    `data/*.jsonl` stands for all files that it fits.
    """
    found: dict[str, str] = {}
    for path in list_paths(content):
        if is_url(path):
            found[path] = fingerprint_content(place_url(path))
        elif os.path.lexists(path):
            found[path] = fingerprint_content(Path(path))
        elif files := match_pattern(path):
            found[path] = _fingerprint_files(files, str(Path(path).parent))
    return found


def list_paths(content: Mapping[str, Any]) -> list[str]:
    """Returns the absolute paths that a resolved recipe names, patterns and URLs among them."""
    found: list[str] = []

    def note(kind: str, path: str) -> str:
        found.append(path)
        return kind + path

    _each_file(content, note)
    return found


def change_paths(content: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, Any]:
    """Returns a resolved recipe with other absolute paths of files, as far as they are given."""
    return _each_file(content, lambda kind, path: kind + places.get(path, path))


def place_urls(content: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Returns the content of a recipe with paths instead of URLs, and the URLs by the paths where they come to lie.

    >>> place_urls({"source": {"path": "file:///data/train.jsonl"}})
    ({'source': {'path': '/data/train.jsonl'}}, {})

    Raises:
        OptionError: for a URL that files are not fetched from.
    """
    urls: dict[str, str] = {}

    def place(kind: str, path: str) -> str:
        if not is_url(path):
            return kind + str(to_path(path))
        placed = str(place_url(path))
        urls[placed] = path
        return kind + placed

    return _each_file(content, place), urls


def check_places(content: Mapping[str, Any], folder: Path | None = None) -> None:
    """Checks where the files of a resolved recipe are, links followed.

    Args:
        content: of the recipe.
        folder: that all of them must be in; any that is not the system's own will do if None.

    Raises:
        InputError: for the first that may not be read.
    """
    for path in list_paths(content):
        if is_url(path) and folder is not None:
            raise InputError(f"{path}: must be in the recipe's folder, {folder}, as --confine asks, is not")
        for file in [] if is_url(path) else match_pattern(path) or [path]:
            place = Path(file).resolve()
            if any(place.is_relative_to(each) for each in _OF_THE_SYSTEM) and not place.is_relative_to(_IN_MEMORY):
                raise InputError(f"{file}: must be a file of text, is one of the system's own")
            if folder is not None and not place.is_relative_to(folder.resolve()):
                raise InputError(f"{file}: must be in the recipe's folder, {folder}, as --confine asks, is not")


def without_folders(content: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the content of a recipe with names instead of paths: folders concern nobody else.

    >>> without_folders({"source": {"path": "/home/ada/notes.txt"}, "seed": 7})
    {'source': {'path': 'notes.txt'}, 'seed': 7}
    """
    return _each_file(content, lambda kind, path: kind + re.split(r"[\\/]", path.rstrip("\\/"))[-1])


def fingerprint_content(path: Path) -> str:
    """Returns what stands for the bytes of a file, or of all files of a directory with their names."""
    digest = hashlib.blake2b(digest_size=16)
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    for file in files:
        if not file.is_file():
            continue
        digest.update(os.fsencode(file.relative_to(path)))
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def _fingerprint_files(files: list[str], folder: str) -> str:
    """Returns what stands for the bytes of several files and for their names, as seen from a folder."""
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        digest.update(os.fsencode(os.path.relpath(file, folder)) + b"\0" + fingerprint_content(Path(file)).encode())
    return digest.hexdigest()


def _each_file(content: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """Returns the content of a recipe with every absolute path of a file changed."""
    changed = dict(content)
    for name, cls in SECTIONS.items():
        if isinstance(content.get(name), Mapping):
            changed[name] = _in_options(cls, content[name], change)
        elif isinstance(content.get(name), str):  # A path alone.
            changed[name] = _in_value(content[name], change)
    for kind in _KINDS:
        if isinstance(content.get(kind), list):
            changed[kind] = [_in_table(kind, table, change) for table in content[kind]]
    return changed


def _in_table(kind: registry.Kind, table: Mapping[str, Any], change: Change) -> Mapping[str, Any]:
    """Changes the paths in a table that names its component."""
    if not isinstance(table, Mapping):
        return table
    try:
        return _in_options(registry.look_up(kind, str(table.get("use"))), table, change)
    except UnknownName:
        return table


def _in_options(cls: type[Component], options: Mapping[str, Any], change: Change) -> dict[str, Any]:
    tables, files, paths = tables_of(cls), files_of(cls), paths_of(cls)
    changed = dict(options)
    for name, value in options.items():
        if name in tables and isinstance(value, Mapping):
            changed[name] = _in_options(tables[name], value, change)
        elif name in files:
            changed[name] = _in_value(value, change, all_paths=name in paths)
        elif name == "step" and isinstance(value, Mapping):  # The operation that an edit is put together from, ...
            changed[name] = _in_table("generator", value, change)
        elif name == "steps" and isinstance(value, list | tuple):  # ... or several; a network's steps are a number.
            changed[name] = [_in_table("generator", each, change) for each in value]
    return changed


def _in_value(value: Any, change: Change, *, all_paths: bool = True) -> Any:
    """Changes an absolute path, or those in a list or a table; what stands before a path, as in `words:`, is given.

    Unless all are paths, those in a table are known by what stands before them.
    """
    if isinstance(value, Mapping):
        named = [name for name, inner in value.items() if all_paths or _PREFIXED.match(str(inner))]
        return {name: _in_value(inner, change) if name in named else inner for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_in_value(inner, change) for inner in value]
    match = _PATH.fullmatch(value) if isinstance(value, str) else None
    return change(match[1] or "", match[2]) if match else value
