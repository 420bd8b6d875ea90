"""Tags written as brackets, as CoNLL-2012 has them: `(PER*`, `*`, `*)`, and `(LOC)` for one token."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from textsynth.reading.records import Fault

_CELL = re.compile(r"(?:\(([^()*\s]+))?\*?(\)?)")


def are_brackets(cells: Collection[str]) -> bool:
    """Says whether all cells of a column are brackets, and some are more than a star or a dash.

    >>> are_brackets({"(PER*", "*", "*)"}), are_brackets({"*", "-"}), are_brackets({"(S(NP*", "*))"})
    (True, False, False)
    """
    return all(cell and (cell == "-" or _CELL.fullmatch(cell)) for cell in cells) and any("(" in cell for cell in cells)


def read_brackets(cells: Sequence[str]) -> list[str] | Fault:
    """Returns the brackets of a sentence as tags in IOB2, or a fault with the position of the cell as its line.

    >>> read_brackets(["(PER*", "*)", "*", "(LOC)"])
    ['B-PER', 'I-PER', 'O', 'B-LOC']
    """
    tags, label = [], ""
    for position, cell in enumerate(cells):
        match = _CELL.fullmatch("*" if cell == "-" else cell)
        if match is None or (match[1] and label) or (match[2] and not (match[1] or label)):
            return Fault(f"a tag must be *, (LABEL*, *) or (LABEL), none inside another, was: {cell!r}", position)
        label = match[1] or label
        tags.append(f"{'B' if match[1] else 'I'}-{label}" if label else "O")
        label = "" if match[2] else label
    return Fault("a bracket must be closed in its sentence", len(cells) - 1) if label else tags
