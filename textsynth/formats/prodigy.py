"""Prodigy: its JSON Lines of annotation tasks, with tokens and answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.corpus.tokens import tokenize
from textsynth.foundation.disk import whole_file
from textsynth.reading.json_object import objects, objects_of_head, provenance, spans_of_json, without_empty
from textsynth.reading.records import Fault, Faults, Record, batches, write_lines

ANSWERS = ("accept", "reject", "ignore")


@dataclass(frozen=True, kw_only=True)
class Prodigy(Format):
    """Prodigy's JSON Lines: tasks with `text`, `tokens`, `spans` and `answer`.

    Read are tasks whose answer is `accept`, or that have none; those that were rejected or ignored are passed over.
    The class is the string `label`, or the only choice in `accept`. Offsets are characters; `token_end` is the last
    token of a span, not the one after it. White space is in no token.

    Args:
        encoding: how the file's bytes stand for characters when it is read; written is always UTF-8.
    """

    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".prodigy.jsonl",)
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows Prodigy's files by an `answer`, or by spans with `token_start`."""
        by_name = path.name.lower().endswith(cls.suffixes)
        return 2 if by_name or any(_is_prodigy(row) for row in objects_of_head(head)) else 0

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example from each task that was accepted."""
        yield from batches(self._records(path, faults), path, faults)

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one accepted task a line."""
        with whole_file(path) as partial:
            write_lines(partial, (_line(task) for batch in batches for task in _tasks(batch)))

    def _records(self, path: Path, faults: Faults) -> Iterator[Record | Fault]:
        for row in objects(path, self.encoding, faults):
            record = row if isinstance(row, Fault) else _record(*row)
            if record is not None:
                yield record


def _record(number: int, task: dict[str, Any]) -> Record | Fault | None:
    """Returns what a task says, or None where it was not accepted."""
    answer = task.get("answer", "accept")
    if answer not in ANSWERS:
        return Fault(number, f"the answer must be one of {', '.join(ANSWERS)}, was: {answer!r}")
    if answer != "accept":
        return None
    text = task.get("text")
    if not isinstance(text, str):
        return Fault(number, f"the field 'text' must be a string, was: {text!r}")
    spans = spans_of_json(task.get("spans"))
    if isinstance(spans, str):
        return Fault(number, spans)
    classes = _classes(task)
    if isinstance(classes, str):
        return Fault(number, classes)
    return Record(number, text, spans, classes[0] if classes else None, *provenance(task.get("meta")))


def _classes(task: Mapping[str, Any]) -> list[str] | str:
    """Returns the class of a task as a list of one or none, or what is wrong with it."""
    label, choices = task.get("label"), task.get("accept") or []
    if not isinstance(label, str | None):
        return f"the field 'label' must be a string or null, was: {label!r}"
    if not isinstance(choices, list) or not all(isinstance(choice, str) for choice in choices):
        return f"the field 'accept' must be a list of strings, was: {choices!r}"
    classes = list(dict.fromkeys(([label] if label is not None else []) + choices))
    if len(classes) > 1:
        return f"a text must have one class at most, has: {', '.join(classes)}"
    return classes


def _is_prodigy(row: Mapping[str, Any]) -> bool:
    spans = row.get("spans")
    first = spans[0] if isinstance(spans, list) and spans else None
    return "answer" in row or (isinstance(first, dict) and "token_start" in first)


def _tasks(batch: Corpus) -> Iterator[dict[str, Any]]:
    """Yields the tasks of a batch, with all offsets of tokens worked out at once."""
    table = tokenize(batch)
    strings, starts, ends = table.strings.to_pylist(), table.starts.tolist(), table.ends.tolist()
    rows, span_rows = table.rows.tolist(), batch.spans.rows.tolist()
    firsts, stops = table.first.tolist(), table.stop.tolist()
    for index, row in enumerate(batch.table.to_pylist()):
        begin, stop = rows[index], rows[index + 1]
        tokens = [
            _token(row["text"], strings[at], starts[at], ends[at]) | {"id": at - begin} for at in range(begin, stop)
        ]
        spans = [
            span | {"token_start": firsts[at] - begin, "token_end": stops[at] - 1 - begin}
            for at, span in enumerate(row["spans"], span_rows[index])
        ]
        label = without_empty(row, "label")
        made = without_empty(row, "origin", "parent")
        meta = {"meta": made} if made else {}
        yield {"text": row["text"], "tokens": tokens, "spans": spans} | label | meta | {"answer": "accept"}


def _token(text: str, string: str, start: int, end: int) -> dict[str, Any]:
    return {"text": string, "start": start, "end": end, "ws": text[end : end + 1] == " "}


def _line(task: Mapping[str, Any]) -> str:
    return json.dumps(task, ensure_ascii=False) + "\n"
