"""What the columns of a CSV file hold, found out from all rows, whose cells are not kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from textsynth.reading.field_names import looks_like_annotation, parse_literal


@dataclass(slots=True)
class CellFacts:
    """What the cells of a column are.

    Args:
        samples: a cell of each kind of annotation that was found, and one that is no list and no object, by the kind.
        listed: whether all cells that are not blank are lists.
    """

    samples: dict[str | None, str] = field(default_factory=dict)
    listed: bool = True

    @property
    def are_lists(self) -> bool:
        """Whether there are cells, and all are lists."""
        return self.listed and bool(self.samples)

    @property
    def hold_spans(self) -> bool:
        """Whether a cell is a list of spans."""
        return any(
            kind is not None and "tags" not in kind and cell.lstrip()[0] == "[" for kind, cell in self.samples.items()
        )

    def add(self, cell: str) -> None:
        """Looks at a cell."""
        start = cell.lstrip()[:1]
        if start not in ("[", "{"):
            if start and None not in self.samples:
                self.samples[None] = cell
            self.listed = self.listed and not start
        elif self.listed or len(self.samples) < 2:
            self.listed = self.listed and isinstance(parse_literal(cell), list)
            self.samples.setdefault(looks_like_annotation(cell), cell)


def survey_cells(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> dict[str, CellFacts]:
    """Returns what each column holds; rows that have not as many cells as the header are passed over."""
    facts = [CellFacts() for _ in columns]
    for row in rows:
        if len(row) == len(facts):
            for each, cell in zip(facts, row, strict=True):
                each.add(cell)
    return dict(zip(columns, facts, strict=True))
