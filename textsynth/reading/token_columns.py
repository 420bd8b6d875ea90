"""Columns of tokens and tags: how the lines of a CoNLL file fall into cells, and blocks of lines into sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from textsynth.corpus.tag_notation import Scheme, is_tag
from textsynth.reading.block import Block, cut_blocks, read_pieces
from textsynth.reading.bracketed import read_brackets
from textsynth.reading.records import Fault, Faults

Layout = Literal["columns", "inline", "conllu", "conll2012"]
"""One token a line; one sentence a line, its tokens as `word|POS|TAG`; CoNLL-U; CoNLL-2012."""

DOCUMENT = "-DOCSTART-"
"""Stands in a line that begins a document."""

_TEXT = "# text = "
_SCHEME = "# scheme = "
_FIELD = re.compile(r"# ([^\s=][^=]*?) = (\S.*)")
_OWN_KEYS = ("text", "scheme")
_NO_SPACE = re.compile(r"(?:^|\|)SpaceAfter=No(?:\||$)")


@dataclass(frozen=True, slots=True)
class TokenColumns:
    """How the lines of a file fall into columns, counted from 0.

    Args:
        mark: what separates the columns: a tab, a pipe, or a space, which stands for runs of spaces and tabs.
        count: how many columns a line has; in `conll2012` it may have more.
        tag: the column of the tag.
        token: the column of the token.
        space: the column that says with `+` or `-` whether a space comes after the token; None if there is none.
        layout: how tokens and sentences lie in the file.
        misc: the key of the tag among the `key=value` pairs in the tag's column; None if the cell is the tag.
        brackets: whether tags are brackets: `(PER*`, `*`, `*)`.
    """

    mark: str = "\t"
    count: int = 2
    tag: int = 1
    token: int = 0
    space: int | None = None
    layout: Layout = "columns"
    misc: str | None = None
    brackets: bool = False

    def split(self, line: str) -> list[str]:
        """Returns the cells of a line."""
        if self.mark != " ":
            return line.removesuffix("\r").split(self.mark)
        cells = line.removesuffix("\r").replace("\t", " ").split(" ")
        return [cell for cell in cells if cell] if "" in cells else cells

    def are_simple(self) -> bool:
        """Says whether a line is a token, its tag, and what is passed over."""
        return self.layout == "columns" and self.space is None and not self.brackets

    def is_whole(self, cells: Sequence[str]) -> bool:
        """Says whether a line has as many cells as it should."""
        return len(cells) == self.count or (self.layout == "conll2012" and len(cells) > self.count)

    def is_comment(self, line: str) -> bool:
        """Says whether a line begins with `#` and is no token and its tag."""
        if not line.startswith("#") or self.layout == "inline":
            return False
        cells = self.split(line)
        if self.mark == "\t":
            return len(cells) == 1 or (not self.is_whole(cells) and self.count > 2 and len(cells[0]) == 1)
        return not self.is_whole(cells) or not (self.brackets or is_tag(cells[self.tag]))

    def is_marker(self, line: str) -> bool:
        """Says whether a line marks the start of a document."""
        return DOCUMENT in line and not line.startswith("#") and DOCUMENT in line.split()

    def find_tag(self, cells: Sequence[str]) -> str:
        """Returns the tag in the cells of a line."""
        cell = cells[self.tag].strip()
        return cell if self.misc is None else read_misc(cell).get(self.misc, "O")

    def has_space(self, cells: Sequence[str]) -> bool | None:
        """Says whether a space comes after a token; None if the file does not say."""
        if self.layout == "conllu":
            return not _NO_SPACE.search(cells[-1].strip())
        return None if self.space is None else cells[self.space].strip() == "+"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as the file has it.

    Args:
        line: the number of its first line, comments included.
        text: its text if a comment gives it.
        numbers: the line of each token.
        tokens: the tokens.
        tags: the tag of each.
        spaces: for each token whether a space comes after it; None if the file does not say.
        loose: whether the text is given by a comment that may be about something else, if the tokens are not in it.
        fields: what its comments say, by key.
    """

    line: int
    text: str | None
    numbers: Sequence[int]
    tokens: list[str]
    tags: list[str]
    spaces: list[bool] | None = None
    loose: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)


def read_sentences(path: Path, encoding: str, columns: TokenColumns) -> Iterator[Sentence | Fault]:
    """Reads the sentences of a file; one bad line makes its sentence a fault."""
    bad = Faults("skip")
    return parse_sentences(read_pieces(path, encoding, bad), columns, bad)


