"""Tables of tokens and tags, as texts and spans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from textsynth.corpus import Names
from textsynth.corpus.tag_notation import Scheme, Step, TagNotation, choose_notation, list_steps
from textsynth.foundation.plural import tell_count
from textsynth.reading.records import Fault, Spans
from textsynth.reading.table_columns import TableColumns
from textsynth.reading.token_text import join_tokens


@dataclass(slots=True)
class TaggedRows:
    """What the rows of a table of tokens say; a row that could not be read is an empty text.

    Args:
        texts: the text of each row.
        spans: the spans of each row.
        faults: what is wrong with which row.
    """

    texts: list[str] = field(default_factory=list)
    spans: list[Spans] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)

    def add(self, text: str, spans: Spans) -> None:
        """Adds a row."""
        self.texts.append(text)
        self.spans.append(spans)

    def add_faulty(self, reason: str) -> None:
        """Adds a row that could not be read, and why."""
        self.faults[len(self.texts)] = reason
        self.add("", [])


def read_tagged(table: pa.Table, columns: TableColumns, tokens: str, tags: str, notation: TagNotation) -> TaggedRows:
    """Reads texts and spans out of tokens and their tags.

    Args:
        table: the table.
        columns: its columns; if one holds the text, the tokens are found in it, else they are joined by one space.
        tokens: the column of the tokens.
        tags: the column of the tags.
        notation: how the tags say spans.
    """
    names = columns.class_names.get(tags)
    rows = TaggedRows()
    for row_tokens, row_tags, text in _iterate_rows(table, columns.text, tokens, tags):
        read = read_tagged_row(row_tokens, [_name_tag(tag, names) for tag in row_tags], text, notation)
        if isinstance(read, Fault):
            rows.add_faulty(read.reason)
        else:
            rows.add(*read)
    return rows


def find_notation(tables: Iterable[pa.Table], columns: TableColumns, scheme: Scheme | None, where: str) -> TagNotation:
    """Finds out how the tags of a table say spans, from all of its rows, or from the names that they may have.

    Raises:
        FormatError: if they may say several things.
    """
    if columns.tags is None or columns.spans is not None:
        return TagNotation()
    names = columns.class_names.get(columns.tags)
    steps: set[Step] = set()
    if names:
        steps = {("O", name) for name in names}
        if scheme is None and all(form is not None for form in map(TagNotation().split, names)):
            return TagNotation()
    for tags in (tags for table in tables for tags in table.column(columns.tags).to_pylist()):
        steps.update(list_steps([_name_tag(tag, names) for tag in tags or []]))
    return choose_notation(steps, scheme, where)


def find_names(columns: TableColumns, notation: TagNotation) -> Names:
    """Returns the names that the columns of a table declare, in their order, and the types of those that are kept."""
    classes = columns.hot or columns.class_names.get(columns.label or "", ())
    if columns.spans is not None:
        return Names(tuple(classes), tuple(columns.class_names.get(columns.spans, ())), columns.several, columns.kept)
    tags = columns.class_names.get(columns.tags or "", ()) if columns.tokens is not None else ()
    splits = [split for tag in tags if tag != "O" and (split := notation.split(tag))]
    return Names(tuple(classes), tuple(dict.fromkeys(label for _, label in splits)), columns.several, columns.kept)


def _iterate_rows(table: pa.Table, text: str | None, tokens: str, tags: str) -> Iterator[tuple[Any, Any, Any]]:
    # Python objects take many times the memory of the columns, so they are made for some rows at a time.
    for batch in table.to_batches(max_chunksize=1000):
        columns = batch.to_pydict()
        texts = columns[text] if text is not None else [None] * batch.num_rows
        for row_tokens, row_tags, row_text in zip(columns[tokens], columns[tags], texts, strict=True):
            yield row_tokens or [], row_tags or [], row_text


def _name_tag(tag: Any, names: Sequence[str] | None) -> str:
    if isinstance(tag, int) and names is not None and 0 <= tag < len(names):
        return names[tag]
    return str(tag)


def read_tagged_row(
    tokens: Sequence[str | None], tags: Sequence[str], text: str | None, notation: TagNotation
) -> tuple[str, Spans] | Fault:
    """Returns the text and the spans that tokens and tags say; the tokens are found in the text if there is one."""
    words = [token for token in tokens if token is not None]
    if len(words) < len(tokens):
        return Fault(f"a token must not be null, token {list(tokens).index(None)} is")
    if len(tags) != len(words):
        return Fault(
            f"there must be one tag a token, are {tell_count(len(tags), 'tag')} for {tell_count(len(words), 'token')}"
        )
    wrong_tag = notation.find_fault(tags)
    if wrong_tag is not None:
        return Fault(wrong_tag.reason)
    text = join_tokens(words) if text is None else text
    places = _find_words(words, text)
    if isinstance(places, Fault):
        return places
    return text, [(places[first][0], places[stop - 1][1], label) for first, stop, label in notation.read(tags)]


def _find_words(words: list[str], text: str) -> list[tuple[int, int]] | Fault:
    """Finds words in a text, one after the other."""
    places = []
    end = 0
    for word in words:
        start = text.find(word, end)
        if start < 0:
            must = f"the token {word!r} must be in the text after character {end}"
            return Fault(f"{must}, is not in: {text[end:][:40]!r}")
        end = start + len(word)
        places.append((start, end))
    return places
