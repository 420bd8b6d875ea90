"""Label Studio: its exports JSON, a list of tasks with annotations, JSON_MIN and CSV."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.corpus.classes import join_classes, split_classes
from textsynth.foundation.disk import whole_file
from textsynth.foundation.plural import tell_count
from textsynth.reading.class_name import read_class_names
from textsynth.reading.code_unit import count_in_units
from textsynth.reading.field_names import looks_like_annotation
from textsynth.reading.json_object import (
    abridge,
    count_known_fields,
    hold_meta,
    meta_field,
    parse_head,
    read_provenance,
    read_string,
)
from textsynth.reading.keep import Keep, KeptNames
from textsynth.reading.label_studio_task import ROW_FIELDS, is_row, load_tasks
from textsynth.reading.records import Fault, Faults, Record, batch_records, list_triples, make_label, write_lines
from textsynth.reading.repair import Repair, Repairs
from textsynth.reading.span_place import OFFSETS_FIELD, AnyOffsets, choose_offsets, place_spans
from textsynth.reading.unread import Unread, explain_ignore

_KNOWN_TYPES = ("labels", "choices", "relation")
"""Types of results that are read, or are about those that are."""


@dataclass(frozen=True, kw_only=True)
class LabelStudio(Format):
    """Label Studio's exports: tasks with `data` and `annotations`, whose results are `labels` and `choices`.

    JSON is written; JSON, JSON_MIN and CSV are read. Of several annotations of a task, one that is marked as ground
    truth is read; cancelled ones are not. Tasks without an annotation, results of other types and choices for a
    region are named, and not read; an annotation of nothing else is refused. A text has all classes that are chosen for
    it; one for which choices are given and none is chosen has none of them. The file is held in memory while it is
    read.

    Args:
        text: the field of a task's `data` that holds the text.
        from_name: the name of the `Labels` tag that spans are written under; they are read under any name.
        choices_from_name: the name of the `Choices` tag that classes are written under; they are read under any, but
            in JSON_MIN and CSV only under this and the usual names of classes.
        to_name: the name of the `Text` tag that both are written to.
        answers: what is read of several annotations none of which is ground truth: `first`, the first; `agree`,
            what all say, and tasks where they differ are counted and passed over; `refuse`, the same, but tasks where
            they differ are an error.
        several_labels: what is read of a region with several labels: `refuse` makes it an error, `first` takes the
            first.
        predictions: read the predictions of tasks that have no annotation, by the same rules.
        keep: fields of `data` and `meta` that travel with an example to all that is made of it, and to what is written,
            into `meta`; "*" for all that nothing reads. A field of the task itself, such as `id`, is kept if it is
            named.
        ignore: fields of `data` and types of results that are passed over, whatever they look like, and not named.
        offsets: what offsets count: `utf16` code units, as JavaScript does, or `characters`, as versions of Label
            Studio after August 2022 may. `auto` reads what agrees with the text that is given beside them, refuses
            what reads differently in the two if there is none, and writes `utf16`.
        repair: what is mended, and counted: `trim`, `quote`, `longest`.
    """

    text: str = "text"
    from_name: str = "label"
    choices_from_name: str = "sentiment"
    to_name: str = "text"
    answers: Literal["first", "agree", "refuse"] = "refuse"
    several_labels: Literal["refuse", "first"] = "refuse"
    predictions: bool = False
    keep: KeptNames = ()
    ignore: tuple[str, ...] = ()
    offsets: AnyOffsets = "auto"
    repair: tuple[Repair, ...] = ()

    suffixes: ClassVar[tuple[str, ...]] = (".label_studio.json",)
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin", "fields"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows JSON by tasks with `data` and `annotations`, and JSON_MIN and CSV by the annotator of a row."""
        if re.match(r"\s*\[\s*\{", head):
            rows = [row for row in parse_head(head) if isinstance(row, dict)]
            if any("data" in row and {"annotations", "predictions"} & set(row) for row in rows):
                return 2 + count_known_fields(head, ("data", "annotations", "predictions"))
            if any(map(is_row, rows)):
                return 2 + count_known_fields(head, ROW_FIELDS)
            return super().recognises(path, head)
        header = [cell.strip('"\r ') for cell in re.split(r"[,\t]", head.partition("\n")[0])]
        return 2 + len({*header} & {*ROW_FIELDS}) if is_row(header) else super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example from each annotated task."""
        repairs, unread = Repairs(self.repair), Unread(self.ignore)
        keep = Keep(self.keep, self.ignore, str(path))
        yield from batch_records(self._read_records(path, repairs, unread, keep), path, faults, repairs=repairs)
        unread.log(path)
        keep.check()

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one task an example, each with one annotation, ready to be imported."""
        tasks = (self._make_task(row) for batch in batches for row in batch.table.to_pylist())
        lines = (json.dumps(task, ensure_ascii=False) for task in tasks)
        with whole_file(path) as partial:
            write_lines(partial, itertools.chain(["["], _separate(lines), ["\n]\n"]))

    def _read_records(self, path: Path, repairs: Repairs, unread: Unread, keep: Keep) -> Iterator[Record | Fault]:
        passed: Counter[str] = Counter()
        for number, task in enumerate(load_tasks(path, self.text, self.choices_from_name), 1):
            position = f"task {number}"
            record = self._interpret(position, task, repairs, unread, keep)
            if isinstance(record, str):
                passed[record] += 1
            else:
                yield record.with_line(position) if isinstance(record, Fault) else record
        for why, count in passed.items():
            unread.add(f"{tell_count(count, 'task')} {why}")

    def _interpret(
        self, position: str, task: Any, repairs: Repairs, unread: Unread, keep: Keep
    ) -> Record | Fault | str:
        """Returns what a task says, or why it is passed over."""
        if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
            return Fault(f"a task must be an object with 'data', was: {abridge(task)}")
        if task.get("predictions") and not self.predictions:
            unread.add("predictions (read with predictions = true)")
        answers = self._find_answers(task)
        if isinstance(answers, Fault | str):
            return answers
        text = read_string(task["data"], self.text, " of 'data'")
        if isinstance(text, Fault):
            there = abridge(list(task["data"]))
            return Fault(f"{text.reason}; say which field is the text with the option 'text', there is: {there}")
        held, inner = (
            hold_meta(task, "meta", "data"),
            hold_meta(task["data"] | {"meta": task.get("meta") or {}}, "meta"),
        )
        kept = keep.choose(held, [name for name in inner if name != self.text])
        fault = self._pass_over_data({name: task["data"][name] for name in task["data"] if name not in kept}, unread)
        faults = (fault, *(keep.refuse(name, held[name]) for name in kept))
        for each in faults:
            if each is not None:
                return each
        made = read_provenance(task.get("meta"))
        blank = Record(position, text, [], None, *made, keep.take(held, kept))
        offsets = choose_offsets(task.get("meta"), self.offsets)
        return self._choose([self._read_answer(blank, results, offsets, repairs, unread) for results in answers])

    def _find_answers(self, task: Mapping[str, Any]) -> list[list[dict[str, Any]]] | Fault | str:
        """Returns the results of each annotation that counts, or why there is none."""
        annotations = task.get("annotations") or []
        if not _is_list_of_objects(annotations):
            return Fault(f"the field 'annotations' must be a list of objects, was: {abridge(annotations)}")
        valid = [annotation for annotation in annotations if not annotation.get("was_cancelled")]
        if not valid and self.predictions:
            valid = task.get("predictions") or []
            if not _is_list_of_objects(valid):
                return Fault(f"the field 'predictions' must be a list of objects, was: {abridge(valid)}")
        if not valid:
            return "whose annotations were all cancelled" if annotations else "without an annotation"
        chosen = [annotation for annotation in valid if annotation.get("ground_truth")] or valid
        answers = [annotation.get("result") for annotation in (chosen[:1] if self.answers == "first" else chosen)]
        return next((fault for results in answers if (fault := _check_results(results))), None) or answers

    def _pass_over_data(self, data: Mapping[str, Any], unread: Unread) -> Fault | None:
        for name in data:
            if name == self.text or unread.ignores(name):
                continue
            kind = looks_like_annotation(data[name])
            if kind:
                return Fault(
                    f"the field {name!r} of 'data' looks like {kind} and would not be read" + explain_ignore(name)
                )
            unread.add(f"data.{name}")
        return None

    def _read_answer(
        self, blank: Record, results: list[dict[str, Any]], offsets: AnyOffsets, repairs: Repairs, unread: Unread
    ) -> Record | Fault:
        """Returns the record that one annotation makes of a text."""
        label, regions = _read_class(results), [each.get("value") for each in results if each.get("type") == "labels"]
        if isinstance(label, Fault):
            return label
        others = {kind: each.get("type") for each in results if (kind := _describe_unread(each))}
        unknown = [str(name) for name in others.values() if name not in _KNOWN_TYPES and not unread.ignores(str(name))]
        if unknown and len(others) == len({str(each.get("type")) for each in results}):
            return Fault(f"an annotation has results of type {unknown[0]!r} alone, which are not read"
                         + explain_ignore(unknown[0]))  # fmt: skip
        for kind, name in others.items():
            if not unread.ignores(str(name)):
                unread.add(kind)
        found = [self._read_span(region) for region in regions]
        fault = next((span for span in found if isinstance(span, Fault)), None)
        if fault:
            return fault
        spans = [span for span in found if not isinstance(span, Fault)]
        said = [region.get("text") for region in regions if isinstance(region, dict)]
        quotes = [quote if isinstance(quote, str) else None for quote in said]
        placed = place_spans(blank.text, spans, quotes, offsets, repairs)
        return placed if isinstance(placed, Fault) else replace(blank, spans=sorted(placed), label=label)

    def _read_span(self, value: Any) -> tuple[int, int, str] | Fault:
        parts: list[Any] = [value.get(name) for name in ("start", "end", "labels")] if isinstance(value, dict) else []
        if [type(part) for part in parts] != [int, int, list] or {type(label) for label in parts[2]} != {str}:
            wanted = "a span must have whole numbers 'start' and 'end' and a list of one of 'labels'"
            return Fault(f"{wanted}, was: {abridge(value)}")
        if len(parts[2]) > 1 and self.several_labels == "refuse":
            labels = ", ".join(parts[2])
            return Fault(f'a region must have one label, has: {labels}; read the first with several_labels = "first"')
        return parts[0], parts[1], parts[2][0]

    def _choose(self, answers: list[Record | Fault]) -> Record | Fault | str:
        """Returns what all answers say, or that they differ."""
        fault = next((answer for answer in answers if isinstance(answer, Fault)), None)
        if fault:
            return fault
        first = answers[0]
        if all(answer == first for answer in answers):
            return first
        if self.answers == "agree":
            return "whose annotations differ"
        return Fault(
            f"the {len(answers)} annotations of a task must agree, differ; read the first with "
            'answers = "first", or pass over such tasks with answers = "agree"'
        )

    def _make_task(self, row: Mapping[str, Any]) -> dict[str, Any]:
        text, spans = row["text"], list_triples(row["spans"])
        written = count_in_units(text, spans, "utf16" if self.offsets == "auto" else self.offsets)
        values: list[dict[str, Any]] = [
            {"start": start, "end": end, "text": text[span[0] : span[1]], "labels": [label]}
            for span, (start, end, label) in zip(spans, written, strict=True)
        ]
        results = [
            self._make_result(f"span-{at}", self.from_name, "labels", value) for at, value in enumerate(values, 1)
        ]
        if row["label"]:
            chosen = {"choices": list(split_classes(row["label"]))}
            results.append(self._make_result("class", self.choices_from_name, "choices", chosen))
        meta = meta_field(row).get("meta", {})
        quotes = [text[start:end] for start, end, _ in spans]
        if place_spans(text, written, quotes, "auto", Repairs()) != spans:
            meta |= {OFFSETS_FIELD: "utf16" if self.offsets == "auto" else self.offsets}
        return {"data": {self.text: text}, "annotations": [{"result": results}]} | ({"meta": meta} if meta else {})

    def _make_result(self, id: str, from_name: str, type: str, value: dict[str, Any]) -> dict[str, Any]:
        return {"id": id, "from_name": from_name, "to_name": self.to_name, "type": type, "value": value}


