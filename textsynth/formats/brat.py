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
from textsynth.reading.records import BOM, Fault, Faults, Record, batch_records, open_binary, read_lines, write_lines

_SPAN = re.compile(r"(\S+) ([0-9]+) ([0-9]+)")
_OTHER_KINDS = ("R", "E", "A", "M", "N", "#", "*")


@dataclass(frozen=True, kw_only=True)
class Brat(Format):
    """brat standoff annotation: spans only, one example a document.

    Relations, events, attributes and notes are skipped. A span of several pieces is a fault, as is one whose
    quoted text is not what stands at its offsets.

    Args:
        encoding: how the files' bytes stand for characters when they are read; they are always written as UTF-8.
    """

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
        yield from batch_records(self._read_documents(path), path if path.is_dir() else path.parent, faults)

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes a directory of `0000000.txt`, `0000000.ann` and so on."""
        with whole_directory(path) as partial:
            examples = (example for batch in batches for example in batch)
            for row, example in enumerate(examples):
                write_lines(partial / f"{row:07}.txt", [example.text])
                write_lines(partial / f"{row:07}.ann", _write_annotations(row, example))

    def _read_documents(self, path: Path) -> Iterator[Record | Fault]:
        if not path.is_dir():
            open_binary(path).close()
            yield self._read_pair(path.with_suffix(".txt"), path.with_suffix(".ann"))
            return
        for stem in sorted({file.stem for file in path.iterdir() if file.suffix in (".txt", ".ann")}):
            pair = path / f"{stem}.txt", path / f"{stem}.ann"
            missing = next((file.name for file in pair if not file.is_file()), None)
            yield Fault("must stand beside its other half, is missing", missing) if missing else self._read_pair(*pair)

    def _read_pair(self, text_path: Path, spans_path: Path) -> Record | Fault:
        text = self._read_text(text_path)
        if isinstance(text, Fault):
            return text
        bad = Faults("skip")
        annotations = list(read_lines(spans_path, self.encoding, bad))
        if bad.rejected:
            return _with_file(spans_path, bad.rejected[0][1])
        spans = _read_spans(text, annotations)
        if isinstance(spans, Fault):
            return _with_file(spans_path, spans)
        return Record(text_path.name, text, [(span.start, span.end, span.label) for span in spans])

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


def _read_spans(text: str, annotations: Iterable[tuple[int, str]]) -> list[Span] | Fault:
    """Reads the T lines and checks each against the text and those before it in the text."""
    found: list[tuple[Span, int]] = []
    for number, line in annotations:
        if line.startswith(_OTHER_KINDS) or not line.strip():
            continue
        span = _read_span(line.removesuffix("\r"), text)
        if isinstance(span, Fault):
            return span.with_line(number)
        found.append((span, number))
    found.sort()
    for (before, _), (span, number) in itertools.pairwise(found):
        reason = span_fault(text, span, before.end)
        if reason:
            return Fault(reason, number)
    return [span for span, _ in found]


def _read_span(line: str, text: str) -> Span | Fault:
    """Reads one T line, and checks it against the text."""
    key, place, surface = [*line.split("\t", 2), "", ""][:3]
    if not key.startswith("T"):
        return Fault(f"a line must begin with T, R, E, A, M, N, # or *, was: {line[:40]!r}")
    if ";" in place:
        return Fault(f"a span must be of one piece, was: {place!r}")
    match = _SPAN.fullmatch(place)
    if match is None:
        return Fault(f"a span must be written as 'T1<tab>LABEL START END<tab>TEXT', was: {line[:40]!r}")
    span = Span(int(match[2]), int(match[3]), match[1])
    reason = span_fault(text, span)
    if reason is None and _quote(text, span) != _join_lines(surface):
        reason = f"span {place!r} must quote its text {_quote(text, span)!r}, was: {surface!r}"
    return span if reason is None else Fault(reason)


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
