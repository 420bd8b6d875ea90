"""Files by URL: fetched whole into the user's cache, so that whatever reads sees a file or a directory of this machine.

What is there already is not fetched again as long as nothing has changed at the URL.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import filelock

from textsynth.errors import InputError, OptionError
from textsynth.foundation.disk import cache_folder, whole_directory
from textsynth.foundation.seeding import fingerprint
from textsynth.foundation.storage import Storage, Stored
from textsynth.foundation.sums import find_damaged

SCHEMES = ("s3", "gs", "az")
"""How the URLs begin that files are fetched from."""

_FETCHED, _NOTE = "fetched", ".textsynth-url"
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/{1,2}(?=[^/])")
"""A URL, or the path that `Path` makes of it, which has one slash less."""
_LOCAL = re.compile("file:/+")
_PART = 1 << 23
"""Bytes that are asked for at a time: a server that does not give them within its time-out has failed."""
_MOST = 100_000
"""Objects that a folder may have."""
_SPARE = 1 << 28
"""Bytes that stay free on the disk."""


def find_url(path: str | Path) -> str | None:
    """Returns the URL that a path is meant as, or that its file was fetched from; None if it is neither.

    >>> find_url(Path("s3://bucket/train.jsonl")), find_url("data/train.jsonl")
    ('s3://bucket/train.jsonl', None)
    """
    written = Path(path).as_posix()
    if (begin := _URL.match(written)) and not _LOCAL.match(written):
        return f"{begin[1]}://{written[begin.end() :]}"
    if Path(path).parent.parent != cache_folder() / _FETCHED:
        return None
    try:
        return str(json.loads((Path(path).parent / _NOTE).read_text(encoding="utf-8"))["url"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def place_url(url: str) -> Path:
    """Returns where the file or directory of a URL comes to lie.

    Raises:
        OptionError: if it is no URL that files are fetched from, or names a whole bucket.
    """
    scheme, _, rest = url.partition("://")
    if "@" in rest or "?" in rest:
        raise OptionError(f"{scheme}://…: must have no credentials and no parameters; they come from the environment")
    if scheme not in SCHEMES:
        raise OptionError(f"{url}: must be a path or begin with one of {', '.join(f'{each}://' for each in SCHEMES)}")
    bucket, _, name = rest.strip("/").partition("/")
    if not bucket or not name:
        raise OptionError(f"{url}: must name an object or a folder in a bucket, names the bucket alone")
    return cache_folder() / _FETCHED / fingerprint(f"{scheme}://{bucket}/{name}") / PurePosixPath(name).name


def to_local(path: str | Path) -> Path:
    """Returns the file or directory of this machine that a path or a URL stands for; it is fetched if it must.

    Args:
        path: a path, a URL, or a path that a URL has become by `Path`.

    Raises:
        InputError: if there is nothing at the URL, or more than fits.
        OptionError: for a URL that files are not fetched from.
        OutputError: if the storage cannot be reached, or the cache not be written.
    """
    written = Path(path).as_posix()
    if _LOCAL.match(written):
        return Path(_LOCAL.sub("/", written))
    return fetch(find_url(path) or written) if _URL.match(written) else Path(path)


def fetch(url: str) -> Path:
    """Fetches what a URL names, an object or all objects of a folder, and returns where it lies; as `to_local`."""
    place, storage = place_url(url), Storage(url)
    found = storage.find_objects(_MOST)
    if not found:
        raise InputError(f"{url}: must be an object or a folder of objects, there is none")
    if len(found) > _MOST:
        raise InputError(f"{url}: must be a folder of at most {_MOST} objects, has more")
    folder = place.parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder.with_suffix(".lock")):  # Two runs may want the same at the same time.
        note = {"url": url, "objects": found}
        if json.loads(json.dumps(note)) != _read_note(folder):
            _check_room(url, found, folder)
            with whole_directory(folder) as partial:
                for name, stored in found.items():
                    _fetch_object(storage, name, stored, _join(url, partial / place.name, name))
                (partial / _NOTE).write_text(json.dumps(note), encoding="utf-8")
    return place


def _read_note(folder: Path) -> object:
    """Returns what was fetched into a folder; None if it is not all there."""
    try:
        note = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return note if not find_damaged(folder) else None


def _check_room(url: str, found: Mapping[str, Stored], folder: Path) -> None:
    size, free = sum(each.size for each in found.values()), shutil.disk_usage(folder.parent).free
    if size > free - _SPARE:
        raise InputError(
            f"{url}: must fit into {cache_folder()}, has {size / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free; "
            "TEXTSYNTH_CACHE names another folder"
        )


def _join(url: str, place: Path, name: str) -> Path:
    """Returns where an object of a folder goes, which is never outside of it."""
    parts = name.split("/") if name else []
    if any(part in ("", ".", "..") or "\\" in part or ":" in part for part in parts):
        raise InputError(f"{url}: must have objects that can be files, has {name!r}")
    return place.joinpath(*parts)


def _fetch_object(storage: Storage, name: str, stored: Stored, path: Path) -> None:
    """Writes an object into a file, part by part, each as it was when it was looked at."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for begin in range(0, stored.size, _PART):
            file.write(storage.read_part(name, begin, min(begin + _PART, stored.size), stored.tag))
