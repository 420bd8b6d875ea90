"""Files of any format, batch by batch: the format is named, or found out from name and content."""

from __future__ import annotations

import codecs
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pyarrow.compute as pc

from textsynth.components import registry
from textsynth.components.component import build
from textsynth.components.format import PARTS, Format, Part
from textsynth.conversion.spool import Alias, rename_path, spool_file
from textsynth.corpus import Corpus
from textsynth.errors import CarryError, FormatError, InputError, OptionError, OutputError, UnknownName, nearest
from textsynth.foundation.disk import merged_directory, whole_file
from textsynth.foundation.fetch import find_url
from textsynth.foundation.plural import tell_count
from textsynth.reading.class_name import tidy_class
from textsynth.reading.gzipped import without_gz, zip_file
from textsynth.reading.json_object import parse_head
from textsynth.reading.path_name import name_path
from textsynth.reading.records import Faults, open_binary

logger = logging.getLogger(__name__)

_HOW_TO_NAME = 'name one with --from FORMAT, in a recipe with format = "FORMAT"'
_HEAD = 1 << 16
"""The number of bytes at the start of a file that formats recognise it by, if its first record is no longer."""
_LONGEST_HEAD = 1 << 28
"""The most bytes that are read for the sake of a long first record."""
_BESIDE: tuple[Part, ...] = ("origin", "fields")
"""The parts that stand beside an example: a format that cannot carry them leaves them out."""
_BY_CONTENT = 2
"""From which sureness on a format knows a file by its content."""


def warn_of_fields(format: Format, name: str, examples: int) -> None:
    """Logs that fields were left out of a file, since its format has no place for them; nothing if none were."""
    if examples:
        logger.warning(
            "%s: the format %r has no fields: left out of %s",
            name,
            registry.name_of(format),
            tell_count(examples, "example"),
        )


def write_batches(batches: Iterable[Corpus], path: Path, format: Format, *, force: bool = False) -> None:
    """Writes a stream in a format, gzipped if the name of the path ends in `.gz`, whole or not at all.

    Args:
        batches: the stream.
        path: the file or directory.
        format: of what is written.
        force: whether files may be written into a directory beside those of others.

    Raises:
        OutputError: if the path cannot be written, or is to be gzipped and the format writes a directory, or is a
            directory with files of others.
    """
    if force and path.is_dir():
        with merged_directory(path) as fresh:
            format.write(batches, fresh)
        return
    if without_gz(path) == path:
        format.write(batches, path)
        return
    with whole_file(path) as partial, spool_file(without_gz(path).name) as plain:
        with rename_path(Alias(plain, str(path)), Faults()):
            format.write(batches, plain)
        if plain.is_dir():
            raise OutputError(f"{path}: a directory, as {registry.name_of(format)!r} writes it, cannot be gzipped")
        zip_file(plain, partial)


def read_batches(path: Path, format: Format, faults: Faults) -> Iterator[Corpus]:
    """Reads a path batch by batch.

    Raises:
        FormatError: as `read`, and if there is no example at all.
    """
    empty = True
    for batch in format.read(path, faults):
        if len(batch):
            empty = False
            yield batch
    if empty:
        left = f"all {len(faults.rejected)} of its records were rejected" if faults.rejected else "it has none"
        raise FormatError(f"{path}: must have at least one example for the format {registry.name_of(format)!r}, {left}")


def declare_several(corpus: Corpus) -> Corpus:
    """Returns a corpus that says of itself whether texts have several classes, so that each part of it says so."""
    return corpus.with_names(replace(corpus.names, several=corpus.several))


def keep_carried(
    batch: Corpus, format: Format, drop: Sequence[Part], tell: Callable[[Part, int], None] | None = None
) -> Corpus:
    """Returns a batch with only what a format carries.

    Args:
        batch: examples on their way to the format.
        format: the format that will write them.
        drop: the parts that may be left out; `origin` and `fields` may always be, since they are no part of the
            example.
        tell: is called with each part that was left out and the number of examples that had it.

    Raises:
        CarryError: if something would be lost that `drop` does not name, or the name of a class would not be read back.
    """
    for name in batch.classes if "label" not in drop else ():
        if tidy_class(name) != name:
            raise CarryError(f"a class must have a name without white space around it, has: {name!r}")
    for part in PARTS:
        present = 0 if part in format.carries else _count_present(batch, part)
        if not present:
            continue
        if part not in drop and part not in _BESIDE:
            raise CarryError(_explain_loss(format, part, present, len(batch)))
        batch = _leave_out(batch, part)
        if tell:
            tell(part, present)
    return batch


def with_keep(options: Mapping[str, Any] | None, keep: str | Sequence[str]) -> Mapping[str, Any]:
    """Returns the options of a format with what is to be kept among them.

    Raises:
        OptionError: if both say what is to be kept.
    """
    options = options or {}
    if not keep:
        return options
    if options.get("keep"):
        raise OptionError(f"keep must be given once, was among the options too: {options['keep']!r}")
    return {**options, "keep": keep if isinstance(keep, str) else tuple(keep)}


