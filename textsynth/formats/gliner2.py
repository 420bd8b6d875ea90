"""GLiNER2: the JSON Lines that it is trained on, mentions named by their text."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar, Literal

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.corpus.classes import join_classes, to_label, to_label_list
from textsynth.errors import CarryError
from textsynth.foundation.disk import whole_file
from textsynth.foundation.plural import tell_count
from textsynth.reading.class_name import read_class_names
from textsynth.reading.json_object import (
    abridge,
    add_fields,
    parse_head,
    read_objects,
    read_provenance,
    read_spans,
    read_string,
)
from textsynth.reading.keep import Keep, KeptNames
from textsynth.reading.mention_places import Named, list_all_places, place_mentions
from textsynth.reading.path_name import name_path
from textsynth.reading.records import (
    Fault,
    Faults,
    Record,
    Spans,
    batch_records,
    list_triples,
    make_label,
    write_lines,
)
from textsynth.reading.repair import Repair, Repairs
from textsynth.reading.unread import Unread, explain_ignore

logger = logging.getLogger(__name__)

_PAIRS = (("input", "output"), ("text", "schema"))
"""The fields of the text and of what is said of it."""
_TASKS = frozenset({"entities", "classifications", "json_structures", "relations"})
_TASK = "class"


@dataclass(frozen=True, kw_only=True)
class Gliner2(Format):
    """GLiNER2's training data: `input` and `output`, with mentions by label and tasks of classification.

    Lines or a JSON list of such objects are read, also under the names `text` and `schema`, and lines are written.
    Mentions have no offsets: they are found in the text as whole words. GLiNER2 learns every place of a mention in any
    case as one, so a text in which a mention stands elsewhere without its label is refused when it is written, and so
    is a mention that stands in more places than it is named when it is read. `json_structures`, `relations` and
    descriptions are named, and not read; a text that has nothing else is refused.

    Args:
        task: the classification that is read, if a text has several; the one that is written, `class` if not given.
        repeated: what is done if a mention stands in more places than have its label: `refuse`, or `all`: all of them
            are mentions when it is read; when it is written, such texts are counted, and keep their spans in a field
            `spans` beside, which GLiNER2 passes over and this format reads.
        keep: fields that travel with an example to all that is made of it, and to what is written; "*" for all that
            nothing reads. They are written beside the others.
        ignore: fields that are passed over, whatever they look like, and not named.
        repair: what is mended, and counted: `longest`.
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
    """

    task: str | None = None
    repeated: Literal["refuse", "all"] = "refuse"
    keep: KeptNames = ()
    ignore: tuple[str, ...] = ()
    repair: tuple[Repair, ...] = ()
    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".gliner2.jsonl",)
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "fields"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows GLiNER2's files by `input` and `output`, or `text` and `schema`, with one of its tasks."""
        return 4 if any(map(_is_gliner2, parse_head(head))) else 2 * super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example an object."""
        repairs, unread = Repairs(self.repair), Unread(self.ignore)
        keep = Keep(self.keep, self.ignore, str(path))

        def interpret(position: int | str, row: dict[str, Any]) -> Record | Fault:
            return self._interpret(position, row, unread, keep)

        records = read_objects(path, self.encoding, faults, interpret)
        yield from batch_records(records, path, faults, repairs=repairs)
        unread.log(path)
        keep.check()

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one object a line; each names all classes of the corpus, so the lines are made twice."""
        with whole_file(path) as partial, tempfile.TemporaryFile("w+", encoding="utf-8") as lines:
            classes, repeated = self._spool(batches, lines)
            lines.seek(0)
            whole = (_add_classes(json.loads(line), sorted(classes)) for line in lines)
            write_lines(partial, (json.dumps(row, ensure_ascii=False) + "\n" for row in whole))
        if repeated:
            logger.warning(
                "%s: %s a mention that stands elsewhere without its label, which GLiNER2 takes for one too",
                name_path(path),
                tell_count(repeated, "text has", "texts have"),
            )

    def _interpret(self, position: int | str, row: Mapping[str, Any], unread: Unread, keep: Keep) -> Record | Fault:
        text_field, said_field = next((pair for pair in _PAIRS if pair[1] in row), _PAIRS[0])
        text, said = read_string(row, text_field), row.get(said_field)
        if isinstance(text, Fault):
            return text
        if not isinstance(said, dict):
            return Fault(f"the field {said_field!r} must be an object, was: {abridge(said)}")
        others = [name for name in row if name not in (text_field, said_field, "spans", "origin", "parent")]
        kept = keep.choose(row, others)
        fault = next((fault for name in kept if (fault := keep.refuse(name, row[name]))), None)
        if fault is not None:
            return fault
        passed = [name for name in others if name not in kept]
        passed += [f"{said_field}.{name}" for name in said if name not in ("entities", "classifications")]
        for name in passed:
            if not unread.ignores(name):
                unread.add(name)
        other = next((name for name in said if name in _TASKS and not unread.ignores(f"{said_field}.{name}")), None)
        if other is not None and not {"entities", "classifications"} & set(said):
            return Fault(
                f"{said_field!r} has {other!r} alone, which is not read" + explain_ignore(f"{said_field}.{other}")
            )
        spans = self._read_spans(text, row, said)
        label = self._read_class(said.get("classifications") or [])
        for part in (spans, label):
            if isinstance(part, Fault):
                return part
        made, fields = read_provenance(row), keep.take(row, kept)
        return Record(position, text, spans, label, *made, fields)  # type: ignore[arg-type]

    def _read_spans(self, text: str, row: Mapping[str, Any], said: Mapping[str, Any]) -> Spans | Fault:
        if row.get("spans") is not None:
            return read_spans(row["spans"])
        named = _read_named(said.get("entities") or {})
        return named if isinstance(named, Fault) else place_mentions(text, named, everywhere=self.repeated == "all")

    def _read_class(self, tasks: Any) -> str | Fault | None:
        """Returns the class that a text has in the only task, or in the one that is named."""
        if not isinstance(tasks, list) or not all(isinstance(each, dict) for each in tasks):
            return Fault(f"the field 'classifications' must be a list of objects, was: {abridge(tasks)}")
        chosen = [each for each in tasks if self.task in (None, each.get("task"))]
        if len(chosen) > 1:
            names = ", ".join(repr(each.get("task")) for each in chosen)
            return Fault(f"a text must have one task of classification, has {names}; choose one with the option 'task'")
        classes = read_class_names("true_label", chosen[0].get("true_label")) if chosen else []
        if isinstance(classes, Fault):
            return classes
        return join_classes(()) if chosen and chosen[0].get("true_label") == [] else make_label(classes)

    def _spool(self, batches: Iterable[Corpus], lines: IO[str]) -> tuple[set[str], int]:
        """Writes lines without the names of all classes, and returns those, and how many texts repeat a mention."""
        classes: set[str] = set()
        repeated, number = 0, 0
        for batch in batches:
            classes |= {*batch.classes, *batch.names.classes}
            for row in batch.table.to_pylist():
                made, repeats = self._make_object(number, row)
                lines.write(json.dumps(made) + "\n")
                repeated, number = repeated + repeats, number + 1
        return classes, repeated

    def _make_object(self, number: int, row: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """Returns the object of an example, and whether a mention stands elsewhere without its label."""
        text, spans = row["text"], list_triples(row["spans"])
        elsewhere = _find_elsewhere(text, spans)
        if elsewhere is not None and self.repeated == "refuse":
            raise CarryError(
                f"example {number}: {elsewhere!r} is a mention in one place and stands in another without its label, "
                'which GLiNER2 cannot tell apart; write it all the same with repeated = "all"'
            )
        entities: dict[str, list[str]] = {}
        for start, end, label in spans:
            entities.setdefault(label, []).append(text[start:end])
        made: dict[str, Any] = {"input": text, "output": {"entities": entities}}
        if row["label"] is not None:
            several = {} if isinstance(to_label(row["label"]), str) else {"multi_label": True}
            task = {"task": self.task or _TASK, "true_label": to_label_list(row["label"])} | several
            made["output"]["classifications"] = [task]
        named = [(text[start:end], label) for start, end, label in spans]
        if place_mentions(text, named, everywhere=False) != spans:
            made["spans"] = [{"start": start, "end": end, "label": label} for start, end, label in spans]
        return add_fields(made, row, ("spans",)), elsewhere is not None


def _is_gliner2(row: Any) -> bool:
    said = [row[field] for text, field in _PAIRS if text in row and field in row] if isinstance(row, dict) else []
    return any(isinstance(each, dict) and bool(_TASKS & set(each)) for each in said)


def _read_named(entities: Any) -> list[Named] | Fault:
    """Returns the mentions with their labels."""
    if not isinstance(entities, dict) or not all(isinstance(mentions, list) for mentions in entities.values()):
        return Fault(f"the field 'entities' must be an object of lists, was: {abridge(entities)}")
    named = [(mention, label) for label, mentions in entities.items() for mention in mentions]
    wrong = next((mention for mention, _ in named if not isinstance(mention, str)), None)
    return named if wrong is None else Fault(f"a mention must be a string, was: {abridge(wrong)}")


def _find_elsewhere(text: str, spans: Spans) -> str | None:
    """Returns a mention that stands in a place where it does not have its label, None if there is none."""
    said = set(spans)
    for start, end, label in spans:
        mention = text[start:end]
        if any((*place, label) not in said for place in list_all_places(text, mention)):
            return mention
    return None


def _add_classes(row: dict[str, Any], classes: list[str]) -> dict[str, Any]:
    """Returns an object whose task names all classes."""
    for task in row["output"].get("classifications", ()):
        task["labels"] = classes
    return row
