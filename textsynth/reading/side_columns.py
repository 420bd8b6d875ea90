"""Columns beside tokens and tags: those that count tokens or name sentences, guessed from the head and held to it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from textsynth.corpus.tag_notation import EDGE, Step
from textsynth.reading.token_columns import DOCUMENT, TokenColumns


@dataclass(slots=True)
class SideColumns:
    """What columns are besides, as far as no line of the file says otherwise.

    Args:
        index: the column that counts tokens; None if there is none.
        names: the columns that are the same for all tokens of a sentence.
    """

    index: int | None = None
    names: set[int] = field(default_factory=set)

    @classmethod
    def of_head(cls, columns: TokenColumns, head: Sequence[str]) -> SideColumns:
        """Guesses them from the first lines of a file."""
        sentences = _split_sentences(columns, head)
        return cls(_find_index(columns, sentences), _find_names_of_sentences(columns, sentences))

    def __contains__(self, column: int | str) -> bool:
        return column == self.index or column in self.names

    def check(self, column: int | str, steps: Iterable[Step]) -> None:
        """Gives up a guess if what follows what in further lines, with edges between sentences, speaks against it."""
        pairs = [(one, two) for one, two in steps if EDGE not in (one, two)]
        if column == self.index and not all(_follows(one, two) for one, two in pairs):
            self.index = None
        if column in self.names and any(one != two for one, two in pairs):
            self.names.discard(int(column))


def _follows(one: str, two: str) -> bool:
    return one.isdecimal() and two.isdecimal() and int(two) == int(one) + 1


def _split_sentences(columns: TokenColumns, head: Sequence[str]) -> list[list[list[str]]]:
    """Returns the cells of the first sentences."""
    groups = itertools.groupby(head, key=lambda line: bool(line.strip()))
    blocks = [[columns.split(line) for line in lines] for full, lines in groups if full]
    whole = [[row for row in block if len(row) == columns.count and DOCUMENT not in row] for block in blocks]
    return [block for block in whole if block]


def _find_index(columns: TokenColumns, sentences: Sequence[list[list[str]]]) -> int | None:
    """Finds the column that counts tokens: whole numbers, each one more than the one before."""
    if columns.count <= 2 or columns.layout != "columns":
        return None
    for at in range(columns.count):
        runs = [[row[at].strip() for row in block] for block in sentences]
        numbers = [[int(cell) for cell in run] for run in runs if all(cell.isdecimal() for cell in run)]
        counts = all(run == list(range(run[0], run[0] + len(run))) for run in numbers)
        if numbers and len(numbers) == len(runs) and counts:
            return at
    return None


def _find_names_of_sentences(columns: TokenColumns, sentences: Sequence[list[list[str]]]) -> set[int]:
    """Finds the columns that are the same for all tokens of a sentence, and not for all sentences or short ones."""
    if not any(len(block) > 1 for block in sentences):
        return set()
    found = set()
    for at in range(columns.count):
        values = [{row[at] for row in block} for block in sentences]
        if all(len(each) == 1 for each in values) and len(set.union(*values)) >= min(2, len(sentences)):
            found.add(at)
    return found
