"""JSON Lines: one object a line, with the names of its fields as options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.reading.json_object import (
    read_class,
    read_objects,
    read_provenance,
    read_spans,
    read_string,
    write_objects,
)
from textsynth.reading.records import Fault, Faults, Record, batch_records


@dataclass(frozen=True, kw_only=True)
class Jsonl(Format):
    """JSON Lines with a text, its spans and its class.

    Spans are read as objects with `start`, `end`, `label` or as lists `[start, end, label]`; offsets are characters.

    Args:
        text: the field of the text.
        spans: the field of the spans; `entities` is read if it is missing.
        label: the field of the class.
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
    """

    text: str = "text"
    spans: str = "spans"
    label: str = "label"
    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson", ".jl")
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin"})

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example a line; blank lines are skipped."""
        yield from batch_records(read_objects(path, self.encoding, faults, self._interpret), path, faults)

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one object a line, without the fields that are empty."""
        write_objects((self._make_object(row) for batch in batches for row in batch.table.to_pylist()), path)

    def _interpret(self, number: int, row: Mapping[str, Any]) -> Record | Fault:
        text = read_string(row, self.text)
        if isinstance(text, Fault):
            return text
        label = read_class(row, self.label)
        if isinstance(label, Fault):
            return label
        spans = read_spans(row.get(self.spans, row.get("entities")))
        if isinstance(spans, Fault):
            return spans
        return Record(number, text, spans, label, *read_provenance(row))

    def _make_object(self, row: Mapping[str, Any]) -> dict[str, Any]:
        fields = {self.text: row["text"], self.spans: row["spans"], self.label: row["label"]}
        fields |= {name: row[name] for name in ("origin", "parent")}
        return {name: value for name, value in fields.items() if value not in ("", None, []) or name == self.text}
