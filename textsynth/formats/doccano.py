"""doccano: its JSON Lines for sequence labelling, text classification, and intent detection with slot filling."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.foundation.disk import whole_file
from textsynth.reading.code_unit import Offsets, spans_in_characters, spans_in_units
from textsynth.reading.json_object import objects, objects_of_head, provenance, without_empty
from textsynth.reading.records import Fault, Faults, Record, batches, write_lines


@dataclass(frozen=True, kw_only=True)
class Doccano(Format):
    """doccano's JSON Lines: a text, its spans as `[start, end, label]`, its class as a list of one.

    Spans and classes are read from the fields named here and from `label`, `entities` and `cats`: lists and objects
    are spans (also with `start_offset` and `end_offset`), strings are classes. A text has one class at most. `id`,
    `Comments` and `relations` are passed over. For a project of intents and slots write with `spans = "entities"`,
    for one of text classification with `label = "label"` and `spans = "entities"`.

    Args:
        text: the field of the text.
        spans: the field that spans are written to.
        label: the field that the class is written to.
        offsets: what offsets count: `utf16` code units, as doccano does where a project does not count grapheme
            clusters as one character; `characters` for files that were made outside doccano.
        encoding: how the file's bytes stand for characters when it is read; written is always UTF-8.
    """

    text: str = "text"
    spans: str = "label"
    label: str = "cats"
    offsets: Offsets = "utf16"
    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".doccano.jsonl",)
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin"})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.spans == self.label:
            raise OptionError(f"options 'spans' and 'label' must be two fields, were both: {self.spans!r}")

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows doccano's files by a `label` that is a list, or by spans with `start_offset`."""
        by_name = path.name.lower().endswith(cls.suffixes)
        return 2 if by_name or any(_is_doccano(row) for row in objects_of_head(head)) else 0

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example a line; blank lines are passed over."""
        rows = objects(path, self.encoding, faults)
        records = (row if isinstance(row, Fault) else self._record(*row) for row in rows)
        yield from batches(records, path, faults)

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one object a line, with the spans also where there are none."""
        with whole_file(path) as partial:
            write_lines(partial, (self._line(row) for batch in batches for row in batch.table.to_pylist()))

    def _record(self, number: int, row: dict[str, Any]) -> Record | Fault:
        text = row.get(self.text)
        if not isinstance(text, str):
            return Fault(number, f"the field {self.text!r} must be a string, was: {text!r}")
        annotations = self._annotations(row)
        if isinstance(annotations, str):
            return Fault(number, annotations)
        classes = [annotation for annotation in annotations if isinstance(annotation, str)]
        if len(classes) > 1:
            return Fault(number, f"a text must have one class at most, has: {', '.join(classes)}")
        spans = self._spans(text, [annotation for annotation in annotations if not isinstance(annotation, str)])
        if isinstance(spans, str):
            return Fault(number, spans)
        return Record(number, text, spans, classes[0] if classes else None, *provenance(row))

    def _annotations(self, row: Mapping[str, Any]) -> list[Any] | str:
        """Gathers the annotations of all fields, or says which field is none."""
        annotations: list[Any] = []
        for field in dict.fromkeys((self.spans, self.label, "label", "entities", "cats")):
            value = row.get(field) or []
            value = [value] if isinstance(value, str) else value
            if not isinstance(value, list):
                return f"the field {field!r} must be a list, was: {value!r}"
            annotations += value
        return annotations

    def _spans(self, text: str, annotations: list[Any]) -> list[tuple[int, int, str]] | str:
        spans = []
        for annotation in annotations:
            span = _parts(annotation)
            if [type(part) for part in span] != [int, int, str]:
                return f"a span must be [start, end, label] with two whole numbers, was: {annotation!r}"
            spans.append((span[0], span[1], span[2]))
        return spans_in_characters(text, spans) if self.offsets == "utf16" else spans

    def _line(self, row: Mapping[str, Any]) -> str:
        spans = [(span["start"], span["end"], span["label"]) for span in row["spans"]]
        if self.offsets == "utf16":
            spans = spans_in_units(row["text"], spans)
        classes = {self.label: [row["label"]]} if row["label"] else {}
        made = without_empty(row, "origin", "parent")
        return json.dumps({self.text: row["text"], self.spans: spans} | classes | made, ensure_ascii=False) + "\n"


def _is_doccano(row: Mapping[str, Any]) -> bool:
    entities = row.get("entities")
    first = entities[0] if isinstance(entities, list) and entities else None
    return isinstance(row.get("label"), list) or (isinstance(first, dict) and "start_offset" in first)


def _parts(annotation: Any) -> list[Any]:
    """Returns start, end and label of a span in whichever of its shapes."""
    if isinstance(annotation, dict):
        return [annotation.get(name) for name in ("start_offset", "end_offset", "label")]
    return annotation if isinstance(annotation, list) else []
