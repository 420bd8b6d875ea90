"""The characters of many texts as one array: where bytes and code points meet."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus.ragged import bounds_of

_SPACES = np.zeros(0x3002, bool)
"""Whether each code point is white space; the last entry stands for all beyond U+3000, of which none is."""
_SPACES[[point for point in range(0x3001) if chr(point).isspace()]] = True

_CODES = 0x110000
"""Code points there are."""

_FEW = 10_000
"""Characters from which on a table of all code points is faster than sorting."""


@dataclass(frozen=True)
class CodePoints:
    """All code points of an array of texts, one after the other.

    Args:
        points: `(characters,)` code points.
        rows: `(texts + 1,)`; the characters of text `i` are `points[rows[i]:rows[i + 1]]`.
        raw: `(bytes,)`; the same in UTF-8.
    """

    points: np.ndarray
    rows: np.ndarray
    raw: np.ndarray

    @classmethod
    def of(cls, texts: pa.StringArray) -> Self:
        """Decodes the texts; none may be null.

        >>> CodePoints.of(pa.array(["aé", "", "😀"])).rows.tolist()
        [0, 2, 2, 3]
        """
        _, raw = text_buffers(texts)
        points = np.frombuffer(raw.tobytes().decode("utf-8").encode("utf-32-le"), "<u4")
        return cls(points, bounds_of(char_lengths(texts)), raw)

    @functools.cached_property
    def byte_of(self) -> np.ndarray:
        """`(characters + 1,)`; the byte each character begins at, from the first byte of the first text."""
        places = np.empty(len(self.points) + 1, np.int32)
        places[:-1], places[-1] = np.flatnonzero(_are_first(self.raw)), len(self.raw)
        return places


def _are_first(raw: np.ndarray) -> np.ndarray:
    """Says for each byte of UTF-8 whether a character begins there: all its other bytes begin with the bits 10."""
    return (raw & 0xC0) != 0x80


def find_distinct(points: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Returns the distinct characters among code points, sorted, and which of them each is, `(characters,)`.

    Texts have many characters and few distinct ones, so that Python need look at each distinct one only.
    """
    if len(points) < _FEW:
        known, code = np.unique(points, return_inverse=True)
        return list(map(chr, known.tolist())), code.astype(np.int32)
    there = np.zeros(_CODES, bool)
    there[points] = True
    known = np.flatnonzero(there)
    table = np.zeros(_CODES, np.int32)
    table[known] = np.arange(len(known))
    return list(map(chr, known.tolist())), table[points]


def are_spaces(points: np.ndarray) -> np.ndarray:
    """Says for each code point whether it is white space, as `str.isspace` has it."""
    return _SPACES[np.minimum(points, len(_SPACES) - 1)]


def points_at(texts: pa.StringArray, lengths: np.ndarray, row: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Returns the code points at some places, and decodes no text that is all ASCII.

    Args:
        texts: the texts.
        lengths: `(texts,)` characters.
        row: `(places,)`; the text of each place.
        place: `(places,)`; characters from its start; it must lie within it.

    >>> texts = pa.array(["ab", "é😀c"])
    >>> "".join(map(chr, points_at(texts, char_lengths(texts), np.array([0, 1, 1]), np.array([1, 1, 2]))))
    'b😀c'
    """
    offsets, raw = text_buffers(texts)
    # As if every character were one byte; texts with more bytes than characters are then looked at again.
    points = raw[offsets[row] + place].astype(np.uint32)
    is_wide = np.diff(offsets) > lengths
    some = np.flatnonzero(is_wide[row])
    if len(some):
        wide_offsets, wide_raw = text_buffers(texts.filter(pa.array(is_wide)))
        begins = np.flatnonzero(_are_first(wide_raw))
        first = np.zeros(len(texts), np.int64)
        first[is_wide] = np.searchsorted(begins, wide_offsets[:-1])
        points[some] = decode_at(wide_raw, begins[first[row[some]] + place[some]])
    return points


def decode_at(raw: np.ndarray, begins: np.ndarray) -> np.ndarray:
    """Returns the code points whose first bytes stand at some places of UTF-8, `(places,)` of type uint32.

    >>> decode_at(np.frombuffer("aé€😀".encode(), np.uint8), np.array([0, 1, 3, 6])).tolist() == [*map(ord, "aé€😀")]
    True
    """
    first, *rest = (raw[np.minimum(begins + step, len(raw) - 1)].astype(np.uint32) for step in range(4))
    second, third, fourth = (each & 0x3F for each in rest)
    two = (first & 0x1F) << 6 | second
    three = (first & 0x0F) << 12 | second << 6 | third
    four = (first & 0x07) << 18 | second << 12 | third << 6 | fourth
    points: np.ndarray = np.select([first < 0x80, first < 0xE0, first < 0xF0], [first, two, three], four)
    return points


def text_buffers(texts: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the byte offsets `(texts + 1,)`, from 0, and the UTF-8 bytes of an array of texts, without a copy."""
    _, offset_buffer, byte_buffer = texts.buffers()
    if offset_buffer is None or len(texts) == 0:
        return np.zeros(len(texts) + 1, np.int64), np.zeros(0, np.uint8)
    offsets = np.frombuffer(offset_buffer, np.int32, len(texts) + 1, texts.offset * 4).astype(np.int64)
    raw = np.frombuffer(byte_buffer, np.uint8) if byte_buffer is not None else np.zeros(0, np.uint8)
    return offsets - offsets[0], raw[offsets[0] : offsets[-1]]


def char_lengths(texts: pa.StringArray) -> np.ndarray:
    """Returns the length of each text in characters."""
    return pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)


def byte_slices(texts: pa.StringArray, begins: np.ndarray, ends: np.ndarray) -> pa.StringArray:
    """Returns ranges of the bytes of the texts as strings; see `raw_slices`."""
    return raw_slices(text_buffers(texts)[1], begins, ends)


def raw_slices(raw: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> pa.StringArray:
    """Returns ranges of UTF-8 bytes as strings, in any order; they may overlap.

    Arrow copies what lies between two neighbouring offsets, so each range has two of its own. Every second string, from
    the end of a range to the begin of the next, is never looked at: it may well run backwards.

    >>> raw_slices(np.frombuffer(b"abc", np.uint8), np.array([1, 0, 3]), np.array([3, 2, 3])).to_pylist()
    ['bc', 'ab', '']
    """
    offsets = np.zeros(2 * len(begins) + 1, np.int32)
    offsets[1::2], offsets[2::2] = begins, ends
    pieces = pa.StringArray.from_buffers(2 * len(begins), pa.py_buffer(offsets), pa.py_buffer(raw))
    return pieces.take(pa.array(np.arange(1, 2 * len(begins), 2)))


def join_runs(strings: pa.StringArray, rows: np.ndarray) -> pa.StringArray:
    """Joins runs of neighbouring strings: their bytes already lie side by side, only the offsets change.

    Args:
        strings: none may be null.
        rows: `(runs + 1,)`; run `i` is `strings[rows[i]:rows[i + 1]]`.

    >>> join_runs(pa.array(["a", "b", "", "c"]), np.array([0, 2, 2, 4])).to_pylist()
    ['ab', '', 'c']
    """
    _, offset_buffer, byte_buffer = strings.buffers()
    if len(strings) == 0 or byte_buffer is None:
        return pa.array([""] * (len(rows) - 1), pa.string())
    offsets = np.frombuffer(offset_buffer, np.int32, len(strings) + 1, strings.offset * 4)
    return pa.StringArray.from_buffers(len(rows) - 1, pa.py_buffer(offsets[rows]), byte_buffer)
