"""Tables of tokens and tags, as texts and spans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from textsynth.corpus import span_array
from textsynth.corpus.tokens import Scheme, is_tag, spans_of_tags
from textsynth.errors import OptionError
from textsynth.reading.table_layout import Layout

Spans = list[tuple[int, int, str]]


def read_tagged(table: pa.Table, layout: Layout, tokens: str, tags: str) -> tuple[Any, Any, dict[int, str]]:
    """Reads texts and spans out of tokens and their tags.

    Args:
        table: the table.
        layout: its columns; where one holds the text, the tokens are found in it, else they are joined by one space.
        tokens: the column of the tokens.
        tags: the column of the tags.

    Returns:
        The texts, the spans, and what is wrong with which row; such a row is an empty text.
    """
    names = layout.names.get(tags)
    scheme: Scheme | None = "io" if names and not any(is_tag(name) for name in names if name != "O") else None
    texts: list[str] = []
    spans: list[Spans] = []
    faults: dict[int, str] = {}
    for row, (row_tokens, row_tags, text) in enumerate(_iterate_rows(table, layout.text, tokens, tags)):
        named = [_tag(tag, names) for tag in row_tags]
        read = _read_row(row_tokens, named, text, scheme)
        if isinstance(read, str):
            faults[row], read = read, ("", [])
        texts.append(read[0])
        spans.append(read[1])
    return pa.array(texts, pa.string()), span_array(spans), faults


def _iterate_rows(table: pa.Table, text: str | None, tokens: str, tags: str) -> Iterator[tuple[Any, Any, Any]]:
    for batch in table.to_batches(max_chunksize=1000):
        columns = batch.to_pydict()
        texts = columns[text] if text is not None else [None] * batch.num_rows
        for row_tokens, row_tags, row_text in zip(columns[tokens], columns[tags], texts, strict=True):
            yield row_tokens or [], row_tags or [], row_text


def _tag(tag: Any, names: Sequence[str] | None) -> str:
    if isinstance(tag, int) and names is not None and 0 <= tag < len(names):
        return names[tag]
    return str(tag)


def _read_row(
    tokens: list[str | None], tags: list[str], text: str | None, scheme: Scheme | None
) -> tuple[str, Spans] | str:
    """Returns the text and the spans of a row, or what is wrong with it."""
    words = [token for token in tokens if token is not None]
    if len(words) < len(tokens):
        return f"a token must not be null, token {tokens.index(None)} is"
    if len(tags) != len(words):
        return f"there must be one tag a token, are {len(tags)} tags for {len(words)} tokens"
    try:
        spans = spans_of_tags(tags, scheme)
    except OptionError as error:
        return str(error)
    text = " ".join(words) if text is None else text
    places = _places(words, text)
    if isinstance(places, str):
        return places
    return text, [(places[first][0], places[stop - 1][1], label) for first, stop, label in spans]


def _places(words: list[str], text: str) -> list[tuple[int, int]] | str:
    """Finds words in a text, one after the other; returns what is wrong where one is missing."""
    places = []
    end = 0
    for word in words:
        start = text.find(word, end)
        if start < 0:
            return f"the token {word!r} must be in the text after character {end}, is not in: {text[end:][:40]!r}"
        end = start + len(word)
        places.append((start, end))
    return places
