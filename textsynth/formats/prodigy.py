"""Prodigy: its JSON Lines of annotation tasks, with tokens and answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, cast

from textsynth.components.format import Format, Part
from textsynth.corpus import Corpus, order_names
from textsynth.corpus.classes import join_classes, split_classes
from textsynth.corpus.tokens import tokenize
from textsynth.foundation.plural import tell_count
from textsynth.reading.class_name import read_class_names
from textsynth.reading.json_object import (
    abridge,
    count_known_fields,
    explain_no_object,
    hold_meta,
    keep_filled,
    meta_field,
    parse_head,
    read_provenance,
    read_spans,
    read_string,
    read_values,
    write_objects,
)
from textsynth.reading.keep import Keep, KeptNames
from textsynth.reading.records import Fault, Faults, Record, Spans, batch_records, make_label, read_lines
from textsynth.reading.repair import Repair, Repairs, matches_quote
from textsynth.reading.unread import Unread

ANSWERS = ("accept", "reject", "ignore")


_FIELDS = frozenset({"text", "tokens", "spans", "label", "options", "accept", "answer", "meta", "config"})
"""The fields that Prodigy writes, beside those that begin with `_`."""
_HASH = re.compile(r'"_input_hash": *(-?[0-9]+)')


@dataclass(frozen=True, kw_only=True)
class Prodigy(Format):
    """Prodigy's JSON Lines: tasks with `text`, `tokens`, `spans` and `answer`.

    Tasks whose answer is `accept`, or that have none, are read; those that were rejected or ignored are counted, and
    not read. The class is the string `label`, or the choices in `accept`, of which there may be several; if the
    `choice_style` in the `config` of a task is "multiple" and nothing is accepted, the text has none of the classes.
    Offsets are characters; `token_end` is the last token of a span, not the one after it. No token holds white space.
    Accepted tasks with the same `_input_hash`, from several sessions or annotators, become one example with the spans
    of all, unless their classes differ or spans overlap without being the same.

    Args:
        keep: fields of a task or of its `meta` that travel with an example to all that is made of it, and to what is
            written, into `meta`; "*" for all that nothing reads.
        ignore: fields that are passed over, whatever they look like, and not named.
        repair: what is mended, and counted: `trim`, `longest`.
        encoding: how the file's bytes stand for characters when it is read; it is always written as UTF-8.
    """

    keep: KeptNames = ()
    ignore: tuple[str, ...] = ()
    repair: tuple[Repair, ...] = ()
    encoding: str = "utf-8"

    suffixes: ClassVar[tuple[str, ...]] = (".prodigy.jsonl",)
    carries: ClassVar[frozenset[Part]] = frozenset({"spans", "label", "origin", "fields"})

    @classmethod
    def recognises(cls, path: Path, head: str) -> int:
        """Knows Prodigy's files by an `answer`, or by spans with `token_start`."""
        fits = path.name.lower().endswith(cls.suffixes) or any(map(_is_prodigy, parse_head(head)))
        return 2 + count_known_fields(head, {*_FIELDS, "_input_hash", "_task_hash", "_session_id"}) if fits else 0

    def read(self, path: Path, faults: Faults) -> Iterator[Corpus]:
        """Reads one example from each task that was accepted, or from several with the same input."""
        repairs, unread = Repairs(self.repair), Unread(self.ignore)
        keep = Keep(self.keep, self.ignore, str(path))
        yield from batch_records(self._read_records(path, faults, unread, keep), path, faults, repairs=repairs)
        unread.log(path)
        keep.check()

    def write(self, batches: Iterable[Corpus], path: Path) -> None:
        """Writes one accepted task a line."""
        write_objects((task for batch in batches for task in _make_tasks(batch)), path)

    def _read_records(self, path: Path, faults: Faults, unread: Unread, keep: Keep) -> Iterator[Record | Fault]:
        """Yields a record for each input, as soon as the last task with it was read."""
        left = _count_repeated_inputs(path, self.encoding)
        merged: dict[Any, Record | Fault] = {}
        skipped: Counter[str] = Counter()
        for position, value in read_values(path, self.encoding, faults):
            record = _interpret(position, value, unread, keep, skipped)
            record = record.with_line(position) if isinstance(record, Fault) else record
            key = value.get("_input_hash") if isinstance(value, dict) else None
            if not isinstance(key, int) or key not in left:
                yield from [record] if record is not None else []
                continue
            left[key] -= 1
            if record is not None:
                merged[key] = _merge(merged.get(key), record)
            if not left[key] and key in merged:
                yield merged.pop(key)
        yield from merged.values()
        for answer, count in sorted(skipped.items()):
            unread.add(f"{tell_count(count, 'task')} with the answer {answer!r}")


def _count_repeated_inputs(path: Path, encoding: str) -> dict[int, int]:
    """Returns how many tasks have each input, for inputs that several have."""
    lines = read_lines(path, encoding, Faults("skip"))
    counts = Counter(int(key) for _, line in lines for key in _HASH.findall(line))
    return {key: count for key, count in counts.items() if count > 1}


