"""Checksums of what textsynth has written: they tell damage, and they tell our files from those of others."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import xxhash

from textsynth.foundation.seeding import fingerprint

SUMS = ".textsynth"
"""The file in a directory of ours that lists our files with their checksums; what it does not list is not ours."""

_SUM = ".sum"
_FILES, _WHOLE = "files", "whole"


def digest(path: Path) -> str:
    """Returns what stands for the bytes of a file: it tells damage and changes, and no forgery."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, xxhash.xxh3_128).hexdigest()


def list_files(directory: Path) -> list[str]:
    """Returns the files below a directory, and what else has no files below it, with `/` between folders."""
    found = []
    for folder, folders, files in os.walk(directory):
        place = Path(folder).relative_to(directory)
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        found += [(place / name).as_posix() for name in [*files, *links]]
        if not folders and not files and folder != str(directory):
            found.append(place.as_posix())
    return sorted(name for name in found if name != SUMS)


def write_sums(directory: Path) -> None:
    """Writes the checksums of all files of a directory."""
    sums = {name: digest(directory / name) for name in list_files(directory) if (directory / name).is_file()}
    (directory / SUMS).write_text(dump_sums(sums), encoding="utf-8")


def dump_sums(sums: Mapping[str, str]) -> str:
    """Returns the file that lists checksums, with one of its own."""
    return json.dumps({_FILES: sums, _WHOLE: fingerprint(json.dumps(sums))}, indent=0)


def read_sums(directory: Path) -> dict[str, str] | None:
    """Reads the checksums of a directory; None if it has none, or they are damaged themselves."""
    try:
        content = json.loads((directory / SUMS).read_text(encoding="utf-8"))
        sums = {str(name): str(each) for name, each in content[_FILES].items()}
        return sums if content[_WHOLE] == fingerprint(json.dumps(sums)) else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def find_damaged(directory: Path) -> list[str]:
    """Returns the files of a directory that are missing or not as they were written; its checksums, if those are."""
    sums = read_sums(directory)
    if sums is None:
        return [SUMS]
    return [name for name, each in sums.items() if not is_whole(directory / name, each)]


def find_strangers(directory: Path) -> list[str]:
    """Returns the files below a directory that textsynth has not written, or that were changed since."""
    sums = read_sums(directory) or {}
    return [name for name in list_files(directory) if not is_whole(directory / name, sums.get(name, ""))]


def is_whole(path: Path, written: str) -> bool:
    """Says whether a file is there and has the checksum that it was written with."""
    return path.is_file() and not path.is_symlink() and digest(path) == written


def sum_path(path: Path) -> Path:
    """Returns the file beside a single file that has its checksum."""
    return path.with_suffix(_SUM)


def write_sum(path: Path, written: Path) -> None:
    """Writes the checksum of a single file beside it, before it is there: a sum alone does no harm.

    Args:
        path: where the file will be.
        written: where it is now.
    """
    sum_path(path).write_text(digest(written), encoding="utf-8")


def read_sum(path: Path) -> str:
    """Reads the checksum that stands beside a file; nothing if none does."""
    try:
        return sum_path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
