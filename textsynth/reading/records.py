"""From records of a file to a corpus, batch by batch, with the line of whatever is wrong."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

import pyarrow as pa

from textsynth.corpus import SCHEMA, Corpus, Names, Tokenizer, find_faults, span_array
from textsynth.corpus.classes import MARK, find_label_fault, join_classes
from textsynth.corpus.fields import FIELDS
from textsynth.errors import FormatError, InputError, OptionError
from textsynth.foundation.disk import write_whole
from textsynth.reading.gzipped import GZIP, unzip

if TYPE_CHECKING:
    from textsynth.reading.repair import Repairs

BATCH = 10_000
"""The most examples in one corpus of a stream."""

BOM = "\ufeff"
"""The byte order mark, as a character."""

OnError = Literal["stop", "skip"]


Spans = list[tuple[int, int, str]]
"""The spans of a text as `(start, end, label)`."""


@dataclass(frozen=True, slots=True)
class Record:
    """One example as a file has it, not yet checked.

    Args:
        line: where it begins, counted from 1; a string if lines have no meaning, such as `"doc7.ann:3"`.
        text: the text.
        spans: its `(start, end, label)`.
        label: its class, or None; several as `join_classes` joins them.
        origin: the step that made it, empty if the file does not say.
        parent: what it was made from, empty if the file does not say.
        fields: its fields that are kept, as a JSON object; None if none are ever kept.
    """

    line: int | str
    text: str
    spans: Spans
    label: str | None = None
    origin: str = ""
    parent: str = ""
    fields: str | None = None

    def with_spans(self, spans: Spans) -> Record:
        """Returns the same record with other spans."""
        return replace(self, spans=spans)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a record.

    Args:
        reason: what must hold and what it was.
        line: where the record begins, as for `Record`; empty as long as only the caller knows.
    """

    reason: str
    line: int | str = ""

    def with_line(self, line: int | str) -> Fault:
        """Returns the same fault of the record that begins at a line."""
        return Fault(self.reason, line)