def parse_sentences(pieces: Iterable[Block], columns: TokenColumns, bad: Faults) -> Iterator[Sentence | Fault]:
    """Reads the sentences of lines, as `read_sentences` does.

    Args:
        pieces: the lines, many at a time.
        columns: how they fall into columns.
        bad: gets the lines that are not in the encoding while the pieces are read.
    """
    parse = _choose_parser(columns)

    def ends(line: str, block: list[str]) -> bool:
        if DOCUMENT not in line:
            return not line or line.isspace()
        return columns.is_marker(line) and all(read_text_comment(before) is None for before in block)

    for block in cut_blocks(pieces, ends, bad):
        if isinstance(block, Fault):
            yield block
            continue
        for part in _cut_inline(block) if columns.layout == "inline" else [block]:
            sentence = parse(part, columns)
            if sentence is not None:
                yield sentence


def read_text_comment(line: str) -> str | None:
    r"""Returns the text that a comment line gives as a JSON string, or None if it gives none.

    >>> read_text_comment('# text = "Ada\\n"'), read_text_comment("# text = Ada")
    ('Ada\n', None)
    """
    if not line.startswith(_TEXT + '"'):
        return None
    try:
        return str(json.loads(line.removeprefix(_TEXT)))
    except ValueError:
        return None


def write_text_comment(text: str) -> str:
    """Returns the comment line that gives a text."""
    return _TEXT + json.dumps(text, ensure_ascii=False)


def read_scheme_comment(line: str) -> str | None:
    """Returns the scheme that a comment line gives, or None if it gives none.

    >>> read_scheme_comment(write_scheme_comment("io"))
    'io'
    """
    return line.removeprefix(_SCHEME).strip() if line.startswith(_SCHEME) else None


def write_scheme_comment(scheme: Scheme) -> str:
    """Returns the comment line that gives the scheme of a file, where the tags alone would not say."""
    return _SCHEME + scheme


def read_field_comment(line: str) -> tuple[str, str] | None:
    r"""Returns the key and the value of a comment `# key = value`, or None if it is none; a value may be a JSON string.

    >>> read_field_comment("# sent_id = 7"), read_field_comment('# by = "Zoë\\n"'), read_field_comment("# Zoë")
    (('sent_id', '7'), ('by', 'Zoë\n'), None)
    """
    found = _FIELD.fullmatch(line.rstrip())
    if found is None or found[1] in _OWN_KEYS:
        return None
    key, value = found.groups()
    try:
        quoted = json.loads(value) if value.startswith('"') else None
    except ValueError:
        quoted = None
    return key, quoted if isinstance(quoted, str) else value


def write_field_comment(key: str, value: str) -> str | None:
    """Returns the comment line that says a value, as JSON if it could not be read back; None if the key cannot be one.

    >>> write_field_comment("id", "7"), write_field_comment("id", " 7"), write_field_comment("a=b", "7")
    ('# id = 7', '# id = " 7"', None)
    """
    for written in (value, json.dumps(value)):
        line = f"# {key} = {written}"
        if not re.search(r"[\t\r\n\v\f]", line) and read_field_comment(line) == (key, value):
            return line
    return None


def read_misc(cell: str) -> dict[str, str]:
    """Returns the pairs in the last column of CoNLL-U.

    >>> read_misc("NE=B-PER|SpaceAfter=No"), read_misc("_")
    ({'NE': 'B-PER', 'SpaceAfter': 'No'}, {})
    """
    return {key: value for key, mark, value in (pair.partition("=") for pair in cell.split("|")) if mark}


def _choose_parser(columns: TokenColumns) -> Callable[[Block, TokenColumns], Sentence | Fault | None]:
    return _parse_quickly if columns.are_simple() else _parse_sentence


def _cut_inline(block: Block) -> Iterator[Block]:
    """Makes a block of each line that has a sentence in it, one line a token."""
    for number, line in enumerate(block[1], block[0]):
        yield number, line.split()


def _parse_quickly(block: Block, columns: TokenColumns) -> Sentence | Fault | None:
    """Reads a block as `_parse_sentence` does, all lines at once if nothing is peculiar about any of them."""
    first, written = block
    rows = [line.split(columns.mark) for line in written]
    if set(map(len, rows)) != {columns.count} or "#" in {line[0] for line in written}:
        return _parse_sentence(block, columns)
    if columns.mark == " " and not _are_single_spaces("\n".join(written)):
        return _parse_sentence(block, columns)
    token, tag = columns.token, columns.tag
    tokens, tags = [row[token].strip() for row in rows], [row[tag].strip() for row in rows]
    if not (all(tokens) and all(tags)):
        return _parse_sentence(block, columns)
    return Sentence(first, None, range(first, first + len(rows)), tokens, tags)


