"""Label Studio: its JSON export, a list of tasks with annotations."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.errors import FormatError
from textsynth.foundation.disk import whole_file
from textsynth.reading.code_unit import Offsets, count_in_characters, count_in_units
from textsynth.reading.json_object import abridge, meta_field, read_provenance, read_string
from textsynth.reading.records import (
    Fault,
    Faults,
    Record,
    Spans,
    batch_records,
    choose_class,
    list_triples,
    open_binary,
    write_lines,
)


@dataclass(frozen=True, kw_only=True)
class LabelStudio(Format):
    """Label Studio's JSON export: tasks with `data` and `annotations`, whose results are `labels` and `choices`.

    Of several annotations of a task the first is read that was not cancelled; a task without one is skipped,
    and so are results of other types and choices for a region. The file is held in memory while it is read.

    Args:
        text: the field of a task's `data` that holds the text.
        from_name: the name of the `Labels` tag that spans are written under; they are read under any name.
        choices_from_name: the name of the `Choices` tag that classes are written under; they are read under any.
        to_name: the name of the `Text` tag that both are written to.
        offsets: what offsets count: `utf16` code units, as JavaScript does, or `characters`, as versions of Label
            Studio after August 2022 may. `auto` reads what agrees with the text that is given beside them, and writes
            `utf16`.
    """

    text: str = "text"
    from_name: str = "label"
    choices_from_name: str = "sentiment"
    to_name: str = "text"
    offsets: Literal["auto"] | Offsets = "auto"

    suffixes: ClassVar[tuple[str, ...]] = (".label_studio.json",)
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows an export by its beginning, a list of objects, and by `data` and `annotations` in it."""
        by_content = re.match(r"\s*\[\s*\{", head) and '"annotations"' in head and '"data"' in head
        return 2 if by_content else super().recognises(path, head)

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example from each annotated task."""
        yield from batch_records(self._read_records(path), path, faults)

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one task an example, each with one annotation, ready to be imported."""
        tasks = (self._make_task(row) for batch in batches for row in batch.table.to_pylist())
        lines = (json.dumps(task, ensure_ascii=False) for task in tasks)
        with whole_file(path) as partial:
            write_lines(partial, itertools.chain(["["], _separate(lines), ["\n]\n"]))

    def _read_records(self, path: Path) -> Iterator[Record | Fault]:
        for number, task in enumerate(_load_tasks(path), 1):
            position = f"task {number}"
            record = self._interpret(position, task)
            if record is not None:
                yield record.with_line(position) if isinstance(record, Fault) else record

    def _interpret(self, position: str, task: Any) -> Record | Fault | None:
        """Returns what a task says, or None if nobody has annotated it."""
        if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
            return Fault(f"a task must be an object with 'data', was: {abridge(task)}")
        results = _find_results(task)
        if results is None or isinstance(results, Fault):
            return results
        text = read_string(task["data"], self.text, " of 'data'")
        if isinstance(text, Fault):
            return text
        spans = self._read_spans(text, [result for result in results if result.get("type") == "labels"])
        if isinstance(spans, Fault):
            return spans
        label = _read_class(results)
        if isinstance(label, Fault):
            return label
        return Record(position, text, spans, label, *read_provenance(task.get("meta")))

    def _read_spans(self, text: str, results: list[dict[str, Any]]) -> Spans | Fault:
        """Reads the spans by the first way of counting that agrees with the texts given beside them."""
        spans = []
        for result in results:
            span = _read_span(result.get("value"))
            if isinstance(span, Fault):
                return span
            spans.append(span)
        said = [result["value"].get("text") for result in results]
        ways: tuple[Offsets, ...] = ("utf16", "characters") if self.offsets == "auto" else (self.offsets,)
        readings = [_count_as(text, spans, said, way) for way in ways]
        return next((reading for reading in readings if not isinstance(reading, Fault)), readings[0])

    def _make_task(self, row: Mapping[str, Any]) -> dict[str, Any]:
        text, spans = row["text"], list_triples(row["spans"])
        written = spans if self.offsets == "characters" else count_in_units(text, spans)
        values: list[dict[str, Any]] = [
            {"start": start, "end": end, "text": text[span[0] : span[1]], "labels": [label]}
            for span, (start, end, label) in zip(spans, written, strict=True)
        ]
        results = [
            self._make_result(f"span-{at}", self.from_name, "labels", value) for at, value in enumerate(values, 1)
        ]
        if row["label"]:
            results.append(self._make_result("class", self.choices_from_name, "choices", {"choices": [row["label"]]}))
        return {"data": {self.text: text}, "annotations": [{"result": results}]} | meta_field(row)

    def _make_result(self, id: str, from_name: str, type: str, value: dict[str, Any]) -> dict[str, Any]:
        return {"id": id, "from_name": from_name, "to_name": self.to_name, "type": type, "value": value}


