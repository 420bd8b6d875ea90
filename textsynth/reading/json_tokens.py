"""JSON records of tokens and tags, as datasets of tokens are exported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from textsynth.corpus.tag_notation import Step, TagNotation, choose_notation, list_steps
from textsynth.reading.field_names import TEXT_NAMES, TOKENS_NAMES, find_name
from textsynth.reading.json_object import abridge, explain_no_object, read_provenance, read_values
from textsynth.reading.keep import Keep
from textsynth.reading.records import Fault, Faults, Record
from textsynth.reading.tagged_table import read_tagged_row
from textsynth.reading.unread import Unread

_TAGS_NAMES = ("ner_tags", "tags", "labels", "ner", "ner_labels", "label")


def is_tagged(row: Mapping[str, Any]) -> bool:
    """Says whether an object has tokens and as many tags, and no text."""
    found = _find_fields(row)
    if found is None or find_name(row, TEXT_NAMES) is not None:
        return False
    tokens, tags = row[found[0]], row[found[1]]
    return _are_strings(tokens) and isinstance(tags, list) and len(tokens) == len(tags) and bool(tokens)


def has_tokens(path: Path, encoding: str) -> bool:
    """Says whether the first record of a file that is an object has tokens and tags, and no text."""
    values = (value for _, value in read_values(path, encoding, Faults("skip")))
    first = next((value for value in values if isinstance(value, dict)), {})
    return is_tagged(first)


def read_json_tokens(path: Path, encoding: str, faults: Faults, unread: Unread, keep: Keep) -> Iterator[Record | Fault]:
    """Yields a record an object; the scheme of the tags comes from all of them."""
    steps: set[Step] = set()
    for _, value in read_values(path, encoding, Faults("skip")):
        read = _read_lists(value)
        steps.update(() if isinstance(read, Fault) else list_steps(read[1]))
    notation = choose_notation(steps, None, str(path))
    for position, value in read_values(path, encoding, faults):
        record = value if isinstance(value, Fault) else _interpret(position, value, notation, unread, keep)
        yield record.with_line(position) if isinstance(record, Fault) else record


def _interpret(position: int | str, row: Any, notation: TagNotation, unread: Unread, keep: Keep) -> Record | Fault:
    lists = _read_lists(row)
    if isinstance(lists, Fault):
        return lists
    others = [name for name in row if name not in (*(_find_fields(row) or ()), "origin", "parent")]
    kept = keep.choose(row, others)
    for name in others:
        fault = keep.refuse(name, row[name]) if name in kept else unread.pass_over(name, row[name])
        if fault is not None:
            return fault
    read = read_tagged_row(*lists, None, notation)
    if isinstance(read, Fault):
        return read
    return Record(position, *read, None, *read_provenance(row), keep.take(row, kept))


def _read_lists(row: Any) -> tuple[list[str], list[str]] | Fault:
    if not isinstance(row, dict):
        return explain_no_object(row)
    found = _find_fields(row)
    if found is None:
        return Fault(f"a record must have tokens and tags as those before it, has: {abridge(list(row))}")
    tokens, tags = row[found[0]], row[found[1]]
    if not _are_strings(tokens):
        return Fault(f"the field {found[0]!r} must be a list of strings, was: {abridge(tokens)}")
    if not _are_strings(tags):
        return Fault(
            f"the field {found[1]!r} must be a list of tags as strings, was: {abridge(tags)}; "
            "numbers have names only in a dataset: read it with the format 'datasets' or 'parquet'"
        )
    return tokens, tags


def _find_fields(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Returns the fields of tokens and tags; None if one is missing."""
    tokens, tags = find_name(row, TOKENS_NAMES), find_name(row, _TAGS_NAMES)
    return None if tokens is None or tags is None else (tokens, tags)


def _are_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
