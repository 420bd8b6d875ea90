"""Prodigy: its JSON Lines of annotation tasks, with tokens and answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus
from textsynth.corpus.tokens import tokenize
from textsynth.reading.json_object import (
    abridge,
    keep_filled,
    meta_field,
    parse_head,
    read_class,
    read_objects,
    read_provenance,
    read_spans,
    read_string,
    write_objects,
)
from textsynth.reading.records import Fault, Faults, Record, batch_records, choose_class

ANSWERS = ("accept", "reject", "ignore")


@dataclass(frozen=True, kw_only=True)
class Prodigy(Format):
    """Prodigy's JSON Lines: tasks with `text`, `tokens`, `spans` and `answer`.

    Tasks whose answer is `accept`, or that have none, are read; those that were rejected or ignored are skipped.
    The class is the string `label`, or the only choice in `accept`. Offsets are characters; `token_end` is the last
    token of a span, not the one after it. No token holds white space.

    Args:
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
    """

    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".prodigy.jsonl",)
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows Prodigy's files by an `answer`, or by spans with `token_start`."""
        by_name = path.name.lower().endswith(cls.suffixes)
        return 2 if by_name or any(_is_prodigy(row) for row in parse_head(head)) else 0

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example from each task that was accepted."""
        yield from batch_records(read_objects(path, self.encoding, faults, _interpret), path, faults)

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one accepted task a line."""
        write_objects((task for batch in batches for task in _make_tasks(batch)), path)


def _interpret(number: int | str, task: dict[str, Any]) -> Record | Fault | None:
    """Returns what a task says, or None if it was not accepted."""
    answer = task.get("answer", "accept")
    if answer not in ANSWERS:
        return Fault(f"the answer must be one of {', '.join(ANSWERS)}, was: {answer!r}")
    if answer != "accept":
        return None
    text = read_string(task, "text")
    if isinstance(text, Fault):
        return text
    spans = read_spans(task.get("spans"))
    if isinstance(spans, Fault):
        return spans
    label = _read_class(task)
    if isinstance(label, Fault):
        return label
    return Record(number, text, spans, label, *read_provenance(task.get("meta")))


def _read_class(task: Mapping[str, Any]) -> str | Fault | None:
    """Reads the class of a task, which is its label, its only choice, or both if they are the same."""
    label, choices = read_class(task, "label"), task.get("accept") or []
    if isinstance(label, Fault):
        return label
    if not isinstance(choices, list) or not all(isinstance(choice, str) for choice in choices):
        return Fault(f"the field 'accept' must be a list of strings, was: {abridge(choices)}")
    return choose_class(list(dict.fromkeys(([label] if label is not None else []) + choices)))


def _is_prodigy(row: Any) -> bool:
    if not isinstance(row, dict):
        return False
    spans = row.get("spans")
    first = spans[0] if isinstance(spans, list) and spans else None
    return "answer" in row or (isinstance(first, dict) and "token_start" in first)


def _make_tasks(batch: Corpus) -> Iterator[dict[str, Any]]:
    """Yields the tasks of a batch, with all offsets of tokens worked out at once."""
    table = tokenize(batch)
    strings, starts, ends = table.strings.to_pylist(), table.starts.tolist(), table.ends.tolist()
    rows, span_rows = table.rows.tolist(), batch.spans.rows.tolist()
    firsts, stops = table.first.tolist(), table.stop.tolist()
    for index, row in enumerate(batch.table.to_pylist()):
        begin, stop = rows[index], rows[index + 1]
        tokens = [
            _make_token(row["text"], strings[at], starts[at], ends[at]) | {"id": at - begin}
            for at in range(begin, stop)
        ]
        spans = [
            span | {"token_start": firsts[at] - begin, "token_end": stops[at] - 1 - begin}
            for at, span in enumerate(row["spans"], span_rows[index])
        ]
        label = keep_filled(row, "label")
        yield {"text": row["text"], "tokens": tokens, "spans": spans} | label | meta_field(row) | {"answer": "accept"}


def _make_token(text: str, string: str, start: int, end: int) -> dict[str, Any]:
    return {"text": string, "start": start, "end": end, "ws": text[end : end + 1] == " "}
