"""The files a recipe names: which they are, what stands for their content, and how they are named to others."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textsynth.conversion.source_path import match_pattern

_PATH = re.compile(r"(\w+:)?((?:/(?!/)|[A-Za-z]:[\\/]).*)", re.DOTALL)


def find_inputs(content: Any) -> dict[str, str]:
    """Returns for each file or directory that the content of a recipe names what stands for its bytes.

    Those are all options that name something that exists: source, templates, word lists, a spaCy pipeline. A pattern
    such as `data/*.jsonl` stands for all files that it fits.
    """
    found: dict[str, str] = {}

    def note(kind: str, path: str) -> str:
        if os.path.lexists(path):
            found[path] = fingerprint_content(Path(path))
        elif files := match_pattern(path):
            found[path] = _fingerprint_files(files, str(Path(path).parent))
        return kind + path

    _each_path(content, note)
    return found


def without_folders(content: Any) -> Any:
    """Returns the content of a recipe with names instead of paths: folders concern nobody else.

    >>> without_folders({"path": "/home/ada/notes.txt", "values": {"CITY": "words:/home/ada/cities.txt"}})
    {'path': 'notes.txt', 'values': {'CITY': 'words:cities.txt'}}
    """
    return _each_path(content, lambda kind, path: kind + re.split(r"[\\/]", path.rstrip("\\/"))[-1])


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


def _each_path(value: Any, change: Callable[[str, str], str]) -> Any:
    """Returns nested mappings and lists with every absolute path changed; what stands before it is given too."""
    if isinstance(value, dict):
        return {key: _each_path(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_each_path(inner, change) for inner in value]
    match = _PATH.fullmatch(value) if isinstance(value, str) else None
    return change(match[1] or "", match[2]) if match else value
