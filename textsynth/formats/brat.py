"""brat standoff: a directory with the text of each example in NAME.txt and its spans in NAME.ann."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example, Span, span_fault
from textsynth.errors import CarryError, FormatError
from textsynth.foundation.disk import whole_directory
from textsynth.reading.records import (
    BOM,
    Fault,
    Faults,
    Record,
    Spans,
    batch_records,
    open_binary,
    read_lines,
    write_lines,
)
from textsynth.reading.repair import Repair, Repairs, explain
from textsynth.reading.span_place import place_spans
from textsynth.reading.unread import Unread

_SPAN = re.compile(r"(\S+) ([0-9]+) ([0-9]+)")
_OTHER_KINDS = {
    "R": "relations",
    "E": "events",
    "A": "attributes",
    "M": "modifications",
    "N": "normalisations",
    "#": "notes",
    "*": "equivalences",
}
"""What lines are about by the first character, if they are not about spans."""


@dataclass(frozen=True, kw_only=True)
class Brat(Format):
    """brat standoff annotation: spans only, one example a document.

    Relations, events, attributes and notes are not read, and named. A span of several pieces is a fault, as is one
    whose quoted text is not what stands at its offsets. Where a text has characters beyond the first plane, the
    quoted text says what offsets count.

    Args:
        repair: what is mended, and counted: `join` makes one span of pieces with a line break between them, `quote`
            finds offsets again by the quoted text, as is needed if they count a CRLF as one character, `trim`,
            `longest`.
        encoding: how the files' bytes stand for characters when they are read; they are always written as UTF-8.
    """

    repair: tuple[Repair, ...] = ()
    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".brat",)
    carries: ClassVar[frozenset[Part]] = frozenset({"spans"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows a directory with `.ann` files, either file of a pair, and by name a directory `….brat`."""
        if path.is_dir() and next(path.glob("*.ann"), None):
            return 2
        if path.is_file() and path.suffix in (".ann", ".txt") and path.with_suffix(".ann").is_file():
            return 2
        return super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads the documents in the order of their names; of a file, the pair that it belongs to."""
        folder, repairs, unread = path if path.is_dir() else path.parent, Repairs(self.repair), Unread()
        yield from batch_records(self._read_documents(path, repairs, unread), folder, faults, repairs=repairs)
        unread.log(folder, "")

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes a directory of `0000000.txt`, `0000000.ann` and so on."""
        with whole_directory(path) as partial:
            examples = (example for batch in batches for example in batch)
            for row, example in enumerate(examples):
                write_lines(partial / f"{row:07}.txt", [example.text])
                write_lines(partial / f"{row:07}.ann", _write_annotations(row, example))

    def _read_documents(self, path: Path, repairs: Repairs, unread: Unread) -> Iterator[Record | Fault]:
        if not path.is_dir():
            open_binary(path).close()
            yield self._read_pair(path.with_suffix(".txt"), path.with_suffix(".ann"), repairs, unread)
            return
        for stem in sorted({file.stem for file in path.iterdir() if file.suffix in (".txt", ".ann")}):
            pair = path / f"{stem}.txt", path / f"{stem}.ann"
            missing = next((file.name for file in pair if not file.is_file()), None)
            if missing:
                yield Fault("must stand beside its other half, is missing", missing)
            else:
                yield self._read_pair(*pair, repairs, unread)

    def _read_pair(self, text_path: Path, spans_path: Path, repairs: Repairs, unread: Unread) -> Record | Fault:
        text = self._read_text(text_path)
        if isinstance(text, Fault):
            return text
        bad = Faults("skip")
        annotations = list(read_lines(spans_path, self.encoding, bad))
        if bad.rejected:
            return _with_file(spans_path, bad.rejected[0][1])
        marks = _read_marks(text, annotations, repairs, unread)
        spans = marks if isinstance(marks, Fault) else _place(text, marks, repairs)
        if isinstance(spans, Fault):
            return _with_file(spans_path, spans)
        return Record(text_path.name, text, spans)

    def _read_text(self, path: Path) -> str | Fault:
        """Reads a text with its line breaks as they are; `read_lines` finds where a bad byte is."""
        with open_binary(path) as file:
            raw = file.read()
        try:
            return raw.decode(self.encoding).removeprefix(BOM)
        except (LookupError, UnicodeDecodeError) as error:
            bad = Faults("skip")
            for _ in read_lines(path, self.encoding, bad):
                pass
            if not bad.rejected:
                raise FormatError(f"{path}: must be {self.encoding}, is not: {error}") from error
            return _with_file(path, bad.rejected[0][1])


