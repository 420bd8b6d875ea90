"""Blocks of lines: paragraphs, and sentences of one token a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from textsynth.reading.records import Fault, Faults, read_lines

Block = tuple[int, list[str]]
"""The number of the first line, and the lines."""


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
    for number, line in read_lines(path, encoding, bad):
        if ends(line, block):
            yield from _close(first, block, bad)
            block = []
        else:
            first = first if block else number
            block.append(line)
    yield from _close(first, block, bad)


def _close(first: int, block: list[str], bad: Faults) -> Iterator[Block | Fault]:
    if bad.rejected:
        yield bad.rejected[0][1]
        bad.rejected.clear()
    elif block:
        yield first, block
