"""JSON Lines: one object a line, with the names of its fields as options; JSON lists of such objects are read too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.corpus.classes import to_label_list
from textsynth.reading.code_unit import count_in_units
from textsynth.reading.field_names import TEXT_NAMES, find_name
from textsynth.reading.json_fields import FieldChoice, JsonFields, as_row
from textsynth.reading.json_object import add_fields, find_rows, parse_head, read_values, write_objects
from textsynth.reading.json_tokens import has_tokens, is_tagged, read_json_tokens
from textsynth.reading.keep import Keep, KeptNames
from textsynth.reading.multi_hot import check_hot_option, make_hot
from textsynth.reading.records import Faults, batch_records, list_triples
from textsynth.reading.repair import Repair, Repairs
from textsynth.reading.span_place import AnyOffsets, say_unit
from textsynth.reading.unread import Unread


@dataclass(frozen=True, kw_only=True)
class Jsonl(Format):
    """JSON Lines with a text, its spans and its class, under the names that people use.

    A field that is not named by an option is found by its name: the text as `text`, `full_text`, `content`,
    `sentence` and others; spans as `spans`, `entities`, `ents`, `ner`, `annotations`, `tags`, `label`, `labels`;
    the class as `label`, `labels`, `intent`, `category`, `class`, `target`, `cats`. Lists of offsets are spans, and
    strings, whole numbers and scores are classes, whichever name they have. A span is an object with start, end and
    label, such as `start_offset`, `start_position` or `begin`, `entity_type` or `entity_group`, or a list `[start, end,
    label]`. So the files of spaCy 2 (`[text, {"entities": []}]`), presidio, DataTurks, and the output of pipelines of
    transformers are read, and JSON documents that hold a list of such records; a document is held in memory. Records
    without a text that have `tokens` and `ner_tags` or `tags`, one string a token, are read too; their scheme is found
    out from the whole file.

    A text may have any number of classes: a list of names or scores (those of at least 0.5 count), or a field of 0 and
    1 for each class. If a text of the first 1,000 has several, an empty list says that a text has none of them. If
    texts have several, `label` is written as a list, and so is that of a text with one.

    What is not read is named in one line; what looks like an annotation and is not read is refused.

    Args:
        text: the field of the text; any of the known names if it is not given. It is written as `text`.
        spans: the field of the spans; any of the known names if it is not given. They are written as `spans`.
        label: the field of the class; any of the known names if it is not given. It is written as `label`.
        classes: fields of 0 and 1, one for each class and called like it; read and written instead of `label`.
        keep: fields that travel with an example to all that is made of it, and to what is written; "*" for all that
            nothing reads. They are written beside the others.
        ignore: fields that are passed over, whatever they look like, and not named.
        offsets: what offsets count; `auto` goes by the text that stands beside them, and refuses a text that reads
            differently in characters and in UTF-16 code units. Characters are written, or what is named here.
        repair: what is mended, and counted: `trim`, `quote`, `longest`.
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
    """

    text: str | None = None
    spans: str | None = None
    label: str | None = None
    classes: tuple[str, ...] = ()
    keep: KeptNames = ()
    ignore: tuple[str, ...] = ()
    offsets: AnyOffsets = "auto"
    repair: tuple[Repair, ...] = ()
    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson", ".jl")
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin", "fields"})

    def __post_init__(self) -> None:
        super().__post_init__()
        check_hot_option(self.classes, self.label)

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows a file by its name, or by records with a text."""
        return 1 if any(map(_has_text, parse_head(head))) else super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example a line, or a record of a document; blank lines are skipped."""
        repairs, unread = Repairs(self.repair), Unread(self.ignore)
        keep = Keep(self.keep, self.ignore, str(path))
        choice = FieldChoice(self.text, self.spans, self.label)
        fields = JsonFields(choice, self.offsets, unread, repairs, hot=self.classes, keep=keep)
        if self.text is None and has_tokens(path, self.encoding):
            records = read_json_tokens(path, self.encoding, faults, unread, keep)
            yield from batch_records(records, path, faults, "whitespace")
        else:
            records = fields.read_all(read_values(path, self.encoding, faults), path)
            yield from batch_records(records, path, faults, repairs=repairs, names=fields.names)
        fields.log(path)

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one object a line, without the fields that are empty."""
        write_objects((made for batch in batches for made in self._make_objects(batch)), path)

    def _make_objects(self, batch: Corpus) -> Iterator[dict[str, Any]]:
        several = batch.several
        for row in batch.table.to_pylist():
            yield self._make_object(row, several)

    def _make_object(self, row: Mapping[str, Any], several: bool) -> dict[str, Any]:
        unit, text = self.offsets if self.offsets != "auto" else "characters", self.text or "text"
        spans = count_in_units(row["text"], list_triples(row["spans"]), unit)
        objects = [{"start": start, "end": end, "label": label} for start, end, label in spans]
        fields = {text: row["text"], self.spans or "spans": objects} | self._make_classes(row["label"], several)
        fields |= {name: row[name] for name in ("origin", "parent")} | say_unit(row["text"], spans, unit)
        kept = {text, *self.classes}
        if several and not self.classes:
            # An empty list of classes says something, and spans beside it say that it is one of classes.
            kept |= {self.spans or "spans", self.label or "label"}
        filled = {name: value for name, value in fields.items() if name in kept or value not in ("", None, [])}
        return add_fields(filled, row, fields)

    def _make_classes(self, combination: str | None, several: bool) -> dict[str, Any]:
        if self.classes:
            return dict(make_hot(self.classes, combination))
        return {self.label or "label": to_label_list(combination) if several else combination}


def _has_text(value: Any) -> bool:
    row = as_row(value)
    if row is None:
        return False
    return find_name(row, TEXT_NAMES) is not None or is_tagged(row) or find_rows(row) is not None