def _merge(before: Record | Fault | None, record: Record | Fault) -> Record | Fault:
    """Returns what two tasks with one input say together, or in what they differ."""
    if before is None or isinstance(before, Fault) or isinstance(record, Fault):
        return before if isinstance(before, Fault) else record
    classes = dict.fromkeys(label for label in (before.label, record.label) if label is not None)
    if before.text != record.text or len(classes) > 1:
        said = " and ".join(map(_quote_classes, classes)) if before.text == record.text else "different texts"
        reason = f"tasks with one '_input_hash' must agree, have {said}; the other is on line {before.line}"
        return Fault(reason, record.line)
    return replace(before, spans=sorted({*before.spans, *record.spans}), label=next(iter(classes), None))


def _interpret(
    position: int | str, task: Any, unread: Unread, keep: Keep, skipped: Counter[str]
) -> Record | Fault | None:
    """Returns what a task says, or None if it was not accepted."""
    if not isinstance(task, dict):
        return task if isinstance(task, Fault) else explain_no_object(task)
    answer = task.get("answer", "accept")
    if answer not in ANSWERS:
        return Fault(f"the answer must be one of {', '.join(ANSWERS)}, was: {answer!r}")
    if answer != "accept":
        skipped[answer] += 1
        return None
    text, spans, label = read_string(task, "text"), read_spans(task.get("spans")), _read_class(task)
    held = hold_meta(task, "meta") | {name: task[name] for name in task if name != "meta"}
    others = [name for name in held if name not in _FIELDS and not name.startswith("_")]
    kept = keep.choose(held, others)
    faults = (
        keep.refuse(name, held[name]) if name in kept else unread.pass_over(name, task[name])
        for name in others
        if name in task or name in kept
    )
    for part in (text, spans, label, _check_quotes(text, task.get("spans")), *faults):
        if isinstance(part, Fault):
            return part
    made = read_provenance(task.get("meta"))
    fields = keep.take(held, kept)
    return Record(position, str(text), cast("Spans", spans), cast("str | None", label), *made, fields)


def _check_quotes(text: Any, spans: Any) -> Fault | None:
    """Says which span has a text beside its offsets that is not there."""
    for span in spans if isinstance(text, str) and isinstance(spans, list) else ():
        quote, start, end = (span.get(name) if isinstance(span, dict) else None for name in ("text", "start", "end"))
        if not isinstance(quote, str) or not isinstance(start, int) or not isinstance(end, int) or start < 0:
            continue
        if not matches_quote(text[start:end], quote):
            must = f"must be the text that stands beside it, {quote!r}, was: {text[start:end]!r}"
            return Fault(f"span {start}-{end} {span.get('label')!r} {must}")
    return None


def _read_class(task: Mapping[str, Any]) -> str | Fault | None:
    """Reads the classes of a task, which are its label or its choices; a label beside choices must be the only one."""
    choices = task.get("accept") or []
    if not isinstance(choices, list):
        return Fault(f"the field 'accept' must be a list, was: {abridge(choices)}")
    label, accepted = read_class_names("label", task.get("label")), read_class_names("accept", choices)
    if isinstance(label, Fault) or isinstance(accepted, Fault):
        return label if isinstance(label, Fault) else cast("Fault", accepted)
    if label and accepted and set(label) != set(accepted):
        said = " and ".join(", ".join(map(repr, names)) for names in (label, accepted))
        return Fault(f"the fields 'label' and 'accept' must say the same, say {said}")
    if not choices and not label and "accept" in task and _is_multiple(task):
        return join_classes(())
    return make_label([*label, *accepted])


def _is_multiple(task: Mapping[str, Any]) -> bool:
    """Says whether any number of choices may be accepted."""
    config = task.get("config")
    return isinstance(config, dict) and config.get("choice_style") == "multiple"


def _quote_classes(combination: str) -> str:
    return ", ".join(map(repr, split_classes(combination))) or "no class"


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
    several, classes = batch.several, order_names(batch.names.classes, batch.classes)
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
        label = _make_choices(row["label"], classes) if several else keep_filled(row, "label")
        yield {"text": row["text"], "tokens": tokens, "spans": spans} | label | meta_field(row) | {"answer": "accept"}


def _make_choices(combination: str | None, classes: Sequence[str]) -> dict[str, Any]:
    """Returns the fields of a task in which any number of classes can be chosen; nothing if nothing is said of them."""
    if combination is None:
        return {}
    options = [{"id": name, "text": name} for name in classes]
    return {"options": options, "accept": list(split_classes(combination)), "config": {"choice_style": "multiple"}}


def _make_token(text: str, string: str, start: int, end: int) -> dict[str, Any]:
    return {"text": string, "start": start, "end": end, "ws": text[end : end + 1] == " "}
