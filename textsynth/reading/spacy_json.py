"""spaCy's JSON for training, of version 2 and of `docs_to_json`: paragraphs of sentences of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from textsynth.corpus.tag_notation import Step, TagNotation, choose_notation, list_steps
from textsynth.reading.class_scores import read_scored_classes
from textsynth.reading.json_object import abridge, read_spans, read_values
from textsynth.reading.records import Fault, Faults, Record, Spans
from textsynth.reading.tagged_table import read_tagged_row
from textsynth.reading.unread import Unread

_READ = frozenset({"id", "raw", "sentences", "cats", "entities", "orth", "ner", "space", "tokens"})
_UNKNOWN = ("-", None, "")
"""What stands in `ner` if nobody said whether a token is part of a mention."""


def is_spacy_json(value: Any) -> bool:
    """Says whether a record is a document of paragraphs."""
    held = value.get("paragraphs") if isinstance(value, dict) else None
    first = held[0] if isinstance(held, list) and held else None
    return isinstance(first, dict) and ("sentences" in first or "raw" in first)


def read_spacy_json(path: Path, faults: Faults, unread: Unread) -> Iterator[Record | Fault]:
    """Yields a record for each paragraph; the scheme of the tags comes from all of them."""
    rows = list(read_values(path, "utf-8", faults))
    steps: set[Step] = set()
    for _, row in rows:
        for paragraph in _list_paragraphs(row):
            tags = _list_tags(_list_tokens(paragraph))
            steps.update(() if isinstance(tags, Fault) else list_steps(tags))
    notation = choose_notation(steps, None, str(path))
    for position, row in rows:
        if not is_spacy_json(row):
            yield row if isinstance(row, Fault) else Fault(f"must have 'paragraphs', was: {abridge(row)}", position)
            continue
        for number, paragraph in enumerate(_list_paragraphs(row), 1):
            record = _read_paragraph(f"{position}, paragraph {number}", paragraph, notation, unread)
            yield record.with_line(f"{position}, paragraph {number}") if isinstance(record, Fault) else record


def _read_paragraph(
    position: str, paragraph: Mapping[str, Any], notation: TagNotation, unread: Unread
) -> Record | Fault:
    tokens = _list_tokens(paragraph)
    said = [name for name in paragraph if paragraph[name]]
    for name in dict.fromkeys([*said, *(f"tokens.{name}" for token in tokens for name in token)]):
        if name.removeprefix("tokens.") not in _READ and not unread.ignores(name):
            unread.add(name)
    words, tags = [token.get("orth") for token in tokens], _list_tags(tokens)
    if isinstance(tags, Fault) or not all(isinstance(word, str) for word in words):
        return tags if isinstance(tags, Fault) else Fault("a token must have a string 'orth'")
    raw = paragraph.get("raw")
    text = _join(tokens) if raw is None and all("space" in token for token in tokens) else raw
    read = (text, []) if isinstance(text, str) and not tokens else read_tagged_row(words, tags, text, notation)
    if isinstance(read, Fault):
        return read
    spans = _add_entities(read[1], read_spans(paragraph.get("entities")))
    label = _read_cats(paragraph.get("cats") or [])
    for part in (spans, label):
        if isinstance(part, Fault):
            return part
    return Record(position, read[0], spans, label)  # type: ignore[arg-type]


def _list_paragraphs(row: Any) -> list[dict[str, Any]]:
    held = row.get("paragraphs") if isinstance(row, dict) else None
    return [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []


def _list_tokens(paragraph: Mapping[str, Any]) -> list[dict[str, Any]]:
    sentences = paragraph.get("sentences") or []
    return [token for sentence in sentences for token in sentence.get("tokens") or [] if isinstance(token, dict)]


def _list_tags(tokens: Sequence[Mapping[str, Any]]) -> list[str] | Fault:
    """Returns the tag of each token; none of them is a mention if nothing is said of any."""
    tags = [token.get("ner") for token in tokens]
    if all(tag in _UNKNOWN for tag in tags):
        return ["O"] * len(tags)
    wrong = next((tag for tag in tags if tag in _UNKNOWN or not isinstance(tag, str)), "")
    return tags if wrong == "" else Fault(f"each token must have a tag as 'ner', or none of them, was: {wrong!r}")  # type: ignore[return-value]


def _join(tokens: Sequence[Mapping[str, Any]]) -> str:
    return "".join(f"{token['orth']}{token['space'] or ''}" for token in tokens)


def _add_entities(tagged: Spans, entities: Spans | Fault) -> Spans | Fault:
    """Returns the spans that tags and offsets say; both must say the same if both say something."""
    if isinstance(entities, Fault) or not tagged or not entities:
        return entities if isinstance(entities, Fault) else tagged or entities
    if sorted(entities) != sorted(tagged):
        return Fault("the tags of the tokens and 'entities' must say the same, differ")
    return tagged


def _read_cats(cats: Any) -> str | Fault | None:
    """Reads the classes out of a list of labels with values."""
    if isinstance(cats, dict):
        scores = cats
    elif isinstance(cats, list) and all(isinstance(each, dict) and "label" in each for each in cats):
        scores = {str(each["label"]): each.get("value") for each in cats}
    else:
        scores = {"": None}
    if not all(isinstance(score, int | float) for score in scores.values()):
        return Fault(f"the field 'cats' must be a list of labels with values, was: {abridge(cats)}")
    return read_scored_classes(scores, several=False)
