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
from textsynth.reading.code_unit import Offsets, spans_in_characters, spans_in_units
from textsynth.reading.json_object import provenance, without_empty
from textsynth.reading.records import Fault, Faults, Record, batches, open_binary, write_lines


@dataclass(frozen=True, kw_only=True)
class LabelStudio(Format):
    """Label Studio's JSON export: tasks with `data` and `annotations`, whose results are `labels` and `choices`.

    Of several annotations of a task the first is read that was not cancelled; a task without one is passed over.
    So are results of other types and choices for a region. The file is held in memory while it is read.

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
        yield from batches(self._records(path), path, faults)

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one task an example, each with one annotation, ready to be imported."""
        tasks = (self._task(row) for batch in batches for row in batch.table.to_pylist())
        lines = (json.dumps(task, ensure_ascii=False) for task in tasks)
        with whole_file(path) as partial:
            write_lines(partial, itertools.chain(["["], _separate(lines), ["\n]\n"]))

    def _records(self, path: Path) -> Iterator[Record | Fault]:
        for number, task in enumerate(_tasks(path), 1):
            where = f"task {number}"
            if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
                yield Fault(where, f"a task must be an object with 'data', was: {_short(task)}")
                continue
            results = _results(task)
            if isinstance(results, str):
                yield Fault(where, results)
            elif results is not None:
                yield self._record(where, task, results)

    def _record(self, where: str, task: Mapping[str, Any], results: list[dict[str, Any]]) -> Record | Fault:
        text = task["data"].get(self.text)
        if not isinstance(text, str):
            return Fault(where, f"the field {self.text!r} of 'data' must be a string, was: {_short(text)}")
        spans = self._spans(text, [result for result in results if result.get("type") == "labels"])
        if isinstance(spans, str):
            return Fault(where, spans)
        classes = _classes(results)
        if isinstance(classes, str):
            return Fault(where, classes)
        return Record(where, text, spans, classes[0] if classes else None, *provenance(task.get("meta")))

    def _spans(self, text: str, results: list[dict[str, Any]]) -> list[tuple[int, int, str]] | str:
        """Reads the spans in the first way to count that agrees with the texts beside them."""
        spans = []
        for result in results:
            span = _span(result.get("value"))
            if isinstance(span, str):
                return span
            spans.append(span)
        said = [result["value"].get("text") for result in results]
        ways: tuple[Offsets, ...] = ("utf16", "characters") if self.offsets == "auto" else (self.offsets,)
        readings = [_count_as(text, spans, said, way) for way in ways]
        return next((reading for reading in readings if not isinstance(reading, str)), readings[0])

    def _task(self, row: Mapping[str, Any]) -> dict[str, Any]:
        text, spans = row["text"], [(span["start"], span["end"], span["label"]) for span in row["spans"]]
        written = spans if self.offsets == "characters" else spans_in_units(text, spans)
        values: list[dict[str, Any]] = [
            {"start": start, "end": end, "text": text[span[0] : span[1]], "labels": [label]}
            for span, (start, end, label) in zip(spans, written, strict=True)
        ]
        results = [self._result(f"span-{at}", self.from_name, "labels", value) for at, value in enumerate(values, 1)]
        if row["label"]:
            results.append(self._result("class", self.choices_from_name, "choices", {"choices": [row["label"]]}))
        made = without_empty(row, "origin", "parent")
        meta = {"meta": made} if made else {}
        return {"data": {self.text: text}, "annotations": [{"result": results}]} | meta

    def _result(self, id: str, from_name: str, type: str, value: dict[str, Any]) -> dict[str, Any]:
        return {"id": id, "from_name": from_name, "to_name": self.to_name, "type": type, "value": value}


def _count_as(
    text: str, spans: list[tuple[int, int, str]], said: list[Any], way: Offsets
) -> list[tuple[int, int, str]] | str:
    """Returns spans in characters, or what is wrong with them when their offsets are counted this way."""
    counted = spans_in_characters(text, spans) if way == "utf16" else spans
    if isinstance(counted, str):
        return counted
    for (start, end, _), words in zip(counted, said, strict=True):
        there = text[max(start, 0) : max(end, 0)]
        if isinstance(words, str) and end <= len(text) and _plain(words) != _plain(there):
            return f"the text of a span must be what stands at {start}-{end}, {there!r}, was: {words!r}"
    return counted


def _separate(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"{',' if number else ''}\n{line}"


def _tasks(path: Path) -> list[Any]:
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
        raise FormatError(f"{path}: must be a list of tasks, was: {_short(tasks)}")
    return tasks


def _results(task: Mapping[str, Any]) -> list[dict[str, Any]] | str | None:
    """Returns the results of the annotation that counts, None where there is none, or what is wrong."""
    annotations = task.get("annotations") or []
    if not _is_list_of_objects(annotations):
        return f"the field 'annotations' must be a list of objects, was: {_short(annotations)}"
    valid = [annotation for annotation in annotations if not annotation.get("was_cancelled")]
    if not valid:
        return None
    results = valid[0].get("result")
    if not _is_list_of_objects(results):
        return f"the field 'result' of an annotation must be a list of objects, was: {_short(results)}"
    for result in results:
        kind = str(result.get("type"))
        if kind.endswith("labels") and kind != "labels":
            return f"spans must be results of type 'labels', on plain text, were of type {kind!r}"
    return results


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(inner, dict) for inner in value)


def _span(value: Any) -> tuple[int, int, str] | str:
    """Returns the span of a result, or what is wrong with it."""
    wanted = "a span must have whole numbers 'start' and 'end' and a list of one of 'labels'"
    parts: list[Any] = [value.get(name) for name in ("start", "end", "labels")] if isinstance(value, dict) else []
    if [type(part) for part in parts] != [int, int, list] or [type(label) for label in parts[2]] != [str]:
        return f"{wanted}, was: {_short(value)}"
    return parts[0], parts[1], parts[2][0]


def _classes(results: list[dict[str, Any]]) -> list[str] | str:
    """Returns the choices for the text as a whole, not those for a region of it, or what is wrong with them."""
    values = [result.get("value") for result in results if result.get("type") == "choices"]
    whole = [value for value in values if isinstance(value, dict) and "start" not in value]
    lists: list[Any] = [value.get("choices") for value in whole]
    if not all(isinstance(choices, list) and all(isinstance(choice, str) for choice in choices) for choices in lists):
        return f"choices must be lists of strings, were: {_short(lists)}"
    choices = [choice for choices in lists for choice in choices]
    if len(choices) > 1:
        return f"a text must have one class at most, has: {', '.join(choices)}"
    return choices


def _plain(text: str) -> str:
    r"""Returns a text with single spaces: Label Studio shows any white space as one, and writes line ends as `\n`."""
    return " ".join(text.replace("\\n", " ").split())


def _short(value: Any) -> str:
    return repr(value)[:80]
