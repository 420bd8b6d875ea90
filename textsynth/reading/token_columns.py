"""Columns of tokens and tags: how the lines of a CoNLL file fall into cells, and blocks of lines into sentences."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textsynth.corpus.tokens import is_tag
from textsynth.reading.block import Block, read_blocks
from textsynth.reading.records import Fault

Separator = Literal["auto", "tab", "space"]
TagColumn = Literal["auto", "first", "last"]

_DOCUMENT = "-DOCSTART-"
_TEXT = "# text = "


@dataclass(frozen=True, slots=True)
class TokenColumns:
    """How the lines of a file fall into columns.

    Args:
        tab: whether a tab separates the columns; if not, runs of spaces and tabs do.
        count: how many columns a line has.
        tag: the column of the tag, 0 or -1; the token is in the other outer one.
    """

    tab: bool = True
    count: int = 2
    tag: int = -1

    def split(self, line: str) -> list[str]:
        """Returns the cells of a line."""
        if self.tab:
            return line.removesuffix("\r").split("\t")
        return [cell for cell in line.removesuffix("\r").replace("\t", " ").split(" ") if cell]

    def is_comment(self, line: str) -> bool:
        """Says whether a line begins with `#` and has no column for a tag."""
        if not line.startswith("#"):
            return False
        cells = self.split(line)
        return len(cells) == 1 if self.tab else len(cells) != self.count or not is_tag(cells[self.tag])

    def is_marker(self, line: str) -> bool:
        """Says whether a line marks the start of a document."""
        return _DOCUMENT in line and not line.startswith("#") and _DOCUMENT in line.split()

    def measure_tagged(self, head: Sequence[str]) -> float:
        """Returns the share of lines, in [0, 1], that have a tag in the tag's column."""
        rows = [self.split(line) for line in _find_token_lines(head)]
        tags = [row[self.tag].strip() for row in rows if len(row) == self.count]
        return sum(map(is_tag, tags)) / max(1, len(rows))


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as the file has it.

    Args:
        line: the number of its first line, comments included.
        text: its text if a comment gives it.
        numbers: the line of each token.
        tokens: the tokens.
        tags: the tag of each.
    """

    line: int
    text: str | None
    numbers: list[int]
    tokens: list[str]
    tags: list[str]


def find_token_columns(head: Sequence[str], separator: Separator, tag_column: TagColumn) -> TokenColumns:
    """Finds out the columns from the first lines of a file.

    >>> find_token_columns(["EU NNP B-ORG", "rejects VBZ O"], "auto", "auto")
    TokenColumns(tab=False, count=3, tag=-1)
    """
    plain = _find_token_lines(head)
    with_tab = sum("\t" in line.strip() for line in plain)
    tab = separator == "tab" or (separator == "auto" and with_tab > 0 and 2 * with_tab >= len(plain))
    counts = Counter(len(TokenColumns(tab).split(line)) for line in plain)
    counts.pop(1, None)
    count = counts.most_common(1)[0][0] if counts else 2
    first, last = TokenColumns(tab, count, 0), TokenColumns(tab, count, -1)
    if tag_column == "auto":
        return first if first.measure_tagged(head) > last.measure_tagged(head) else last
    return first if tag_column == "first" else last


def read_sentences(path: Path, encoding: str, columns: TokenColumns) -> Iterator[Sentence | Fault]:
    """Reads the sentences of a file; one bad line makes its sentence a fault."""

    def ends(line: str, block: list[str]) -> bool:
        if not line.strip():
            return True
        return columns.is_marker(line) and all(read_text_comment(before) is None for before in block)

    for block in read_blocks(path, encoding, ends):
        sentence = block if isinstance(block, Fault) else _parse_sentence(block, columns)
        if sentence is not None:
            yield sentence


def read_text_comment(line: str) -> str | None:
    r"""Returns the text that a comment line gives, or None if it gives none.

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


def _find_token_lines(head: Sequence[str]) -> list[str]:
    """Returns the lines that surely are tokens; if there are none, those of tokens that begin with `#`."""
    lines = [line for line in head if line.strip() and _DOCUMENT not in line]
    plain = [line for line in lines if not line.startswith("#")]
    return plain or [line for line in lines if "\t" in line.strip() and read_text_comment(line) is None]


def _parse_sentence(block: Block, columns: TokenColumns) -> Sentence | Fault | None:
    """Reads a block of lines; None if it has comments only."""
    first, written = block
    text: str | None = None
    numbers: list[int] = []
    tokens: list[str] = []
    tags: list[str] = []
    for number, line in enumerate(written, first):
        if text is None and line.startswith("#"):
            text = None if tokens else read_text_comment(line)
            if text is not None or (columns.is_comment(line) and (not tokens or line.startswith("# "))):
                continue
        cells = columns.split(line)
        token, tag = cells[-1 - columns.tag], cells[columns.tag].strip()
        if len(cells) != columns.count or not token or not tag:
            return Fault(_explain(line, cells, columns), number)
        numbers.append(number)
        tokens.append(token.strip() or token)
        tags.append(tag)
    return Sentence(first, text, numbers, tokens, tags) if tokens or text is not None else None


def _explain(line: str, cells: list[str], columns: TokenColumns) -> str:
    order = "the token first and its tag last" if columns.tag else "the tag first and its token last"
    count = "" if len(cells) == columns.count else f" of {len(cells)}"
    return f"a line must have {columns.count} columns, {order}, was one{count}: {line[:60]!r}"