@dataclass(slots=True)
class Faults:
    """What happens with bad records: the first one ends the reading, or all are set aside.

    Args:
        on_error: `"stop"` raises at the first, `"skip"` keeps them in `rejected`.
        rejected: the faults so far, each with its path.

    Raises:
        OptionError: if `on_error` is neither.
    """

    on_error: OnError = "stop"
    rejected: list[tuple[Path, Fault]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.on_error not in ("stop", "skip"):
            raise OptionError(f"on_error must be 'stop' or 'skip', was: {self.on_error!r}")

    def add(self, path: Path, fault: Fault) -> None:
        """Takes note of a bad record.

        Raises:
            FormatError: if `on_error` is `"stop"`.
        """
        if self.on_error == "stop":
            raise FormatError(f"{path}:{fault.line}: {fault.reason}")
        self.rejected.append((path, fault))

    def write(self, path: Path) -> None:
        """Writes the rejected records as JSON lines with `path`, `line` and `reason`; nothing if there are none."""
        if self.rejected:
            rows = [{"path": str(at), "line": fault.line, "reason": fault.reason} for at, fault in self.rejected]
            write_whole(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def batch_records(
    records: Iterable[Record | Fault | pa.Table],
    path: Path,
    faults: Faults,
    tokenizer: Tokenizer = "words",
    repairs: Repairs | None = None,
    names: Names | None = None,
) -> Iterator[Corpus]:
    """Checks records and yields them as corpora of at most `BATCH` examples; bad ones go to `faults`.

    Args:
        records: what a format made of a file; a table is many at once, of which it is known that they are sound.
        path: the file, for messages.
        faults: what happens with bad records.
        tokenizer: how the texts fall into tokens.
        repairs: what is done about bad spans; None for a format that has no such option.
        names: the names that the file declares.
    """
    for chunk in _fill_chunks(records):
        tables = [each for each in chunk if isinstance(each, pa.Table)]
        if len(tables) == len(chunk):
            corpus = Corpus.from_trusted(pa.concat_tables(tables).combine_chunks(), tokenizer)
        else:
            single = itertools.chain.from_iterable(map(_list_records, chunk))
            corpus = _check_rows(list(_clean(single, path, faults)), path, faults, tokenizer, repairs)
        yield corpus.with_names(names) if names else corpus
    if repairs is not None:
        repairs.log(path)


def read_lines(path: Path, encoding: str, faults: Faults) -> Iterator[tuple[int, str]]:
    r"""Yields each line of a text file with its number; lines end at `\\n` alone, which is cut off.

    A byte order mark at the start is not part of the text. Lines that are not in the encoding go to `faults`.

    Raises:
        InputError: if the file cannot be read, or the encoding is not known.
    """
    with open_binary(path) as file:
        try:
            if "\n".encode(encoding) != b"\n":
                yield from _read_wide_lines(file, path, encoding)
                return
        except LookupError as error:
            raise InputError(f"{path}: there is no encoding {encoding!r}") from error
        yield from decode_lines(file, 1, path, encoding, faults)


def decode_lines(
    lines: Iterable[bytes], first: int, path: Path, encoding: str, faults: Faults
) -> Iterator[tuple[int, str]]:
    """Yields lines with their numbers, as `read_lines` does; the first has the number `first`."""
    for number, raw in enumerate(lines, first):
        try:
            line = raw.decode(encoding)
        except UnicodeDecodeError as error:
            faults.add(path, Fault(_explain_encoding(raw, error, encoding), number))
            continue
        yield number, _cut(line, first=number == 1)


def make_label(names: Sequence[str]) -> str | Fault | None:
    r"""Returns what the column `label` holds for the classes that a text has, None if it has none.

    >>> make_label(["news"]), make_label(["b", "a"]), make_label([])
    ('news', 'a\ufdd0b', None)
    """
    if any(MARK in name for name in names):
        return Fault(find_label_fault(tuple(names)) or "")
    return join_classes(names) if names else None


def list_triples(spans: Iterable[Mapping[str, Any]]) -> Spans:
    """Returns the spans of a row of a corpus' table as triples.

    >>> list_triples([{"start": 0, "end": 3, "label": "PERSON"}])
    [(0, 3, 'PERSON')]
    """
    return [(span["start"], span["end"], span["label"]) for span in spans]


def open_binary(path: Path) -> IO[bytes]:
    """Opens a file for reading; one that is gzipped gives what it was before, whatever its name.

    Raises:
        InputError: if it is missing, a directory, or may not be read.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise InputError(f"{path}: must be a file to read, there is none") from error
    except IsADirectoryError as error:
        raise InputError(f"{path}: must be a file to read, is a directory") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    return unzip(file, path) if file.peek(len(GZIP))[: len(GZIP)] == GZIP else file


def write_lines(path: Path, chunks: Iterable[str]) -> None:
    """Writes text as UTF-8; text that begins with a byte order mark gets one more, which reading cuts off."""
    stream = itertools.dropwhile(lambda chunk: not chunk, chunks)
    first = next(stream, "")
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(BOM + first if first.startswith(BOM) else first)
        file.writelines(stream)


def _fill_chunks(records: Iterable[Record | Fault | pa.Table]) -> Iterator[list[Record | Fault | pa.Table]]:
    """Yields as many as a batch has at a time; a table is cut if need be."""
    chunk: list[Record | Fault | pa.Table] = []
    size = 0
    for each in records:
        rest: Record | Fault | pa.Table | None = each
        while rest is not None:
            part, rest = _cut_rows(rest, BATCH - size)
            chunk.append(part)
            size += part.num_rows if isinstance(part, pa.Table) else 1
            if size == BATCH:
                yield chunk
                chunk, size = [], 0
    if chunk:
        yield chunk


def _cut_rows(each: Record | Fault | pa.Table, room: int) -> tuple[Record | Fault | pa.Table, pa.Table | None]:
    """Returns what there is room for, and the rows beyond."""
    if not isinstance(each, pa.Table) or each.num_rows <= room:
        return each, None
    return each.slice(0, room), each.slice(room)


def _list_records(each: Record | Fault | pa.Table) -> Iterable[Record | Fault]:
    if not isinstance(each, pa.Table):
        return [each]
    rows = zip(each.column("text").to_pylist(), each.column("spans").to_pylist(), strict=True)
    return [Record("", text, list_triples(spans)) for text, spans in rows]


def _clean(chunk: Iterable[Record | Fault], path: Path, faults: Faults) -> Iterator[Record]:
    for record in chunk:
        if isinstance(record, Fault):
            faults.add(path, record)
        elif reason := _explain_unencodable(record):
            faults.add(path, Fault(reason, record.line))
        else:
            yield record


def _explain_unencodable(record: Record) -> str | None:
    """Says what no table can hold: half of a surrogate pair, which is no character, or an offset beyond 32 bits."""
    strings = [record.text, record.label or "", record.origin, record.parent, *(label for _, _, label in record.spans)]
    if record.fields:
        strings.append(record.fields)
    for string in strings:
        try:
            string.encode()
        except UnicodeEncodeError as error:
            return f"the text must be Unicode characters, has a lone surrogate at character {error.start}"
    if any(not -(2**31) <= offset < 2**31 for start, end, _ in record.spans for offset in (start, end)):
        return "the offsets of a span must be numbers of characters, were out of all range"
    return None


def _check_rows(
    rows: list[Record], path: Path, faults: Faults, tokenizer: Tokenizer, repairs: Repairs | None
) -> Corpus:
    table = _make_table(rows)
    bad = find_faults(table)
    if bad and repairs is not None:
        rows = [repairs.mend(record) if row in bad else record for row, record in enumerate(rows)]
        table = _make_table(rows)
        bad = {row: reason + repairs.hint(rows[row]) for row, reason in find_faults(table).items()}
    for row, reason in bad.items():
        faults.add(path, Fault(reason, rows[row].line))
    corpus = Corpus.from_trusted(table, tokenizer)
    if not bad:
        return corpus
    return corpus.mask(pa.array([row not in bad for row in range(len(rows))]).to_numpy(zero_copy_only=False))


def _make_table(rows: list[Record]) -> pa.Table:
    columns = [
        pa.array([row.text for row in rows], pa.string()),
        span_array([sorted(row.spans) for row in rows]),
        pa.array([row.label for row in rows], pa.string()),
        pa.array([row.origin for row in rows], pa.string()),
        pa.array([row.parent for row in rows], pa.string()),
    ]
    table = pa.table(columns, schema=SCHEMA)
    if not any(row.fields for row in rows):
        return table
    return table.append_column(
        FIELDS, pa.array([None if row.fields == "{}" else row.fields for row in rows], FIELDS.type)
    )


def _read_wide_lines(file: IO[bytes], path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """Yields the lines of an encoding whose line end is not one byte; one bad byte makes the whole file unreadable."""
    try:
        text = file.read().decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: must be {encoding}, {error.reason} at byte {error.start}") from error
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        yield number, _cut(line, first=number == 1)


def _cut(line: str, *, first: bool) -> str:
    line = line.removesuffix("\n")
    return line.removeprefix(BOM) if first else line


def _explain_encoding(raw: bytes, error: UnicodeDecodeError, encoding: str) -> str:
    byte = f"byte 0x{raw[error.start]:02x} at {error.start}"
    return f"the text must be {encoding}, has {byte}; name another with the option 'encoding'"