def _count_as(text: str, spans: Spans, said: list[Any], way: Offsets) -> Spans | Fault:
    """Returns spans in characters, or what is wrong with them if their offsets are counted this way."""
    counted = count_in_characters(text, spans) if way == "utf16" else spans
    if isinstance(counted, Fault):
        return counted
    for (start, end, _), words in zip(counted, said, strict=True):
        there = text[max(start, 0) : max(end, 0)]
        if isinstance(words, str) and end <= len(text) and _flatten(words) != _flatten(there):
            return Fault(f"the text of a span must be what stands at {start}-{end}, {there!r}, was: {words!r}")
    return counted


def _separate(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"{',' if number else ''}\n{line}"


def _load_tasks(path: Path) -> list[Any]:
    with open_binary(path) as file:
        raw = file.read()
    try:
        tasks = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: must be UTF-8, has byte 0x{raw[error.start]:02x} at {error.start}") from error
    except json.JSONDecodeError as error:
        raise FormatError(f"{path}:{error.lineno}: must be JSON, {error.msg} at column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path}: must be JSON: {error}") from error
    if not isinstance(tasks, list):
        raise FormatError(f"{path}: must be a list of tasks, was: {abridge(tasks)}")
    return tasks


def _find_results(task: Mapping[str, Any]) -> list[dict[str, Any]] | Fault | None:
    """Returns the results of the annotation that counts, None if there is none, or what is wrong."""
    annotations = task.get("annotations") or []
    if not _is_list_of_objects(annotations):
        return Fault(f"the field 'annotations' must be a list of objects, was: {abridge(annotations)}")
    valid = [annotation for annotation in annotations if not annotation.get("was_cancelled")]
    if not valid:
        return None
    results = valid[0].get("result")
    if not _is_list_of_objects(results):
        return Fault(f"the field 'result' of an annotation must be a list of objects, was: {abridge(results)}")
    for result in results:
        kind = str(result.get("type"))
        if kind.endswith("labels") and kind != "labels":
            return Fault(f"spans must be results of type 'labels', on plain text, were of type {kind!r}")
    return results


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(inner, dict) for inner in value)


def _read_span(value: Any) -> tuple[int, int, str] | Fault:
    wanted = "a span must have whole numbers 'start' and 'end' and a list of one of 'labels'"
    parts: list[Any] = [value.get(name) for name in ("start", "end", "labels")] if isinstance(value, dict) else []
    if [type(part) for part in parts] != [int, int, list] or [type(label) for label in parts[2]] != [str]:
        return Fault(f"{wanted}, was: {abridge(value)}")
    return parts[0], parts[1], parts[2][0]


def _read_class(results: list[dict[str, Any]]) -> str | Fault | None:
    """Reads the choice for the text as a whole, not those for a region of it."""
    values = [result.get("value") for result in results if result.get("type") == "choices"]
    whole = [value for value in values if isinstance(value, dict) and "start" not in value]
    lists: list[Any] = [value.get("choices") for value in whole]
    if not all(isinstance(choices, list) and all(isinstance(choice, str) for choice in choices) for choices in lists):
        return Fault(f"choices must be lists of strings, were: {abridge(lists)}")
    return choose_class([choice for choices in lists for choice in choices])


def _flatten(text: str) -> str:
    r"""Returns a text with single spaces: Label Studio shows any white space as one, and writes line ends as `\n`."""
    return " ".join(text.replace("\\n", " ").split())
