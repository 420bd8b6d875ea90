"""Blocks of lines: paragraphs, and sentences of one token a line."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from textsynth.reading.records import BOM, Fault, Faults, decode_lines, open_binary, read_lines

Block = tuple[int, list[str]]
"""The number of the first line, and the lines."""

_PIECE = 1 << 20
"""Bytes that are decoded at once."""


def read_blocks(path: Path, encoding: str, ends: Callable[[str, list[str]], bool]) -> Iterator[Block | Fault]:
    """Yields the blocks of lines of a file; one with a line that is not in the encoding is that line's fault.

    Args:
        path: the file.
        encoding: how its bytes stand for characters.
        ends: says for a line and the block so far whether the line ends the block; such a line is in no block.
    """
    bad = Faults("skip")
    return cut_blocks(read_pieces(path, encoding, bad), ends, bad)


def cut_blocks(pieces: Iterable[Block], ends: Callable[[str, list[str]], bool], bad: Faults) -> Iterator[Block | Fault]:
    """Yields the blocks of some lines, as `read_blocks` does.

    Args:
        pieces: the lines, many at a time.
        ends: as for `read_blocks`.
        bad: gets the lines that are not in the encoding while the pieces are read.
    """
    block: list[str] = []
    first = 0
    for begin, lines in pieces:
        for number, line in enumerate(lines, begin):
            if ends(line, block):
                yield from _close(first, block, bad)
                block = []
            else:
                first = first if block else number
                block.append(line)
    yield from _close(first, block, bad)


def read_paragraphs(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yields the lines of a file as bytes, with the number of the first, many at a time, cut at blank lines alone."""
    number, rest = 1, b""
    with open_binary(path) as file:
        # Without a blank line twice as much is read the next time, so that bytes are copied twice, and not each time.
        while piece := file.read(max(_PIECE, len(rest))):
            rest += piece
            cut = rest.rfind(b"\n\n") + 2
            if cut >= 2:
                yield number, rest[:cut]
                number += rest.count(b"\n", 0, cut)
                rest = rest[cut:]
    if rest:
        yield number, rest


def decode_piece(number: int, raw: bytes, path: Path, encoding: str, faults: Faults) -> Iterator[Block]:
    """Yields the lines of some bytes as `read_pieces` does.

    Args:
        number: that of the first line.
        raw: the bytes; a line ends in one byte.
        path: the file, for messages.
        encoding: how they stand for characters.
        faults: gets the lines that are not in the encoding.
    """
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        yield number, []  # Though no line may be left, there were some.
        lines = decode_lines(io.BytesIO(raw), number, path, encoding, faults)
        yield from ((at, [line]) for at, line in lines)
    else:
        yield number, _split_lines(text, number)


def read_pieces(path: Path, encoding: str, faults: Faults) -> Iterator[Block]:
    """Yields the lines of a file as `read_lines` does, many at a time, which takes a third of the time.

    Lines after one that is not in the encoding are a piece of their own, so that faults come in order.
    """
    number = 1
    with open_binary(path) as file:
        while _has_plain_ends(encoding) and (raw := file.readlines(_PIECE)):
            try:
                text = b"".join(raw).decode(encoding)
            except UnicodeDecodeError:
                break
            yield number, _split_lines(text, number)
            number += len(raw)
        else:
            if _has_plain_ends(encoding):
                return
    # The rest line by line, for wide encodings or to name the line that is not in the encoding.
    lines = read_lines(path, encoding, faults)
    for at, line in lines:
        if at >= number:
            yield at, [line]


def _split_lines(text: str, number: int) -> list[str]:
    """Returns the lines of a text whose first has this number; a file may begin with a mark of its byte order."""
    return (text.removeprefix(BOM) if number == 1 else text).removesuffix("\n").split("\n")


def _close(first: int, block: list[str], bad: Faults) -> Iterator[Block | Fault]:
    if bad.rejected:
        yield bad.rejected[0][1]
        bad.rejected.clear()
    elif block:
        yield first, block


def _has_plain_ends(encoding: str) -> bool:
    """Says whether a line ends in one byte; an encoding that there is not is left to `read_lines`."""
    try:
        return "\n".encode(encoding) == b"\n"
    except LookupError:
        return False
