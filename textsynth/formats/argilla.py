"""Argilla: its records as JSON, with what people answered to questions, and what models suggest."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.corpus.classes import to_label
from textsynth.errors import CarryError
from textsynth.foundation.disk import whole_file
from textsynth.foundation.plural import tell_count
from textsynth.reading.argilla_record import ArgillaRecord, is_argilla, read_argilla
from textsynth.reading.class_name import read_class_names
from textsynth.reading.json_object import (
    abridge,
    add_fields,
    hold_meta,
    keep_filled,
    parse_head,
    read_objects,
    read_provenance,
)
from textsynth.reading.json_span import QuotedSpans, read_json_spans
from textsynth.reading.keep import Keep, KeptNames
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
from textsynth.reading.span_place import OFFSETS_FIELD, AnyOffsets, choose_offsets, place_spans, say_unit
from textsynth.reading.unread import Unread

_NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, kw_only=True)
class Argilla(Format):
    """Argilla's records: a text with the answers to questions about its spans and its class.

    What `to_json` and `to_list` write is read, nested or flat, and records of version 1 with `annotation` and
    `prediction`. Answers that are lists of spans are spans, strings and lists of them are classes, rankings are named
    and not read. Answers that were discarded or are drafts do not count; records that nobody has answered are counted,
    and not read. A JSON list of records is written, as `from_json` takes it.

    Args:
        text: the field of the text; the only one that is a string if it is not given. It is written as `text`.
        spans: the question about spans; the only one if it is not given. It is written as `spans`.
        label: the question about the class; the only one if it is not given. It is written as `label`.
        predictions: read what models suggest, and not what people answered; write it as that too, to be reviewed.
        answers: what is read of several people's answers: `first`, the first; `agree`, what all say, and records where
            they differ are counted and passed over; `refuse`, the same, but records where they differ are an error.
        keep: further fields, and what `metadata` has, that travel with an example to all that is made of it, and to
            what is written, into `metadata`; "*" for all of them. Others of a record, such as `id`, are kept if named.
        ignore: questions and fields that are passed over, whatever they look like, and not named.
        offsets: what offsets count; `auto` refuses a text that reads differently in characters and in UTF-16 code
            units, unless the metadata say it. Characters are written.
        repair: what is mended, and counted: `trim`, `longest`.
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
    """

    text: str | None = None
    spans: str | None = None
    label: str | None = None
    predictions: bool = False
    answers: Literal["first", "agree", "refuse"] = "refuse"
    keep: KeptNames = ()
    ignore: tuple[str, ...] = ()
    offsets: AnyOffsets = "auto"
    repair: tuple[Repair, ...] = ()
    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".argilla.json",)
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin", "fields"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows records by fields with responses or suggestions, or by annotation beside prediction."""
        return 5 if any(map(is_argilla, parse_head(head))) else super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example from each record that has an answer."""
        repairs, unread = Repairs(self.repair), Unread(self.ignore)
        keep = Keep(self.keep, self.ignore, str(path))
        passed: Counter[str] = Counter()

        def interpret(position: int | str, row: dict[str, Any]) -> Record | Fault | None:
            read = read_argilla(row)
            made = read if isinstance(read, Fault) else self._interpret(position, read, repairs, unread, keep)
            passed.update([made] if isinstance(made, str) else [])
            return None if isinstance(made, str) else made

        yield from batch_records(read_objects(path, self.encoding, faults, interpret), path, faults, repairs=repairs)
        for why, count in passed.items():
            unread.add(f"{tell_count(count, 'record')} {why}")
        unread.log(path)
        keep.check()

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes a record an example."""
        rows = (self._make_record(row) for batch in batches for row in batch.table.to_pylist())
        lines = (f"{',' if number else ''}\n{json.dumps(row, ensure_ascii=False)}" for number, row in enumerate(rows))
        with whole_file(path) as partial:
            write_lines(partial, itertools.chain(["["], lines, ["\n]\n"]))

    def _interpret(
        self, position: int | str, said: ArgillaRecord, repairs: Repairs, unread: Unread, keep: Keep
    ) -> Record | Fault | str:
        """Returns what a record says, or why it is passed over."""
        text_field = self._find_text(said.fields)
        if isinstance(text_field, Fault):
            return text_field
        held = hold_meta(said.others, "metadata") | said.fields
        metadata = said.others.get("metadata") or {}
        inner = hold_meta({**said.fields, "metadata": metadata}, "metadata")
        kept = keep.choose(held, [name for name in inner if name not in (text_field, OFFSETS_FIELD)])
        for name in [*said.fields, *said.others]:
            if name not in (text_field, "id", "_server_id", "metadata", *kept) and not unread.ignores(name):
                unread.add(name)
        fault = next((fault for name in kept if (fault := keep.refuse(name, held[name]))), None)
        if fault is not None:
            return fault
        answers = said.suggestions if self.predictions else said.answers
        if any(said.suggestions.values()) and not self.predictions:
            unread.add("suggestions (read with predictions = true)")
        if said.discarded or not any(answers.values()):
            return "with a discarded answer" if said.discarded else "without an answer"
        questions = self._choose_questions(answers, unread)
        if isinstance(questions, Fault):
            return questions
        text, fields = str(said.fields[text_field]), keep.take(held, kept)
        blank = Record(position, text, [], None, *read_provenance(metadata), fields)
        return self._read_answers(blank, questions, choose_offsets(metadata, self.offsets), repairs)

    def _find_text(self, fields: Mapping[str, Any]) -> str | Fault:
        """Returns the field that is the text."""
        strings = [name for name, value in fields.items() if isinstance(value, str)]
        name = self.text or ("text" if "text" in strings else strings[0] if len(strings) == 1 else None)
        if name is None or name not in strings:
            return Fault(
                f"one field must be the text, there is: {abridge(list(fields))}; name it with the option 'text'"
            )
        return name

    def _choose_questions(self, answers: Mapping[str, list[Any]], unread: Unread) -> dict[str, list[Any]] | Fault:
        """Returns what was answered to the question about spans, and to that about the class."""
        kinds: dict[str, dict[str, list[Any]]] = {"spans": {}, "label": {}}
        for question, values in answers.items():
            kind = _find_kind(values) if values and not unread.ignores(question) else None
            kind = next((part for part in kinds if getattr(self, part) == question), kind)
            if kind in kinds and getattr(self, kind) in (None, question):
                kinds[kind][question] = values
            elif not unread.ignores(question):
                unread.add(question)
        for part, found in kinds.items():
            if len(found) > 1:
                names = ", ".join(map(repr, found))
                return Fault(
                    f'the questions {names} all have such answers; choose one with {part} = "{next(iter(found))}"'
                )
        return {part: values for part, found in kinds.items() for values in found.values()}

    def _read_answers(
        self, blank: Record, questions: Mapping[str, list[Any]], offsets: AnyOffsets, repairs: Repairs
    ) -> Record | Fault | str:
        spans: list[Spans | Fault] = [
            _place(blank.text, value, offsets, repairs) for value in questions.get("spans", ())
        ]
        classes = [_read_class(value) for value in questions.get("label", ())]
        fault = next((each for each in [*spans, *classes] if isinstance(each, Fault)), None)
        if fault is not None:
            return fault
        differ = len({json.dumps(each) for each in spans}) > 1 or len(set(classes)) > 1
        if differ and self.answers == "agree":
            return "whose answers differ"
        if differ and self.answers == "refuse":
            return Fault(
                "the answers to a question must agree, differ; "
                'read the first with answers = "first", or pass over such records with answers = "agree"'
            )
        return replace(blank, spans=spans[0] if spans else [], label=classes[0] if classes else None)  # type: ignore[arg-type]

    def _make_record(self, row: Mapping[str, Any]) -> dict[str, Any]:
        spans = list_triples(row["spans"])
        answers: dict[str, Any] = {}
        if spans or row["label"] is None:
            listed = [{"start": start, "end": end, "label": label} for start, end, label in spans]
            answers[self.spans or "spans"] = listed
        if row["label"] is not None:
            label = to_label(row["label"])
            if label == ():
                raise CarryError("Argilla's records cannot say that a text has none of the classes, one text has none")
            answers[self.label or "label"] = label if isinstance(label, str) else list(label or ())
        given = {name: [{"value": value, "user_id": _NOBODY}] for name, value in answers.items()}
        suggested = {name: {"value": value, "score": None, "agent": None} for name, value in answers.items()}
        own = keep_filled(row, "origin", "parent") | say_unit(row["text"], spans, "characters")
        metadata = add_fields(own, row, (OFFSETS_FIELD,))
        return {
            "fields": {self.text or "text": row["text"]},
            "metadata": metadata,
            "responses": {} if self.predictions else given,
            "suggestions": suggested if self.predictions else {},
        }


def _find_kind(values: list[Any]) -> str | None:
    """Returns whether answers are spans or a class; None if they are neither."""
    kinds = {_find_kind_of_one(value) for value in values} - {"nothing"}
    if not kinds:
        return "spans"
    return kinds.pop() if len(kinds) == 1 else None


def _find_kind_of_one(value: Any) -> str | None:
    if not isinstance(value, list):
        return "label" if isinstance(value, str | int | float) else None
    if not value:
        return "nothing"
    if all(isinstance(each, str) for each in value):
        return "label"
    return None if isinstance(read_json_spans(value), Fault) else "spans"


def _place(text: str, value: Any, offsets: AnyOffsets, repairs: Repairs) -> Spans | Fault:
    read = read_json_spans(value) if value else QuotedSpans()
    if isinstance(read, Fault):
        return read
    placed = place_spans(text, read.spans, read.quotes, offsets, repairs)
    return placed if isinstance(placed, Fault) else sorted(placed)


def _read_class(value: Any) -> str | Fault | None:
    names = read_class_names("label", value)
    return names if isinstance(names, Fault) else make_label(names)
