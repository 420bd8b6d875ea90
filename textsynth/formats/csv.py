"""CSV and TSV: one example a row under a header, spans as a JSON list in a cell."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from textsynth.components.format import Format, Part
from textsynth.conversion.spool import learn_types
from textsynth.corpus import Corpus, Names, Tokenizer
from textsynth.corpus.classes import write_class_cell
from textsynth.corpus.fields import read_fields, to_text
from textsynth.corpus.tag_notation import Scheme, TagNotation, choose_notation, list_steps
from textsynth.errors import CarryError, FormatError
from textsynth.foundation.disk import whole_file
from textsynth.foundation.plural import tell_count
from textsynth.reading.cell_columns import (
    OWN,
    CellColumns,
    NamedCells,
    check_unread,
    choose_kept,
    find_cells,
    is_own,
    list_hot_columns,
    read_row_class,
    take_cells,
)
from textsynth.reading.cell_survey import survey_cells
from textsynth.reading.code_unit import count_in_units
from textsynth.reading.field_names import parse_literal
from textsynth.reading.gzipped import without_gz
from textsynth.reading.json_object import read_spans
from textsynth.reading.json_span import read_json_spans
from textsynth.reading.keep import Keep, KeptNames
from textsynth.reading.multi_hot import check_hot_option, make_hot
from textsynth.reading.records import (
    Fault,
    Faults,
    Record,
    Spans,
    batch_records,
    list_triples,
    open_binary,
    read_lines,
    write_lines,
)
from textsynth.reading.repair import Repairs
from textsynth.reading.span_place import AnyOffsets, place_spans
from textsynth.reading.token_rows import Row, group_tokens, read_token_rows
from textsynth.reading.unread import Unread

_SEPARATORS = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|"}
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What spreadsheets take for a formula at the beginning of a cell, or what would be, had it no apostrophe."""

_PROVENANCE = ("origin", "parent")
"""The columns of the step that made an example, and of what it was made from."""

