"""Blocks of lines: paragraphs, and sentences of one token a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from textsynth.reading.records import BOM, Fault, Faults, open_binary, read_lines

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
    block: list[str] = []
    first = 0
    for begin, lines in read_pieces(path, encoding, bad):
        for number, line in enumerate(lines, begin):
            if ends(line, block):
                yield from _close(first, block, bad)
                block = []
            else:
                first = first if block else number
                block.append(line)
    yield from _close(first, block, bad)


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
            text = text.removesuffix("\n")
            yield number, (text.removeprefix(BOM) if number == 1 else text).split("\n")
            number += len(raw)
        else:
            if _has_plain_ends(encoding):
                return
    # The rest line by line, for wide encodings or to name the line that is not in the encoding.
    lines = read_lines(path, encoding, faults)
    for at, line in lines:
        if at >= number:
            yield at, [line]


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
