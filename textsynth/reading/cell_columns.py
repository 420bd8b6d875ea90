"""The columns of a CSV file: which of them holds what, by their names and by what their cells are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from textsynth.corpus.classes import join_classes, parse_class_cell
from textsynth.errors import FormatError, nearest
from textsynth.reading.cell_survey import CellFacts
from textsynth.reading.class_name import read_class_names, tidy_class
from textsynth.reading.field_names import (
    CLASS_NAMES,
    SPANS_NAMES,
    TEXT_NAMES,
    TOKENS_NAMES,
    find_name,
    looks_like_annotation,
    parse_literal,
)
from textsynth.reading.keep import Keep
from textsynth.reading.multi_hot import check_hot_columns, choose_hot, explain_hot, read_hot
from textsynth.reading.records import Fault, make_label
from textsynth.reading.unread import Unread

OWN = ("text", "label", "spans", "origin", "parent")
"""The columns that are written, before those of fields; a file that begins so is read exactly as it was written."""

_WORD_NAMES = (*TOKENS_NAMES, "word")
_TAG_NAMES = ("tag", "ner_tag", "ner", "entity", "ner_tags", "tags", "labels", "label")
_SENTENCE_NAMES = ("sentence", "sentence_id", "sent_id", "sentence_idx", "sent", "sentence_number", "doc_id")


@dataclass(frozen=True, slots=True)
class CellColumns:
    """Which column holds what; None if none does.

    Args:
        text: the text.
        label: the class.
        spans: the spans as JSON.
        tokens: one token a row, or all of a text as a list in one cell.
        tags: the tag of the token, or a list of them.
        sentence: what names the sentence of a token, if each has a row of its own.
        own: whether the file has the columns that are written, with the fields behind them.
        hot: the columns of 0 and 1, one for each class.
        kept: the columns that are kept; None if none ever are.
    """

    text: str | None = None
    label: str | None = None
    spans: str | None = None
    tokens: str | None = None
    tags: str | None = None
    sentence: str | None = None
    own: bool = False
    hot: tuple[str, ...] = ()
    kept: tuple[str, ...] | None = None

    def list_used(self) -> list[str]:
        """Returns the columns that are read or kept."""
        read = (self.text, self.label, self.spans, self.tokens, self.tags, self.sentence)
        names = (*read, *self.hot, *(self.kept or ()))
        return [name for name in names if name is not None]


@dataclass(frozen=True, slots=True)
class NamedCells:
    """The columns that a user names; None for those that are to be found."""

    text: str | None = None
    label: str | None = None
    spans: str | None = None
    tokens: str | None = None
    tags: str | None = None
    sentence: str | None = None

    def list_named(self) -> dict[str, str]:
        """Returns the column of each option that is given."""
        return {option: name for option in self.__slots__ if (name := getattr(self, option)) is not None}


def is_own(columns: Sequence[str], named: NamedCells) -> bool:
    """Says whether a file has the columns that are written, and perhaps fields behind them."""
    return list(columns[: len(OWN)]) == _name_own(named)


def find_cells(
    columns: Sequence[str],
    facts: Mapping[str, CellFacts],
    named: NamedCells,
    where: str,
    hot: Sequence[str] = (),
) -> CellColumns:
    """Finds out which column holds what.

    Args:
        columns: the header.
        facts: what each column holds.
        named: what the user named.
        where: begins the message of an error.
        hot: the columns of 0 and 1 that the user named, one for each class.

    Raises:
        FormatError: if a column is not there, twice, or missing.
    """
    if hot:
        check_hot_columns(hot, columns, where)
        found = find_cells([name for name in columns if name not in hot], facts, named, where)
        written = list_hot_columns(_name_own(named), hot)
        return replace(found, label=None, hot=tuple(hot), own=list(columns[: len(written)]) == written)
    _check_named(columns, named, where)
    if is_own(columns, named):
        own = _name_own(named)
        return CellColumns(text=own[0], label=own[1], spans=own[2], own=True)
    tokens, tags = _find_tagged(columns, facts, named)
    listed = tokens is not None and facts[tokens].are_lists
    if tokens is not None and tags is not None and not listed and named.text is None:
        sentence = named.sentence or find_name(
            [name for name in columns if name not in (tokens, tags)], _SENTENCE_NAMES
        )
        if sentence is None:
            raise FormatError(
                f"{where}: each row has one token, {tokens!r}, and nothing names its sentence; "
                "name the column that does with the option 'sentence'"
            )
        return CellColumns(tokens=tokens, tags=tags, sentence=sentence)
    listed = listed and tags is not None
    free = [name for name in columns if not listed or name not in (tokens, tags)]
    text = named.text or find_name(free, TEXT_NAMES)
    if text is None and not listed:
        raise FormatError(
            f"{where}: there must be a column 'text', {nearest('text', columns)}; name another with the option 'text'; "
            "if no line names the columns, write one above the rows"
        )
    others = [name for name in free if name != text]
    spans = named.spans or (None if listed else _find_spans([name for name in others if name != named.label], facts))
    label = named.label or find_name([name for name in others if name != spans], CLASS_NAMES)
    tagged = (tokens, tags) if listed else (None, None)
    return CellColumns(text, label, spans, *tagged)


def choose_kept(
    columns: Sequence[str], used: CellColumns, keep: Keep, made: Sequence[str], facts: Mapping[str, CellFacts]
) -> CellColumns:
    """Returns the columns with those that are kept; "*" stands for no spans and tags.

    Args:
        columns: the header.
        used: what is read.
        keep: says what is kept.
        made: the columns of origin and parent.
        facts: what the cells of each column are.
    """
    spare = [name for name in columns if name and name not in (*used.list_used(), *made)]
    others = [name for name in spare if facts[name].samples.keys() <= {None}]
    return replace(used, kept=keep.choose(columns, others)) if keep else used


def take_cells(row: Mapping[str, str], columns: CellColumns) -> str | None:
    """Returns the cells that are kept, as JSON; an empty one is none."""
    if columns.kept is None:
        return None
    return json.dumps({name: row[name] for name in columns.kept if row[name]}, ensure_ascii=False)


def check_unread(
    columns: Sequence[str], used: CellColumns, facts: Mapping[str, CellFacts], unread: Unread, where: str
) -> None:
    """Takes note of the columns that are passed over.

    Raises:
        FormatError: if one looks like an annotation.
    """
    for name in columns:
        if name in used.list_used() or name in ("origin", "parent") or not name or unread.ignores(name):
            continue
        unread.add(name)
        # One token a row: other columns of the token, such as its part of speech, are no annotation of the text.
        samples = [] if used.sentence is not None else facts[name].samples.values()
        faults = (unread.pass_over(name, cell) for cell in samples)
        fault = next((fault for fault in faults if fault is not None), None)
        if fault is not None:
            raise FormatError(f"{where}: {fault.reason}")
    if not any((used.label, used.tokens, used.hot)):
        passed = [name for name in columns if name not in (*used.list_used(), *OWN, "") and not unread.ignores(name)]
        found = choose_hot({name: each.marked for name in passed if (each := facts.get(name)) and each.flags})
        if found:
            raise FormatError(f"{where}: {explain_hot(found)}")


def list_hot_columns(own: Sequence[str], hot: Sequence[str]) -> list[str]:
    """Returns the columns that are written if each class has one: those of the classes instead of that of the class."""
    return [own[0], *hot, *own[2:]]


def read_row_class(row: Mapping[str, str], columns: CellColumns) -> str | Fault | None:
    """Returns the classes of a text, wherever they stand; None if nothing is said of them."""
    if columns.hot:
        return read_hot(columns.hot, row)
    return _read_cell_class(row[columns.label], columns) if columns.label else None


def _read_cell_class(cell: str, columns: CellColumns) -> str | Fault | None:
    """Returns the classes in a cell, a name or a list of names; None for a blank cell."""
    name = tidy_class(cell)
    if name is None:
        return None
    value: Any = parse_class_cell(name) if columns.own else parse_literal(name) if name[0] in "[{" else None
    if value is None or value == {}:
        return make_label([name])
    tags = not columns.own and len(value) > 1 and looks_like_annotation(value)
    classes = read_class_names(columns.label or "label", value) if isinstance(value, list) and not tags else None
    if isinstance(classes, list):
        return make_label(classes) if value else join_classes(())
    return Fault(f"the column {columns.label!r} must hold classes, a name or a list of names, holds {name[:60]!r}; "
                 f"read spans with the option 'spans', or name another column with the option 'label'")  # fmt: skip


def _check_named(columns: Sequence[str], named: NamedCells, where: str) -> None:
    wanted = {"text": "text"} | named.list_named()
    for option, name in wanted.items():
        if columns.count(name) > 1:
            raise FormatError(f"{where}: there must be one column {name!r}, there are {columns.count(name)}")
        if name not in columns and getattr(named, option) is not None:
            raise FormatError(
                f"{where}: there must be a column {name!r}, {nearest(name, columns)}; "
                f"name another with the option {option!r}"
            )


def _find_tagged(
    columns: Sequence[str], facts: Mapping[str, CellFacts], named: NamedCells
) -> tuple[str | None, str | None]:
    """Finds the columns of tokens and tags."""
    tokens = named.tokens or find_name(columns, _WORD_NAMES)
    if tokens is None:
        return None, None
    listed = facts[tokens].are_lists
    others = [name for name in columns if name != tokens and (not listed or facts[name].are_lists)]
    return tokens, named.tags or find_name(others, _TAG_NAMES)


def _find_spans(columns: Sequence[str], facts: Mapping[str, CellFacts]) -> str | None:
    """Finds the column of spans: the one called so, or one with a usual name whose cells hold spans."""
    if "spans" in columns:
        return "spans"
    return find_name([name for name in columns if facts[name].hold_spans], SPANS_NAMES)


def _name_own(named: NamedCells) -> list[str]:
    return [getattr(named, name, None) or name for name in OWN]
