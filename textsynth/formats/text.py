"""Plain text: one text a line, a paragraph or a file, without any labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.errors import CarryError
from textsynth.foundation.disk import whole_file
from textsynth.reading.block import read_blocks
from textsynth.reading.records import Fault, Faults, Record, batch_records, read_lines, write_lines

_MARKED = re.compile(r"<([A-Z][A-Z_-]+)>[^<>]+</\1>|\[([A-Z][A-Z_-]+)\][^\[\]]+\[/\2\]")
"""A mention with marks around it that name its label."""


@dataclass(frozen=True, kw_only=True)
class Text(Format):
    """Plain text without labels.

    A text that could not be read back the same is refused: one that is blank, holds what separates the texts of a file
    (a line break, a blank line), or ends in a carriage return.

    Args:
        unit: what one text is: a `line` (blank ones are skipped), a `paragraph` (blank lines separate them; the line
            breaks inside are kept) or the whole `document`.
        marks: what a text with marks of mentions in it, such as `<PER>Ann</PER>`, is: an error (`refuse`), or text like
            any other (`keep`).
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
    """

    unit: Literal["line", "paragraph", "document"] = "line"
    marks: Literal["refuse", "keep"] = "refuse"
    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".txt", ".text")
    carries: ClassVar[frozenset[Part]] = frozenset()

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one text a unit; the line break that ends a file, and CR before it, are no part of a text."""
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
        return "ends in a carriage return" if text.endswith("\r") else None
