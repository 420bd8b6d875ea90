"""doccano: its JSON Lines for sequence labelling, text classification, and intent detection with slot filling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.corpus.classes import to_label_list
from textsynth.errors import OptionError
from textsynth.reading.code_unit import Offsets, count_in_units
from textsynth.reading.field_names import CLASS_NAMES, SPANS_NAMES, is_known
from textsynth.reading.json_fields import FieldChoice, JsonFields
from textsynth.reading.json_object import (
    add_fields,
    count_known_fields,
    keep_filled,
    parse_head,
    read_values,
    write_objects,
)
from textsynth.reading.keep import Keep, KeptNames
from textsynth.reading.records import Faults, batch_records, list_triples
from textsynth.reading.repair import Repair, Repairs
from textsynth.reading.span_place import LIKELY, AnyOffsets, say_unit
from textsynth.reading.unread import Unread

_FIELDS = ("id", "text", "label", "labels", "entities", "cats", "relations", "Comments", "comments")
"""The fields that doccano writes."""


_UNITS: tuple[Offsets, ...] = (*LIKELY, "graphemes")
"""What doccano may have counted: it depends on the project."""


@dataclass(frozen=True, kw_only=True)
class Doccano(Format):
    """doccano's JSON Lines: a text, its spans as `[start, end, label]`, its classes as a list.

    Spans and classes are read from the fields named here and from `label`, `labels`, `entities` and `cats`: lists and
    objects are spans (also with `start_offset` and `end_offset`), strings are classes, of which a text may have any
    number. An empty list says that a text has none of them if one of the first 1,000 texts has several, otherwise
    nothing. `id`, `Comments` and `relations` are named, and not read unless they are kept; kept fields are written
    beside the text, where doccano takes them for the metadata of a text. For a project of intents and slots write with
    `spans = "entities"`, for one of text classification with `label = "label"` and `spans = "entities"`. doccano's
    JSON export, a list of such objects, is read too.

    Args:
        text: the field of the text.
        spans: the field that spans are written to.
        label: the field that the class is written to.
        keep: fields that travel with an example to all that is made of it, and to what is written; "*" for all that
            nothing reads.
        ignore: fields that are passed over, whatever they look like, and not named.
        offsets: what offsets count: `utf16` code units, as doccano does, or `graphemes`, if a project counts grapheme
            clusters as one character; `characters` for files that were made outside doccano. `auto` refuses a text
            that reads differently in these, and writes `utf16`, which it says in a field `offsets` if it matters.
        repair: what is mended, and counted: `trim`, `longest`.
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
    """

    text: str = "text"
    spans: str = "label"
    label: str = "cats"
    keep: KeptNames = ()
    ignore: tuple[str, ...] = ()
    offsets: AnyOffsets = "auto"
    repair: tuple[Repair, ...] = ()
    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".doccano.jsonl",)
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin", "fields"})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.spans == self.label:
            raise OptionError(f"options 'spans' and 'label' must be two fields, were both: {self.spans!r}")

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows doccano's files by a `label` that is a list, or by spans with `start_offset`."""
        by_name = path.name.lower().endswith(cls.suffixes)
        fits = by_name or any(map(_is_doccano, parse_head(head)))
        return 2 + count_known_fields(head, _FIELDS) if fits else 0

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example a line; blank lines are skipped."""
        repairs, unread = Repairs(self.repair), Unread(self.ignore)
        keep = Keep(self.keep, self.ignore, str(path))
        fields = JsonFields(self._choose_fields(), self.offsets, unread, repairs, _UNITS, keep=keep)
        records = fields.read_all(read_values(path, self.encoding, faults), path)
        yield from batch_records(records, path, faults, repairs=repairs, names=fields.names)
        fields.log(path)

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one object a line, with an empty list if there are no spans."""
        write_objects((self._make_object(row) for batch in batches for row in batch.table.to_pylist()), path)

    def _choose_fields(self) -> FieldChoice:
        """Returns which fields are read: those that an option names, if doccano has no such field."""
        spans = None if is_known(self.spans, SPANS_NAMES) else self.spans
        label = None if is_known(self.label, CLASS_NAMES) else self.label
        return FieldChoice(self.text, spans, label)

    def _make_object(self, row: Mapping[str, Any]) -> dict[str, Any]:
        unit = "utf16" if self.offsets == "auto" else self.offsets
        spans = count_in_units(row["text"], list_triples(row["spans"]), unit)
        classes = {} if row["label"] is None else {self.label: to_label_list(row["label"])}
        more = say_unit(row["text"], spans, unit, _UNITS) | keep_filled(row, "origin", "parent")
        return add_fields({self.text: row["text"], self.spans: spans} | classes | more, row, (self.label,))


def _is_doccano(row: Any) -> bool:
    if not isinstance(row, dict):
        return False
    entities = row.get("entities")
    first = entities[0] if isinstance(entities, list) and entities else None
    listed = isinstance(row.get("label"), list) and "spans" not in row
    return listed or (isinstance(first, dict) and "start_offset" in first)
