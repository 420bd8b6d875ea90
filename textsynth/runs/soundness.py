"""Whether a run is as it was written: what is damaged or missing is named, and made again."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from textsynth.chat.archive import ANSWER
from textsynth.errors import RunMismatch
from textsynth.foundation.disk import PARTIAL, UNFINISHED, whole_file, write_whole
from textsynth.foundation.sums import (
    SUMS,
    digest,
    dump_sums,
    find_damaged,
    find_strangers,
    is_whole,
    list_files,
    read_sum,
    read_sums,
)
from textsynth.production.rejects import FILE as REJECTS
from textsynth.production.summary import FILE as SUMMARY
from textsynth.runs.report import DIRECTORY as REPORT
from textsynth.runs.source import ANSWERS, EXTRACTED, NOTE

RECIPE = "recipe.toml"
_DIRECTORIES = (EXTRACTED, "steps/*/fitted", "filters/*/fitted", "dataset", "exports", REPORT)
"""What a run writes as whole directories, each with its checksums."""
_SHARDS = "steps/*/shard-*.arrow"
_ANSWER = re.compile(f"{ANSWERS}/{ANSWER.pattern}")
"""What a chat model said of new mentions."""
_GROWING = "answers/"
"""The folder of a fitted directory that gets files after it was fitted; each has a checksum of its own."""
_ASIDE = ".damaged"
_SHOWN = 3
"""Damaged files that a message names."""

logger = logging.getLogger(__name__)


def seal(directory: Path, summary: str) -> None:
    """Writes the checksums of all that a finished run has, and its summary: a run has ended if that stands there.

    The summary comes last, so that a kill between the two leaves a run that has not ended, and none without checksums.
    """
    with whole_file(directory / SUMMARY) as partial:
        partial.write_text(summary, encoding="utf-8")
        _write_all_sums(directory, digest(partial))


def _write_all_sums(directory: Path, summary: str) -> None:
    names = [name for name in (RECIPE, REJECTS) if (directory / name).exists()]
    sums = {name: digest(directory / name) for name in names} | {SUMMARY: summary}
    for place in _places(directory):
        inner = read_sums(place) or {}
        sums |= {_name(directory, place / name): each for name, each in inner.items()}
        sums[_name(directory, place / SUMS)] = digest(place / SUMS)
    sums |= {_name(directory, path): read_sum(path) for path in _shards(directory)}
    write_whole(directory / SUMS, dump_sums(sums))


def find_damage(directory: Path) -> list[str]:
    """Returns the files of a run that are missing or not as they were written, as far as it has come."""
    if (directory / SUMMARY).exists() or not (directory / RECIPE).exists():
        sealed = read_sums(directory) or {}
        return find_damaged(directory) or ([SUMMARY] if SUMMARY not in sealed and (directory / RECIPE).exists() else [])
    found = [_name(directory, place / name) for place in _places(directory) for name in find_damaged(place)]
    return found + [_name(directory, path) for path in _shards(directory) if not is_whole(path, read_sum(path))]


def mend(directory: Path) -> Mapping[str, str]:
    """Sets aside what is damaged of a run, so that it is made again, and says so; it may be a user's own change.

    Returns:
        The checksums of what was extracted, if that is to be made again: it must come out the same.
    """
    damaged = find_damage(directory)
    if not damaged:
        return {}
    logger.warning(
        "%s: damaged, missing or changed since it was written, and made again: %s; what was there is kept as NAME%s",
        *(directory, list_some(damaged), _ASIDE),
    )
    before = read_sums(directory / EXTRACTED) if find_damaged(directory / EXTRACTED) else {}
    single = [directory / name for name in (SUMMARY, REJECTS) if name in damaged]
    shards = [path for path in _shards(directory) if not is_whole(path, read_sum(path))]
    for path in [*(place for place in _places(directory) if find_damaged(place)), *shards, *single]:
        _set_aside(path)
    (directory / SUMMARY).unlink(missing_ok=True)
    return before or {}


def _set_aside(path: Path) -> None:
    """Renames what is there, if anything is."""
    names = (f"{path.name}{_ASIDE}{number or ''}" for number in itertools.count())
    place = next(place for name in names if not (place := path.with_name(name)).exists())
    if path.exists():
        path.rename(place)


def check_extracted(directory: Path, before: Mapping[str, str]) -> None:
    """Checks that what was extracted again is what it was.

    Raises:
        RunMismatch: if it is not, as the source has changed since.
    """
    now = read_sums(directory / EXTRACTED) or {}
    changed = [name for name, each in before.items() if name != NOTE and now.get(name) != each]
    if changed:
        raise RunMismatch(
            f"{directory}: {EXTRACTED} was damaged, and comes out otherwise now: {list_some(changed)}; the source has "
            "changed since the run was begun; choose another --out, or --overwrite"
        )


def find_foreign(directory: Path) -> list[str]:
    """Returns the files in the folders of a run that no run has written there, or that were changed since."""
    whole = {_name(directory, place) for place in _places(directory)}
    found = [f"{name}/{each}" for name in whole for each in find_strangers(directory / name)]
    found = [name for name in found if f"/fitted/{_GROWING}" not in name]
    shards = {name for path in _shards(directory) for name in (path.name, path.with_suffix(".sum").name)}
    for name in list_files(directory):
        inside = any(name.startswith(f"{place}/") for place in whole)
        unfinished = PARTIAL in name or UNFINISHED in name
        ours = name.rpartition("/")[2] in shards or _ANSWER.fullmatch(name)
        if "/" in name and not inside and not unfinished and not ours:
            found.append(name)
    return sorted(found)


def list_some(names: Sequence[str]) -> str:
    """Returns the first of some names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _places(directory: Path) -> Iterator[Path]:
    for pattern in _DIRECTORIES:
        yield from (path for path in sorted(directory.glob(pattern)) if path.is_dir())


def _shards(directory: Path) -> list[Path]:
    return sorted(directory.glob(_SHARDS))


def _name(directory: Path, path: Path) -> str:
    return path.relative_to(directory).as_posix()
