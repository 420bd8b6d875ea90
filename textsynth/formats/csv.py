"""CSV and TSV: one example a row under a header, spans as a JSON list in a cell."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Literal

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.errors import FormatError, nearest
from textsynth.foundation.disk import whole_file
from textsynth.reading.gzipped import without_gz
from textsynth.reading.json_object import read_spans
from textsynth.reading.records import Fault, Faults, Record, batch_records, open_binary, read_lines, write_lines

_SEPARATORS = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|"}
_LONGEST_CELL = 2**31 - 1
_COLUMNS = ("text", "label", "spans", "origin", "parent")


@dataclass(frozen=True, kw_only=True)
class Csv(Format):
    """CSV or TSV with a header, quoted as RFC 4180 has it, so that line breaks in a text are kept.

    Args:
        text: the column of the text.
        spans: the column of the spans: a JSON list of objects with `start`, `end`, `label` or of such triples.
        label: the column of the class; an empty cell means none.
        origin: the column of the step that made the example.
        parent: the column of what it was made from.
        separator: what separates the cells; `auto` goes by the file's name, and in reading by its header.
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
    """

    text: str = "text"
    spans: str = "spans"
    label: str = "label"
    origin: str = "origin"
    parent: str = "parent"
    separator: Literal["auto", "comma", "tab", "semicolon", "pipe"] = "auto"
    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".tab")
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows a header with a column `text` and others."""
        header = head.partition("\n")[0]
        known = any("text" in _split(header, mark) for mark in _SEPARATORS.values() if mark in header)
        return 2 if known else super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example a row; blank rows are skipped.

        Raises:
            FormatError: for bad content, and if the header lacks the text's column or another that an option names.
        """
        yield from batch_records(self._read_records(path), path, faults)

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes all five columns, since a stream does not say beforehand which of them stay empty."""
        with whole_file(path) as partial:
            write_lines(partial, self._write_rows(batches, self._choose_mark(path, "")))

    def _read_records(self, path: Path) -> Iterator[Record | Fault]:
        header = next((line for _, line in read_lines(path, self.encoding, Faults("skip")) if line.strip()), "")
        rows = _read_rows(path, self.encoding, self._choose_mark(path, header))
        first = next(rows, None)
        if first is None:
            return
        if isinstance(first, Fault):
            raise FormatError(f"{path}:{first.line}: the header cannot be read: {first.reason}")
        columns = [cell.strip() for cell in first[1]]
        self._check_header(columns, f"{path}:{first[0]}")
        for row in rows:
            yield row if isinstance(row, Fault) else self._interpret(row[0], row[1], columns)

    def _check_header(self, columns: list[str], position: str) -> None:
        for field in fields(self):
            name = getattr(self, field.name)
            if field.name not in _COLUMNS or columns.count(name) == 1:
                continue
            if name in columns:
                raise FormatError(f"{position}: there must be one column {name!r}, there are {columns.count(name)}")
            if field.name == "text" or name != field.default:
                raise FormatError(
                    f"{position}: there must be a column {name!r}, {nearest(name, columns)}; "
                    f"name another with the option {field.name!r}"
                )

    def _interpret(self, line: int, cells: list[str], columns: list[str]) -> Record | Fault:
        if len(cells) != len(columns):
            return Fault(f"a row must have {len(columns)} cells as the header has, has {len(cells)}", line)
        row = dict(zip(columns, cells, strict=True))
        try:
            spans = read_spans(json.loads(row.get(self.spans) or "null"))
        except (ValueError, RecursionError) as error:
            return Fault(f"the column {self.spans!r} must be a JSON list: {error}", line)
        if isinstance(spans, Fault):
            return spans.with_line(line)
        origin, parent = row.get(self.origin, ""), row.get(self.parent, "")
        return Record(line, row[self.text], spans, row.get(self.label) or None, origin, parent)

    def _choose_mark(self, path: Path, header: str) -> str:
        """Returns the separator: as named, as the file's name says, or the one with most columns in the header."""
        if self.separator != "auto":
            return _SEPARATORS[self.separator]
        if without_gz(path).suffix.lower() in (".tsv", ".tab"):
            return "\t"
        found = {mark: _split(header, mark) for mark in _SEPARATORS.values()}
        return max(found, key=lambda mark: (self.text in found[mark], len(found[mark])))

    def _write_rows(self, batches: Iterable[Corpus], mark: str) -> Iterator[str]:
        yield _write_row([getattr(self, name) for name in _COLUMNS], mark)
        for batch in batches:
            for row in batch.table.to_pylist():
                yield _write_row([_write_cell(row[name]) for name in _COLUMNS], mark)


class _Feed:
    """Gives a CSV reader its lines, and remembers where the current row begins and what is wrong with it.

    A line that is not in the encoding is given too, with its bad bytes replaced, since it may close a quotation.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self.first = 0
        self.faults: list[Fault] = []
        self._path, self._encoding = path, encoding

    def __iter__(self) -> Iterator[str]:
        bad = Faults("skip")
        with open_binary(self._path) as file:
            raw = enumerate(file, 1)
            for number, line in itertools.chain(read_lines(self._path, self._encoding, bad), [(0, "")]):
                for _, fault in bad.rejected:
                    self._begin(int(fault.line))
                    self.faults.append(fault)
                    yield next(text for at, text in raw if at == fault.line).decode(self._encoding, "replace")
                bad.rejected.clear()
                if number:
                    self._begin(number)
                    yield line + "\n"

    def _begin(self, number: int) -> None:
        self.first = self.first or number


def _read_rows(path: Path, encoding: str, mark: str) -> Iterator[tuple[int, list[str]] | Fault]:
    """Yields each row that is not blank with its first line; a line that is not in the encoding makes it a fault."""
    csv.field_size_limit(max(_LONGEST_CELL, csv.field_size_limit()))
    feed = _Feed(path, encoding)
    reader = csv.reader(feed, delimiter=mark, strict=True)
    while True:
        feed.first, feed.faults = 0, []
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield feed.faults[0] if feed.faults else Fault(f"a row must be quoted as CSV is: {error}", feed.first)
            continue
        if feed.faults:
            yield feed.faults[0]
        elif cells is None:
            return
        elif cells:
            yield feed.first, cells


def _write_row(cells: Sequence[str], mark: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark).writerow(cells)
    return out.getvalue()


def _write_cell(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) and value else value or ""


def _split(header: str, mark: str) -> list[str]:
    return [cell.strip().strip('"') for cell in header.split(mark)]