def _separate(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"{',' if number else ''}\n{line}"


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(inner, dict) for inner in value)


def _check_results(results: Any) -> Fault | None:
    """Says what is wrong with the results of an annotation."""
    if not _is_list_of_objects(results):
        return Fault(f"the field 'result' of an annotation must be a list of objects, was: {abridge(results)}")
    for result in results:
        kind = str(result.get("type"))
        if kind.endswith("labels") and kind != "labels":
            return Fault(f"spans must be results of type 'labels', on plain text, were of type {kind!r}")
    return None


def _describe_unread(result: Mapping[str, Any]) -> str | None:
    """Returns what a result is if it is not read."""
    kind, value = result.get("type"), result.get("value")
    if kind == "choices":
        return "choices for a region" if isinstance(value, dict) and "start" in value else None
    return None if kind == "labels" else f"results of type {kind!r}"


def _read_class(results: list[dict[str, Any]]) -> str | Fault | None:
    """Reads the choices for the text as a whole, not those for a region of it."""
    values = [result.get("value") for result in results if result.get("type") == "choices"]
    whole = [value for value in values if isinstance(value, dict) and "start" not in value]
    named = [read_class_names("choices", value.get("choices")) for value in whole]
    fault = next((each for each in named if isinstance(each, Fault)), None)
    chosen = [name for each in named if not isinstance(each, Fault) for name in each]
    none = bool(whole) and all(value.get("choices") == [] for value in whole)
    return fault or (join_classes(()) if none else make_label(chosen))
