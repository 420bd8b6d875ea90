"""Plain text: one text a line, a paragraph or a file, without any labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.errors import CarryError, FormatError
from textsynth.foundation.disk import whole_file
from textsynth.reading.block import read_blocks
from textsynth.reading.records import Fault, Faults, Record, batch_records, read_lines, write_lines

_HTML = (
    "a abbr b big blockquote body br cite code dd div dl dt em font h1 h2 h3 h4 h5 h6 head html i img li ol p pre q s \
small span strike strong sub sup table tbody td th thead title tr tt u ul"
)
_LABELS = "PER PERS PERSON LOC LOCATION ORG ORGANIZATION MISC GPE FAC DATE TIME MONEY PERCENT PRODUCT EVENT LAW NORP"
_MARKED = re.compile(
    "|".join(
        [
            rf"<(?!(?:{'|'.join(_HTML.split())})\b)([A-Za-z][\w-]*)(?:\s[^<>]*)?>[^<>]+</\1>",
            r"\[([A-Z][A-Z_-]+)\][^\[\]]+\[/\2\]",
            rf"\[(?:{'|'.join(_LABELS.split())}) [^\[\]]+\]",
            r"\[[^\[\]]+\]\([A-Za-z][\w-]*\)",
            r"\[[^\[\]]+\]\{\"entity\":",
            r"(?:^|(?<=\s))(?:[^\s/_]\S*[/_](?:O|[BIESLU]-[A-Za-z]\S*)(?:\s+|$)){2,}",
            r"^__label__\S+\s",
            r"^\d+\|[at]\|",
        ]
    )
)
"""What looks annotated: marks of mentions as in XML, with brackets, or as Rasa has them; tokens with tags; the class in
front as fastText has it; PubTator's lines."""


@dataclass(frozen=True, kw_only=True)
class Text(Format):
    """Plain text without labels.

    A text that could not be read back the same is refused: one that is blank, holds what separates the texts of a file
    (a line break, a blank line), or ends in a carriage return.

    Args:
        unit: what one text is: a `line` (blank ones are skipped), a `paragraph` (blank lines separate them; the line
            breaks inside are kept) or the whole `document`.
        marks: what a text with marks of mentions or of classes in it, such as `<PER>Ann</PER>`, `[Ann](person)`,
            `Ann/B-PER Lee/I-PER` or `__label__x`, and a file whose lines are rows of a table, is: an error (`refuse`),
            or text like any other (`keep`).
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
    """

    unit: Literal["line", "paragraph", "document"] = "line"
    marks: Literal["refuse", "keep"] = "refuse"
    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".txt", ".text")
    carries: ClassVar[frozenset[Part]] = frozenset()

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one text a unit; the line break that ends a file, and CR before it, are no part of a text."""
        if self.unit == "line" and self.marks == "refuse" and _is_table(path, self.encoding):
            raise FormatError(
                f"{path}: every line has the same number of tabs, as a table has, whose columns are not read; read "
                "it with --from csv or --from conll, or take the lines for texts with the option marks = 'keep'"
            )
        records = self._read_lines(path, faults) if self.unit == "line" else self._read_blocks(path)
        yield from batch_records(map(self._check_marks, records), path, faults)

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes the texts, each with a line break behind it, paragraphs with a blank line."""
        with whole_file(path) as partial:
            texts = (text for batch in batches for text in batch.texts.to_pylist())
            write_lines(partial, (self._write_text(row, text) for row, text in enumerate(texts)))

    def _check_marks(self, record: Record | Fault) -> Record | Fault:
        marked = None if isinstance(record, Fault) or self.marks == "keep" else _MARKED.search(record.text)
        if isinstance(record, Fault) or marked is None:
            return record
        return Fault(
            f"the text looks annotated, {marked[0][:40]!r}, and marks are not read; "
            "take them for text with the option marks = 'keep'",
            record.line,
        )

    def _read_lines(self, path: Path, faults: Faults) -> Iterator[Record]:
        for number, line in read_lines(path, self.encoding, faults):
            if line.strip():
                yield Record(number, line.removesuffix("\r"), [])

    def _read_blocks(self, path: Path) -> Iterator[Record | Fault]:
        for block in read_blocks(path, self.encoding, self._is_end):
            if isinstance(block, Fault):
                yield block
            elif any(line.strip() for line in block[1]):
                yield Record(block[0], "\n".join(block[1]).removesuffix("\r"), [])

    def _is_end(self, line: str, _: list[str]) -> bool:
        return self.unit == "paragraph" and not line.strip()

    def _write_text(self, row: int, text: str) -> str:
        reason = self._explain_refusal(row, text)
        if reason:
            raise CarryError(f"example {row}: a text must be one {self.unit} of a text file, {reason}: {text[:40]!r}")
        return text + ("\n\n" if self.unit == "paragraph" else "\n")

    def _explain_refusal(self, row: int, text: str) -> str | None:
        """Says why a text could not be read back, or None."""
        if not text.strip():
            return "is blank"
        if self.unit == "line" and ("\n" in text or "\r" in text):
            return "holds a line break"
        if self.unit == "paragraph" and not all(line.strip() for line in text.split("\n")):
            return "holds a blank line"
        if self.unit == "document" and row:
            return "is the second one"
        if self.marks == "refuse" and _MARKED.search(text):
            return "looks annotated (marks = 'keep' writes it, and reads it)"
        return "ends in a carriage return" if text.endswith("\r") else None


def _is_table(path: Path, encoding: str) -> bool:
    """Says whether there are lines, and all that are not blank have the same number of tabs between their words."""
    lines = (line.strip() for _, line in read_lines(path, encoding, Faults("skip")))
    counts = (line.count("\t") for line in lines if line)
    first = next(counts, 0)
    return first > 0 and next(counts, 0) == first and all(count == first for count in counts)