def _are_single_spaces(lines: str) -> bool:
    """Says whether each space between cells is one, so that cells need not be looked for."""
    return not ("\t" in lines or "  " in lines or "\n " in lines or lines.startswith(" "))


def _parse_sentence(block: Block, columns: TokenColumns) -> Sentence | Fault | None:
    """Reads a block of lines; None if it has comments only."""
    first, written = block
    texts: list[tuple[str, bool]] = []
    rows: list[tuple[int, list[str]]] = []
    fields: dict[str, str] = {}
    for number, line in enumerate(written, first):
        if not texts and not rows and line.startswith(_TEXT):
            quoted = read_text_comment(line)
            texts.append((line.removeprefix(_TEXT).strip(), True) if quoted is None else (quoted, False))
            continue
        begun = rows or any(not loose for _, loose in texts)
        if columns.is_comment(line) and (not begun or (line.startswith("# ") and not _is_quoted(texts))):
            said = read_field_comment(line)
            fields |= [said] if said else []
            continue
        cells = columns.split(line)
        if not columns.is_whole(cells) or not cells[columns.token] or not columns.find_tag(cells):
            return Fault(_explain(line, cells, columns), number if columns.layout != "inline" else first)
        rows.append((number if columns.layout != "inline" else first, cells))
    if not rows and not _is_quoted(texts):
        return None
    rows = _join_words(rows) if columns.layout == "conllu" else rows
    return _make_sentence(first, texts, rows, fields, columns)


def _is_quoted(texts: Sequence[tuple[str, bool]]) -> bool:
    return bool(texts) and not texts[0][1]


def _make_sentence(
    first: int,
    texts: list[tuple[str, bool]],
    rows: list[tuple[int, list[str]]],
    fields: Mapping[str, str],
    columns: TokenColumns,
) -> Sentence | Fault:
    tokens = [cells[columns.token].strip() or cells[columns.token] for _, cells in rows]
    tags = [columns.find_tag(cells) for _, cells in rows]
    if columns.brackets:
        read = read_brackets(tags)
        if isinstance(read, Fault):
            return read.with_line(rows[int(read.line)][0])
        tags = read
    spaces = [space for _, cells in rows if (space := columns.has_space(cells)) is not None]
    text, loose = texts[0] if texts else (None, False)
    numbers = [number for number, _ in rows]
    return Sentence(first, text, numbers, tokens, tags, spaces or None, loose, fields)


def _join_words(rows: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Puts words that are written as one token, such as `du` for `de le`, together; leaves words not written out.

    A line whose number is a range, `3-4`, has the token as it is written; its words lie below it.
    """
    joined: list[tuple[int, list[str]]] = []
    last = 0
    for number, cells in rows:
        if "." in cells[0]:
            continue
        if "-" in cells[0]:
            last = _read_number(cells[0].partition("-")[2])
            joined.append((number, cells))
        elif _read_number(cells[0]) > last:
            joined.append((number, cells))
        elif not _has_entity(joined[-1][1]) and _has_entity(cells):
            own = [pair for pair in joined[-1][1][-1].split("|") if pair.startswith("SpaceAfter=")]
            misc = [pair for pair in cells[-1].split("|") if not pair.startswith("SpaceAfter=")]
            joined[-1] = (joined[-1][0], [*joined[-1][1][:-1], "|".join(misc + own)])
    return joined


def _has_entity(cells: Sequence[str]) -> bool:
    return any(value not in ("O", "_") for key, value in read_misc(cells[-1]).items() if key != "SpaceAfter")


def _read_number(cell: str) -> int:
    return int(cell) if cell.isdecimal() else 0


def _explain(line: str, cells: list[str], columns: TokenColumns) -> str:
    count = "" if len(cells) == columns.count else f" of {len(cells)}"
    return f"a line must have {columns.count} columns, {_describe_order(columns)}, was one{count}: {line[:60]!r}"


def _describe_order(columns: TokenColumns) -> str:
    last = columns.count - 1
    if (columns.token, columns.tag) == (0, last):
        return "the token first and its tag last"
    if (columns.tag, columns.token) == (0, last):
        return "the tag first and its token last"
    return f"the token in column {columns.token + 1} and its tag in column {columns.tag + 1}"
