"""What a path of a source stands for: a file or directory, the files of a pattern, or standard input."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from textsynth.conversion.files import find, read_batches
from textsynth.conversion.spool import Alias, rename_path, spool_file
from textsynth.corpus import Corpus
from textsynth.errors import InputError
from textsynth.foundation.fetch import find_url, to_local
from textsynth.reading.keep import read_each
from textsynth.reading.records import Faults

STANDARD_INPUT = Path("-")


def list_files(path: Path) -> list[Path]:
    """Returns the files that a path with `*`, `?` or `[…]` stands for, by name; another stands for itself.

    A URL stands for what is fetched from it.
    `**` stands for any number of folders. Files without a byte have nothing to be read, and are left out; so are
    brat's `.ann` files beside their `.txt` files, since either of a pair stands for both.

    Raises:
        InputError: if there is no such file.
    """
    path = to_local(path)
    if not glob.has_magic(str(path)) or os.path.lexists(path):
        return [path]
    found = [Path(name) for name in match_pattern(str(path))]
    filled = [each for each in found if each.is_dir() or each.stat().st_size]
    if not filled:
        raise InputError(f"{path}: must stand for files to read, there is {'none but empty ones' if found else 'none'}")
    return [each for each in filled if each.suffix != ".ann" or each.with_suffix(".txt") not in filled]


def match_pattern(path: str) -> list[str]:
    """Returns what is there that a path with `*`, `?` or `[…]` fits, in order; nothing for one that has none."""
    return sorted(glob.glob(path, recursive=True)) if glob.has_magic(path) else []  # noqa: PTH207 absolute patterns


def read_source_path(
    path: Path, format: str | None, options: Mapping[str, Any] | None, faults: Faults
) -> Iterator[Corpus]:
    """Reads all that a path stands for, batch by batch, one file after the other.

    Args:
        path: a file, a directory, a pattern, a URL, an id on the hub, or `-` for standard input.
        format: the name of the format; that of each file is found out from its name and content if None.
        options: the options of the format.
        faults: what happens with bad records.
    """
    if path == STANDARD_INPUT:
        yield from _read_standard_input(format, options, faults)
        return
    yield from read_each(_read_file(file, format, options, faults) for file in list_files(path))


def _read_file(path: Path, format: str | None, options: Mapping[str, Any] | None, faults: Faults) -> Iterator[Corpus]:
    """Reads a file, which messages name by its URL if it was fetched from one."""
    url = find_url(path)
    with rename_path(Alias(path, url), faults) if url else contextlib.nullcontext():
        yield from read_batches(path, find(path, format, options), faults)


def _read_standard_input(format: str | None, options: Mapping[str, Any] | None, faults: Faults) -> Iterator[Corpus]:
    """Reads standard input from a file, since formats look at what they read more than once."""
    with spool_file("input") as path, rename_path(Alias(path, "standard input"), faults):
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield from read_batches(path, find(path, format, options), faults)