_PLAIN = {"start", "end", "label"}
_LONGEST_CELL = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Csv(Format):
    """CSV or TSV with a header, quoted as RFC 4180 has it, so that line breaks in a text are kept.

    A column that is not named by an option is found by its name: the text as `text`, `sentence`, `utterance` and
    others, the class as `label`, `intent`, `category` and others, spans as `spans`, `entities` or any usual name if its
    cells are JSON lists of spans. Tables with one token a row (`Sentence #`, `Word`, `Tag`) and tables whose cells are
    lists of tokens and tags are read too. What a column holds is found out from all rows.

    White space around names of columns and classes is no part of them. The columns `origin` and `parent`, if there are
    some, say which step made an example, and of what.

    Args:
        text: the column of the text. It is written as `text`.
        spans: the column of the spans: a JSON list of objects with start, end and label or of such triples.
        label: the column of the class; an empty cell means none, a list in the cell any number. It is written as
            `label`.
        classes: columns of 0 and 1, one for each class and called like it; read and written instead of `label`.
        tokens: the column of the tokens: one a row, or a list in a cell.
        tags: the column of the tags, likewise.
        sentence: the column that names the sentence of a token; an empty cell means the same as the row before.
        scheme: the scheme of the tags; `auto` finds it out from the whole file.
        keep: columns that travel with an example to all that is made of it, and to what is written; "*" for all that
            nothing reads. A cell is text; what is no text is written as JSON. Of a table with one token a
            row, a column has its cell, or a list of its cells if those of a sentence differ.
        ignore: columns that are passed over, whatever they look like, and not named.
        offsets: what offsets count; `auto` goes by the text that stands beside them, and refuses a text that reads
            differently in characters and in UTF-16 code units. Characters are written, or what is named here.
        separator: what separates the cells; `auto` goes by the file's name, and in reading by its header.
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
        guard: whether what a spreadsheet would take for a formula is written with an apostrophe before it, which is
            taken away again when it is read with this option.
    """

    text: str | None = None
    spans: str | None = None
    label: str | None = None
    classes: tuple[str, ...] = ()
    tokens: str | None = None
    tags: str | None = None
    sentence: str | None = None
    scheme: Literal["auto"] | Scheme = "auto"
    keep: KeptNames = ()
    ignore: tuple[str, ...] = ()
    offsets: AnyOffsets = "auto"
    separator: Literal["auto", "comma", "tab", "semicolon", "pipe"] = "auto"
    encoding: str = "utf-8"
    guard: bool = False

    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".tab")
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin", "fields"})

    def __post_init__(self) -> None:
        super().__post_init__()
        check_hot_option(self.classes, self.label)

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
        unread, keep = Unread(self.ignore), Keep(self.keep, self.ignore, str(path))
        columns, records, names = self._open(path, unread, keep)
        tokenizer: Tokenizer = "words" if columns.tokens is None else "whitespace"
        yield from batch_records(records, path, faults, tokenizer, names=names)
        unread.log(path)
        keep.check()

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes all five columns, since a stream does not say beforehand which of them stay empty, and the fields."""
        with learn_types(batches) as (types, stream), whole_file(path) as partial:
            names = [each.name for each in types]
            write_lines(partial, self._write_rows(stream, self._choose_mark(path, ""), names))

    def _open(self, path: Path, unread: Unread, keep: Keep) -> tuple[CellColumns, Iterator[Record | Fault], Names]:
        """Finds out the columns, and returns them with the records and what the first rows say of the classes."""
        header = next((line for _, line in read_lines(path, self.encoding, Faults("skip")) if line.strip()), "")
        mark = self._choose_mark(path, header)
        rows = self._read_rows(path, mark)
        first = next(rows, None)
        if first is None:
            return CellColumns(), iter(()), Names()
        if isinstance(first, Fault):
            raise FormatError(f"{path}:{first.line}: the header cannot be read: {first.reason}")
        names = [cell.strip() for cell in first[1]]
        _check_provenance(names, f"{path}:{first[0]}")
        named = NamedCells(self.text, self.label, self.spans, self.tokens, self.tags, self.sentence)
        plain = is_own(names, named) and len(names) == len(OWN)  # There is nothing to find out.
        known = () if plain else self._read_body(path, mark)
        facts = survey_cells(names, (row[1] for row in known if not isinstance(row, Fault)))
        columns = find_cells(names, facts, named, f"{path}:{first[0]}", self.classes)
        columns = choose_kept(names, columns, keep, _PROVENANCE, facts)
        check_unread(names, columns, facts, unread, f"{path}:{first[0]}")
        declared = Names(classes=columns.hot, several=bool(columns.hot))
        named_rows = _name_rows(rows, names)
        if columns.tokens is None:
            return columns, (self._interpret(row, columns) for row in named_rows), declared
        notation = self._find_notation(_name_rows(self._read_body(path, mark), names), columns, path)
        return columns, read_token_rows(named_rows, columns, notation), declared

    def _read_body(self, path: Path, mark: str) -> Iterator[tuple[int, list[str]] | Fault]:
        """Reads the rows below the header, from the first one on."""
        return itertools.islice(self._read_rows(path, mark), 1, None)

    def _read_rows(self, path: Path, mark: str) -> Iterator[tuple[int, list[str]] | Fault]:
        """Reads rows, without the apostrophes of guarded cells."""
        rows = _read_rows(path, self.encoding, mark)
        if not self.guard:
            return rows
        return (row if isinstance(row, Fault) else (row[0], list(map(_unguard, row[1]))) for row in rows)

    def _find_notation(self, rows: Iterable[Row | Fault], columns: CellColumns, path: Path) -> TagNotation:
        steps = {step for tagged in group_tokens(rows, columns) if not isinstance(tagged, Fault)
                 for step in list_steps(tagged.tags)}  # fmt: skip
        return choose_notation(steps, None if self.scheme == "auto" else self.scheme, str(path))

    def _interpret(self, named: Row | Fault, columns: CellColumns) -> Record | Fault:
        if isinstance(named, Fault):
            return named
        line, row = named
        text = row[columns.text or "text"]
        spans = self._read_spans(text, row[columns.spans], columns) if columns.spans else []
        if isinstance(spans, Fault):
            return spans.with_line(line)
        label = read_row_class(row, columns)
        if isinstance(label, Fault):
            return label.with_line(line)
        return Record(line, text, spans, label, row.get("origin", ""), row.get("parent", ""), take_cells(row, columns))

    def _read_spans(self, text: str, cell: str, columns: CellColumns) -> Spans | Fault:
        if not cell.strip():
            return []
        try:
            value = json.loads(cell)
        except (ValueError, RecursionError) as error:
            value = parse_literal(cell)
            if value is None:
                return Fault(f"the column {columns.spans!r} must be a JSON list: {error}")
        own = columns.own and self.offsets == "auto"
        if own or (text.isascii() and "\r\n" not in text and _is_plain(value)):  # In ASCII all units are one.
            return read_spans(value)
        quoted = read_json_spans([] if value is None else value)
        if isinstance(quoted, Fault):
            return quoted
        return place_spans(text, quoted.spans, quoted.quotes, self.offsets, Repairs())

    def _choose_mark(self, path: Path, header: str) -> str:
        """Returns the separator: as named, as the file's name says, or the one with most columns in the header."""
        if self.separator != "auto":
            return _SEPARATORS[self.separator]
        if without_gz(path).suffix.lower() in (".tsv", ".tab"):
            return "\t"
        found = {mark: _split(header, mark) for mark in _SEPARATORS.values()}
        return max(found, key=lambda mark: ((self.text or "text") in found[mark], len(found[mark])))

    def _write_rows(self, batches: Iterable[Corpus], mark: str, fields: Sequence[str]) -> Iterator[str]:
        own = [getattr(self, name, None) or name for name in OWN]
        own = list(list_hot_columns(own, self.classes)) if self.classes else own
        for name in fields:
            if name in own or name != name.strip():
                must = "must have another name than the columns beside it, and no white space around it"
                raise CarryError(f"the field {name!r} {must} in 'csv'")
        write = _guard if self.guard else str
        yield _write_row(list(map(write, [*own, *fields])), mark)
        for batch in batches:
            several = batch.several
            for row in batch.table.to_pylist():
                counted = row if self.offsets in ("auto", "characters") else self._count(row)
                held = read_fields(row.get("fields"))
                cells = [to_text(held.get(name)) for name in fields]
                made = [_write_cell(counted[name]) for name in ("spans", "origin", "parent")]
                whole = [row["text"], *self._write_classes(row["label"], several), *made, *cells]
                yield _write_row(list(map(write, whole)), mark)

    def _write_classes(self, combination: str | None, several: bool) -> list[str]:
        """Returns the cells of the classes: one a class, or one for all."""
        if not self.classes:
            return [write_class_cell(combination, several)]
        return ["" if flag is None else str(flag) for flag in make_hot(self.classes, combination).values()]

    def _count(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Returns a row with its spans in the unit that the option names."""
        unit = "characters" if self.offsets == "auto" else self.offsets
        spans = count_in_units(row["text"], list_triples(row["spans"]), unit)
        return {**row, "spans": [{"start": start, "end": end, "label": label} for start, end, label in spans]}


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


def _check_provenance(columns: list[str], position: str) -> None:
    for name in _PROVENANCE:
        if columns.count(name) > 1:
            raise FormatError(f"{position}: there must be one column {name!r}, there are {columns.count(name)}")


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


def _name_rows(rows: Iterable[tuple[int, list[str]] | Fault], columns: Sequence[str]) -> Iterator[Row | Fault]:
    """Gives each row with the names of its cells."""
    for row in rows:
        if isinstance(row, Fault):
            yield row
        elif len(row[1]) != len(columns):
            yield Fault(
                f"a row must have {tell_count(len(columns), 'cell')} as the header has, has {len(row[1])}", row[0]
            )
        else:
            yield row[0], dict(zip(columns, row[1], strict=True))


def _is_plain(value: Any) -> bool:
    """Says whether spans are as they are written here; they are read at once."""
    return value is None or (
        type(value) is list and all(type(span) is dict and span.keys() == _PLAIN for span in value)
    )


def _guard(cell: str) -> str:
    """Returns a cell that no spreadsheet takes for a formula.

    >>> _guard("=1+1"), _guard("a = b"), _unguard(_guard("'=1")), _unguard("'tis")
    ("'=1+1", 'a = b', "'=1", "'tis")
    """
    return "'" + cell if _FORMULA.match(cell) else cell


def _unguard(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _write_row(cells: Sequence[str], mark: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark).writerow(cells)
    return out.getvalue()


def _write_cell(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) and value else value or ""


def _split(header: str, mark: str) -> list[str]:
    return [cell.strip().strip('"') for cell in header.split(mark)]
