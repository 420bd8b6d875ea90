"""What a recipe exports beside the dataset: in which format, with which options, and where to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, cast

from textsynth.components import registry
from textsynth.components.component import build
from textsynth.components.format import Format, Part
from textsynth.conversion.files import check_drop
from textsynth.errors import OptionError

_SPLIT = "{split}"
_OWN = ("format", "path", "drop")
"""The keys of a table that are not options of its format."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file, or directory, for each split.

    Args:
        name: what it is called in the summary: its format, or the path if the recipe gives one.
        format: the format with its options.
        path: where it is written in `exports/`; `{split}` stands for the name of the split.
        drop: parts that may be lost.
    """

    name: str
    format: Format
    path: str
    drop: tuple[Part, ...]

    def path_of(self, split: str) -> PurePosixPath:
        """Returns where a split is written, as seen from `exports/`."""
        return PurePosixPath(self.path.replace(_SPLIT, split))


def list_export_files(
    names: Sequence[str], tables: Sequence[Mapping[str, Any]], drop: tuple[Part, ...], where: str
) -> list[ExportFile]:
    """Checks what is to be exported.

    Args:
        names: formats that have their default options and usual names.
        tables: formats with options: `format`, perhaps `path` and `drop`, and options of the format.
        drop: parts that may be lost if a table does not say which.
        where: begins the message of every error.

    Raises:
        OptionError: for an option that is unknown or wrong, or two that are written to one place.
        UnknownName: for a format that does not exist.

    >>> table = {"format": "conll", "scheme": "bilou", "path": "bilou/{split}.conll"}
    >>> [str(each.path_of("train")) for each in list_export_files(["conll"], [table], (), "[export]")]
    ['train.conll', 'bilou/train.conll']
    """
    places = [where] * len(names)
    places += [f"{where}: [[export.files]] number {number}" for number in range(1, len(tables) + 1)]
    files: dict[str, ExportFile] = {}
    for place, table in zip(places, [*({"format": name} for name in names), *tables], strict=True):
        file = _make_file(table, drop, place)
        if file.path in files:
            other = f'path = "{table["format"]}-2/{PurePosixPath(file.path).name}"'
            raise OptionError(
                f"{place}: only one format must be written to {file.path!r}; name another, such as {other}"
            )
        files[file.path] = file
    return list(files.values())


def _make_file(table: Mapping[str, Any], drop: tuple[Part, ...], place: str) -> ExportFile:
    name, path = table.get("format"), table.get("path")
    if not isinstance(name, str):
        raise OptionError(f'{place} must say which format to write, such as format = "conll"')
    cls = cast("type[Format]", registry.look_up("format", name, f"{place}: "))
    format = build(cls, {key: value for key, value in table.items() if key not in _OWN}, f"{place}: format {name!r}")
    drop = _read_drop(table["drop"], place) if "drop" in table else drop
    if path is None:
        return ExportFile(name, format, f"{_SPLIT}{cls.suffixes[0]}" if cls.suffixes else f"{name}/{_SPLIT}", drop)
    return ExportFile(_check_path(path, place), format, path, drop)


def _check_path(path: Any, place: str) -> str:
    """Returns a path that stays in `exports/` and is another one for each split."""
    if not isinstance(path, str) or _SPLIT not in path:
        raise OptionError(f"{place}: option 'path' must have {_SPLIT} for the name of the split, was: {path!r}")
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or str(pure) != path or not path.isprintable() or "\\" in path:
        raise OptionError(f"{place}: option 'path' must be a plain path in exports/, was: {path!r}")
    return path


def _read_drop(value: Any, place: str) -> tuple[Part, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
        raise OptionError(f"{place}: option 'drop' must be an array of strings, was: {value!r}")
    return check_drop(value, f"{place}: option 'drop'")
