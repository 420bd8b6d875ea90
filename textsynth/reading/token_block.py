"""Sentences of one token a line, read all at once: where the cells of many lines are, as columns."""

from __future__ import annotations

import codecs
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa

from textsynth.corpus.code_points import raw_slices
from textsynth.corpus.ragged import bounds_of
from textsynth.corpus.tag_notation import EDGE, Step
from textsynth.foundation.distinct import find_distinct
from textsynth.reading.block import Block, decode_piece, read_paragraphs, read_pieces
from textsynth.reading.records import Faults
from textsynth.reading.token_columns import DOCUMENT, TokenColumns

_DOUBTFUL = re.compile(r"[^\S \t\n]")
"""White space other than what separates cells and lines."""

_NEWLINE = 10


def read_token_blocks(path: Path, encoding: str, columns: TokenColumns, faults: Faults) -> Iterator[TokenBlock | Block]:
    """Yields the lines of a file many at a time: as they are, if anything is peculiar about some of them.

    Args:
        path: the file.
        encoding: how its bytes stand for characters.
        columns: how the lines fall into cells.
        faults: gets the lines that are not in the encoding.
    """
    if not (_is_utf8(encoding) and columns.are_simple()):
        yield from read_pieces(path, encoding, faults)
        return
    for number, raw in read_paragraphs(path):
        block = TokenBlock.of(number, raw, columns)
        if block is not None:
            yield block
        else:
            yield from decode_piece(number, raw, path, encoding, faults)


@dataclass(frozen=True)
class TokenBlock:
    """Lines of whole sentences about which nothing is peculiar: each has its cells, one mark between two, or is blank.

    Args:
        number: the number of the first line.
        text: the lines.
        raw: `(bytes,)`; the same in UTF-8.
        begins: `(tokens, columns)`; the first byte of each cell.
        ends: `(tokens, columns)`; the byte after its last.
        sentences: `(sentences + 1,)`; the tokens of sentence `i` are `sentences[i]:sentences[i + 1]`.
    """

    number: int
    text: str
    raw: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    sentences: np.ndarray

    @classmethod
    def of(cls, number: int, lines: bytes, columns: TokenColumns) -> Self | None:
        """Finds the cells of lines; None if anything about a line is peculiar.

        Args:
            number: the number of the first line.
            lines: of whole sentences, in UTF-8.
            columns: how they fall into cells.
        """
        text = _decode_plain(lines, columns)
        if text is None:
            return None
        raw = np.frombuffer(lines if lines.endswith(b"\n") else lines + b"\n", np.uint8)
        stops = np.flatnonzero(raw == _NEWLINE)
        starts = np.concatenate([[0], stops[:-1] + 1])
        full = np.flatnonzero(stops > starts)
        found = np.flatnonzero(raw == ord(columns.mark))
        if not len(full) or len(found) != len(full) * (columns.count - 1):
            return None
        marks = found.reshape(len(full), columns.count - 1)
        begins = np.column_stack([starts[full], marks + 1])
        ends = np.column_stack([marks, stops[full]])
        # So many marks in all are none too many on any line if no cell is empty or goes beyond its line.
        if np.any(ends <= begins) or np.any(marks[:, :1] < starts[full, None]) or np.any(marks > stops[full, None]):
            return None
        first = np.flatnonzero(np.diff(full, prepend=-2) > 1)
        return cls(number, text, raw, begins, ends, np.append(first, len(full)))

    def to_block(self) -> Block:
        """Returns the lines as they are."""
        return self.number, self.text.removesuffix("\n").split("\n")

    def strings(self, column: int) -> pa.StringArray:
        """Returns the cells of a column, `(tokens,)`."""
        return raw_slices(self.raw, self.begins[:, column], self.ends[:, column])

    def find_steps(self, column: int) -> tuple[list[str], list[Step]]:
        """Returns the distinct cells of a column, and which follow each other, with edges between sentences."""
        cells = self.strings(column).dictionary_encode()
        names = [*cells.dictionary.to_pylist(), EDGE]
        code, edge = cells.indices.to_numpy().astype(np.int64), len(names) - 1
        behind = np.insert(code, self.sentences[:-1], edge)
        before = np.insert(code, self.sentences[1:], edge)
        first, second = np.divmod(find_distinct(behind * len(names) + before), len(names))
        pairs = zip(first.tolist(), second.tolist(), strict=True)
        return names, [(names[one], names[two]) for one, two in pairs]

    @functools.cached_property
    def characters(self) -> np.ndarray:
        """`(bytes + 1,)`; how many characters begin before each byte."""
        return bounds_of((self.raw & 0xC0) != 0x80)


def _decode_plain(lines: bytes, columns: TokenColumns) -> str | None:
    """Returns lines as text if their white space is plain, and none is a comment or marks a document."""
    spaces = (b"\t", b"  ") if columns.mark == " " else (b"\t ", b" \t")
    if any(each in lines for each in (*spaces, b" \n", b"\n ", b"\n#", DOCUMENT.encode())) or lines.endswith(b" "):
        return None
    if lines.startswith((b" ", b"#", codecs.BOM_UTF8)):
        return None
    try:
        text = lines.decode()
    except UnicodeDecodeError:
        return None
    return None if _DOUBTFUL.search(text) else text


def _is_utf8(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        return False