@dataclass(frozen=True, slots=True)
class _Mark:
    """A T line.

    Args:
        line: its number.
        span: start, end and label as it has them.
        quote: the text that it quotes.
    """

    line: int
    span: tuple[int, int, str]
    quote: str


def _read_marks(
    text: str, annotations: Iterable[tuple[int, str]], repairs: Repairs, unread: Unread
) -> list[_Mark] | Fault:
    """Reads the T lines; kinds of other lines are passed over, and named."""
    marks: list[_Mark] = []
    for number, line in annotations:
        if line.startswith(tuple(_OTHER_KINDS)):
            unread.add(_OTHER_KINDS[line[0]])
        elif line.strip():
            mark = _read_mark(number, line.removesuffix("\r"), text, repairs)
            if isinstance(mark, Fault):
                return mark.with_line(number)
            marks.append(mark)
    return marks


def _read_mark(number: int, line: str, text: str, repairs: Repairs) -> _Mark | Fault:
    key, place, surface = [*line.split("\t", 2), "", ""][:3]
    if not key.startswith("T"):
        return Fault(f"a line must begin with T, R, E, A, M, N, # or *, was: {line[:40]!r}")
    whole = _join_pieces(place, text, repairs) if ";" in place else place
    if isinstance(whole, Fault):
        return whole
    match = _SPAN.fullmatch(whole)
    if match is None:
        return Fault(f"a span must be written as 'T1<tab>LABEL START END<tab>TEXT', was: {line[:40]!r}")
    return _Mark(number, (int(match[2]), int(match[3]), match[1]), surface)


def _join_pieces(place: str, text: str, repairs: Repairs) -> str | Fault:
    """Returns the place of a span of several pieces as that of one, if nothing but white space is between them."""
    if not re.fullmatch(r"\S+ [0-9]+ [0-9]+(;[0-9]+ [0-9]+)+", place):
        return place
    label, _, numbers = place.partition(" ")
    pieces = sorted((int(first), int(last)) for first, last in (piece.split() for piece in numbers.split(";")))
    gaps = [text[end:start] for (_, end), (start, _) in itertools.pairwise(pieces)]
    if any(gap.strip() for gap in gaps):
        return Fault(f"a span must be of one piece, was: {place!r}")
    if not repairs.may("join"):
        return Fault(f"a span must be of one piece, was: {place!r}" + explain("join"))
    return f"{label} {pieces[0][0]} {pieces[-1][1]}"


def _place(text: str, marks: list[_Mark], repairs: Repairs) -> Spans | Fault:
    """Returns the spans in characters, or what is wrong with which line."""
    spans, quotes = [mark.span for mark in marks], [mark.quote for mark in marks]
    placed = place_spans(text, spans, quotes, "auto", repairs)
    if isinstance(placed, Fault):
        single = (place_spans(text, [mark.span], [mark.quote], "auto", Repairs()) for mark in marks)
        lines = [mark.line for mark, alone in zip(marks, single, strict=True) if isinstance(alone, Fault)]
        return placed.with_line(lines[0] if lines else marks[0].line)
    record = Record("", text, placed)
    return placed if repairs.mends(record) else _check(text, placed, marks) or placed


def _check(text: str, spans: Spans, marks: list[_Mark]) -> Fault | None:
    """Says what is wrong with which line; each span is checked against those before it in the text."""
    found = sorted((Span(*span), mark.line) for span, mark in zip(spans, marks, strict=True))
    previous = 0
    for span, line in found:
        reason = span_fault(text, span, previous)
        if reason:
            return Fault(reason + Repairs().hint(Record("", text, spans)), line)
        previous = span.end
    return None


def _write_annotations(row: int, example: Example) -> Iterator[str]:
    for count, span in enumerate(example.spans, 1):
        if not re.fullmatch(r"[^\s;]+", span.label):
            raise CarryError(
                f"example {row}: a label must be without white space and ';' in the format 'brat', was: {span.label!r}"
            )
        yield f"T{count}\t{span.label} {span.start} {span.end}\t{_quote(example.text, span)}\n"


def _quote(text: str, span: Span) -> str:
    return _join_lines(text[span.start : span.end])


def _join_lines(surface: str) -> str:
    """Returns a mention as brat quotes it, with a space for each line break."""
    return surface.replace("\n", " ").replace("\r", " ")


def _with_file(path: Path, fault: Fault) -> Fault:
    return fault.with_line(f"{path.name}:{fault.line}")
