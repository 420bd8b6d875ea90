"""Rows of CSV that hold tokens and tags: one token a row, or the lists of a text in two cells."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from textsynth.corpus.tag_notation import TagNotation
from textsynth.reading.cell_columns import CellColumns, read_row_class
from textsynth.reading.field_names import parse_literal
from textsynth.reading.records import Fault, Record
from textsynth.reading.tagged_table import read_tagged_row

Row = tuple[int, dict[str, str]]
"""The line a row begins at, and its cells by the names of their columns."""


@dataclass(slots=True)
class TaggedTokens:
    """The tokens of one text with their tags.

    Args:
        line: where it begins.
        tokens: the tokens.
        tags: the tag of each.
        text: the text if a column has it.
        label: its classes.
        cells: for each column that is kept, its cells, one a token.
    """

    line: int
    tokens: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    text: str | None = None
    label: str | None = None
    cells: dict[str, list[str]] = field(default_factory=dict)

    def add_cells(self, cells: Mapping[str, str], columns: CellColumns) -> None:
        """Adds the cells of a row that are kept."""
        for name in columns.kept or ():
            self.cells.setdefault(name, []).append(cells[name])

    def take_fields(self, columns: CellColumns) -> str | None:
        """Returns what is kept, as JSON: of each column its only cell, or all of them if they differ."""
        if columns.kept is None:
            return None
        distinct = {name: list(dict.fromkeys(filter(None, cells))) for name, cells in self.cells.items()}
        kept = {name: each[0] if len(each) == 1 else self.cells[name] for name, each in distinct.items() if each}
        return json.dumps(kept, ensure_ascii=False)


def read_token_rows(
    rows: Iterable[Row | Fault], columns: CellColumns, notation: TagNotation
) -> Iterator[Record | Fault]:
    """Reads one example a sentence."""
    for tagged in group_tokens(rows, columns):
        if isinstance(tagged, Fault):
            yield tagged
            continue
        read = read_tagged_row(tagged.tokens, tagged.tags, tagged.text, notation)
        if isinstance(read, Fault):
            yield read.with_line(tagged.line)
        else:
            yield Record(tagged.line, *read, tagged.label, fields=tagged.take_fields(columns))


def group_tokens(rows: Iterable[Row | Fault], columns: CellColumns) -> Iterator[TaggedTokens | Fault]:
    """Gives the tokens of each sentence; a row that cannot be read is a fault, and so is the sentence around it."""
    if columns.sentence is None:
        yield from (row if isinstance(row, Fault) else _read_lists(row, columns) for row in rows)
        return
    assert columns.tokens is not None
    assert columns.tags is not None
    name, found, broken = "", None, False
    for row in rows:
        if isinstance(row, Fault):
            broken = True
            yield row
            continue
        line, cells = row
        own = cells[columns.sentence].strip()
        if found is None or (own and own != name):
            if found is not None and not broken:
                yield found
            name, found, broken = own, TaggedTokens(line), False
        found.tokens.append(cells[columns.tokens].strip() or cells[columns.tokens])
        found.tags.append(cells[columns.tags].strip())
        found.add_cells(cells, columns)
    if found is not None and not broken:
        yield found


def _read_lists(row: Row, columns: CellColumns) -> TaggedTokens | Fault:
    """Reads the lists in the cells of tokens and tags."""
    line, cells = row
    lists = []
    for name in (columns.tokens, columns.tags):
        value = parse_literal(cells[name or ""])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return Fault(f"the column {name!r} must hold lists of strings, was: {cells[name or ''][:60]!r}", line)
        lists.append(value)
    label = read_row_class(cells, columns)
    if isinstance(label, Fault):
        return label.with_line(line)
    found = TaggedTokens(line, lists[0], lists[1], cells[columns.text] if columns.text else None, label)
    found.add_cells(cells, columns)
    return found
