"""doccano: its JSON Lines for sequence labelling, text classification, and intent detection with slot filling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.reading.code_unit import Offsets, count_in_characters, count_in_units
from textsynth.reading.json_object import (
    abridge,
    as_triple,
    keep_filled,
    parse_head,
    read_objects,
    read_provenance,
    read_string,
    write_objects,
)
from textsynth.reading.records import (
    Fault,
    Faults,
    Record,
    Spans,
    batch_records,
    choose_class,
    list_triples,
)


@dataclass(frozen=True, kw_only=True)
class Doccano(Format):
    """doccano's JSON Lines: a text, its spans as `[start, end, label]`, its class as a list of one.

    Spans and classes are read from the fields named here and from `label`, `entities` and `cats`: lists and objects
    are spans (also with `start_offset` and `end_offset`), strings are classes. A text has one class at most. `id`,
    `Comments` and `relations` are skipped. For a project of intents and slots write with `spans = "entities"`,
    for one of text classification with `label = "label"` and `spans = "entities"`.

    Args:
        text: the field of the text.
        spans: the field that spans are written to.
        label: the field that the class is written to.
        offsets: what offsets count: `utf16` code units, as doccano does if a project does not count grapheme
            clusters as one character; `characters` for files that were made outside doccano.
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
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
        return 2 if by_name or any(_is_doccano(row) for row in parse_head(head)) else 0

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example a line; blank lines are skipped."""
        yield from batch_records(read_objects(path, self.encoding, faults, self._interpret), path, faults)

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one object a line, with an empty list if there are no spans."""
        write_objects((self._make_object(row) for batch in batches for row in batch.table.to_pylist()), path)

    def _interpret(self, number: int, row: dict[str, Any]) -> Record | Fault:
        text = read_string(row, self.text)
        if isinstance(text, Fault):
            return text
        annotations = self._gather_annotations(row)
        if isinstance(annotations, Fault):
            return annotations
        label = choose_class([annotation for annotation in annotations if isinstance(annotation, str)])
        if isinstance(label, Fault):
            return label
        spans = self._read_spans(text, [annotation for annotation in annotations if not isinstance(annotation, str)])
        if isinstance(spans, Fault):
            return spans
        return Record(number, text, spans, label, *read_provenance(row))

    def _gather_annotations(self, row: Mapping[str, Any]) -> list[Any] | Fault:
        """Gathers the annotations of all fields; a field that holds none is a fault."""
        annotations: list[Any] = []
        for field in dict.fromkeys((self.spans, self.label, "label", "entities", "cats")):
            value = row.get(field) or []
            value = [value] if isinstance(value, str) else value
            if not isinstance(value, list):
                return Fault(f"the field {field!r} must be a list, was: {abridge(value)}")
            annotations += value
        return annotations

    def _read_spans(self, text: str, annotations: list[Any]) -> Spans | Fault:
        spans = []
        for annotation in annotations:
            triple = as_triple(_list_parts(annotation))
            if triple is None:
                must = "a span must be [start, end, label] with two whole numbers"
                return Fault(f"{must}, was: {abridge(annotation)}")
            spans.append(triple)
        return count_in_characters(text, spans) if self.offsets == "utf16" else spans

    def _make_object(self, row: Mapping[str, Any]) -> dict[str, Any]:
        spans = list_triples(row["spans"])
        if self.offsets == "utf16":
            spans = count_in_units(row["text"], spans)
        classes = {self.label: [row["label"]]} if row["label"] else {}
        return {self.text: row["text"], self.spans: spans} | classes | keep_filled(row, "origin", "parent")


def _is_doccano(row: Mapping[str, Any]) -> bool:
    entities = row.get("entities")
    first = entities[0] if isinstance(entities, list) and entities else None
    return isinstance(row.get("label"), list) or (isinstance(first, dict) and "start_offset" in first)


def _list_parts(annotation: Any) -> Any:
    """Returns start, end and label of an object as a list; what is no object stays as it is."""
    if isinstance(annotation, dict):
        return [annotation.get(name) for name in ("start_offset", "end_offset", "label")]
    return annotation
