"""What the columns of a CSV file hold, found out from all rows, whose cells are not kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from textsynth.reading.field_names import looks_like_annotation, parse_literal
from textsynth.reading.multi_hot import read_flag

_STARTS = ("[", "{", " ", "\t", "\n", "\r", "\xa0")
"""How a cell begins that may hold a list or an object."""


@dataclass(slots=True)
class CellFacts:
    """What the cells of a column are.

    Args:
        samples: a cell of each kind of annotation that was found, and one that is no list and no object, by the kind.
        listed: whether all cells that are not blank are lists.
        hold_spans: whether a cell is a list of spans; if so, no more cells are looked at.
        flags: whether all cells that are not blank are 0 or 1; None if all are blank.
        marked: whether a cell is 1.
    """

    samples: dict[str | None, str] = field(default_factory=dict)
    listed: bool = True
    hold_spans: bool = False
    flags: bool | None = None
    marked: bool = False

    @property
    def are_lists(self) -> bool:
        """Whether there are cells, and all are lists."""
        return self.listed and bool(self.samples)

    def add(self, cell: str) -> None:
        """Looks at a cell."""
        if self.flags is not False and cell.strip():
            flag = read_flag(cell)
            self.flags, self.marked = flag is not None, self.marked or bool(flag)
        if self.hold_spans or (not self.listed and cell[:1] not in _STARTS):
            return
        start = cell.lstrip()[:1]
        if start not in ("[", "{"):
            self.listed = self.listed and not start
            if start:
                self.samples.setdefault(None, cell)
        elif self.listed or len(self.samples) < 2:
            kind = looks_like_annotation(cell)
            self.listed = self.listed and (kind is not None or isinstance(parse_literal(cell), list)) and start == "["
            self.samples.setdefault(kind, cell)
            self.hold_spans = start == "[" and kind is not None and "tags" not in kind


def survey_cells(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> dict[str, CellFacts]:
    """Returns what each column holds; rows that have not as many cells as the header are passed over."""
    facts = [CellFacts() for _ in columns]
    for row in rows:
        if len(row) == len(facts):
            for each, cell in zip(facts, row, strict=True):
                each.add(cell)
    return dict(zip(columns, facts, strict=True))