def _explain_loss(format: Format, part: Part, present: int, examples: int) -> str:
    words = {"spans": "spans", "label": "class labels"}[part]
    return (
        f"the format {registry.name_of(format)!r} cannot carry {words}, which "
        f"{tell_count(present, 'example')} of the first {examples} {'has' if present == 1 else 'have'}; "
        f"drop them with --drop {part}, or choose another format"
    )


def find(path: Path, name: str | None = None, options: Mapping[str, Any] | None = None) -> Format:
    """Returns the format to read a path with: the one named, or the one that recognises its name and content.

    Raises:
        InputError: if there is nothing at the path.
        UnknownName: if no format is sure about it.
    """
    if name is not None:
        return _build(name, options)
    if not path.exists():
        raise InputError(f"{path}: must be a file or directory to read, there is none{_hint_at_hub(path)}")
    recognised = _recognise(path, _read_head(path), _HOW_TO_NAME)
    # What the name of a file does not say is worth a line always.
    expected = _look_up(recognised).recognises(path, "") or path.is_dir()
    logger.log(logging.INFO if expected else logging.WARNING, "%s: read as %s", name_path(path), recognised)
    return _build(recognised, options)


def find_for_writing(path: Path, name: str | None = None, options: Mapping[str, Any] | None = None) -> Format:
    """Returns the format to write a path with: the one named, or the one its name stands for."""
    if url := find_url(path):
        raise OutputError(f"{url}: must be a path to write, is a URL; only runs are written to those")
    return _build(name or _recognise(path, "", "name one with --to FORMAT"), options)


def _build(name: str, options: Mapping[str, Any] | None) -> Format:
    cls = _look_up(name)
    if options and "keep" in options and "keep" not in cls.__dataclass_fields__:
        raise OptionError(f"keep: the format {name!r} has no fields to keep")
    return build(cls, options or {}, f"format {name!r}")


def _recognise(path: Path, head: str, advice: str) -> str:
    path = without_gz(path)
    sureness = {name: _look_up(name).recognises(path, head) for name in registry.names("format")}
    best = max(sureness.values())
    fitting = [name for name in sureness if sureness[name] == best]
    if not best:
        raise UnknownName(f"{path}: no format is known by this name or content; {advice}; {nearest('', sureness)}")
    # What the name says decides between formats that the content fits equally well.
    fitting = [name for name in fitting if _look_up(name).recognises(path, "")] or fitting
    if len(fitting) > 1 and best >= _BY_CONTENT:
        raise UnknownName(f"{path}: the formats {' and '.join(fitting)} fit its content equally well; {advice}")
    return fitting[0]


def _look_up(name: str) -> type[Format]:
    return cast("type[Format]", registry.look_up("format", name))


def _read_head(path: Path) -> str:
    """Returns the start of a file, with at least one whole record of it, however long that is."""
    if path.is_dir():
        return ""
    with open_binary(path) as file:
        raw = file.read(_HEAD)
        while _HEAD <= len(raw) < _LONGEST_HEAD and not _has_whole_record(_decode_head(raw)):
            more = file.read(len(raw))
            raw += more
            if not more:
                break
    return _decode_head(raw)


def _decode_head(raw: bytes) -> str:
    encoding = "utf-16" if raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    return raw.decode(encoding, errors="replace")


def _has_whole_record(head: str) -> bool:
    """Says whether a file has a whole first record: a value if it looks like JSON, else a line."""
    if head.lstrip()[:1] in ("[", "{"):
        return next(parse_head(head), None) is not None
    return "\n" in head or "\x00" in head


def _hint_at_hub(path: Path) -> str:
    return " (a dataset on the hub is read with --from datasets)" if len(path.parts) == 2 and not path.suffix else ""


def _count_present(batch: Corpus, part: Part) -> int:
    """Counts the examples that have a part."""
    if part == "fields":
        return len(batch) - int(batch.fields.null_count)
    column = batch.table.column(part)
    if part == "spans":
        return int(pc.sum(pc.greater(pc.list_value_length(column), 0)).as_py() or 0)
    if part == "origin":
        return int(pc.sum(pc.not_equal(column, "")).as_py() or 0)
    return len(column) - int(column.null_count)


def _leave_out(batch: Corpus, part: Part) -> Corpus:
    if part == "fields":
        return batch.with_fields(None)
    names = ["origin", "parent"] if part == "origin" else [part]
    kept = [name for name in batch.table.column_names if name not in names]
    return Corpus(batch.table.select(kept), tokenizer=batch.tokenizer)


def check_drop(names: Sequence[str], option: str) -> tuple[Part, ...]:
    """Returns the names as parts.

    Args:
        names: the parts that may be left out, as a user named them.
        option: the option that they were named by, for messages.

    Raises:
        OptionError: for a name that is no part.
    """
    for name in names:
        if name not in PARTS:
            raise OptionError(f"{option}: there is no part {name!r} to drop; {nearest(name, PARTS)}")
    return tuple(cast("Part", name) for name in names)
