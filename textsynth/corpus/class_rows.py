"""Which rows have which class, found once for all classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus.classes import Label, join_classes
from textsynth.corpus.ragged import Ragged


def have_class(labels: pa.Array | pa.ChunkedArray, label: Label) -> np.ndarray:
    """Says for each row of a column `label` whether it has this class, or just these classes, `(rows,)`.

    >>> have_class(pa.array(["b", "a", None, "b"]), "b").tolist()
    [True, False, False, True]
    """
    has: np.ndarray = pc.fill_null(pc.equal(labels, join_classes(label)), False).to_numpy(zero_copy_only=False)
    return has


@dataclass(frozen=True)
class ClassRows:
    """Rows by class.

    Args:
        rows: for each class its rows, in their order.
        places: for each class, as `join_classes` joins several, which of these it is.

    >>> by_class = ClassRows.of(pa.array(["b", "a", None, "b"]), np.array([0, 1, 2, 3]))
    >>> by_class.find("b").tolist(), by_class.find("c").tolist()
    ([0, 3], [])
    """

    rows: Ragged
    places: dict[str, int]

    @classmethod
    def of(cls, labels: pa.Array | pa.ChunkedArray, rows: np.ndarray) -> Self:
        """Sorts rows by class; a row without a class is left out.

        Args:
            labels: what the column `label` of a corpus holds.
            rows: `(rows,)`; those that are looked at.
        """
        found = labels.take(pa.array(rows, pa.int64())).dictionary_encode()
        found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
        owner = found.indices.fill_null(-1).to_numpy()
        order = np.argsort(owner, kind="stable")[np.count_nonzero(owner < 0) :]
        names = found.dictionary.to_pylist()
        bounds = Ragged.of_owner(owner[order], len(names)).bounds
        return cls(Ragged(rows[order], bounds), {name: place for place, name in enumerate(names)})

    def find(self, label: Label) -> np.ndarray:
        """Returns the rows of a class; none if it has none."""
        place = self.places.get(join_classes(label) or "")
        return self.rows[place] if place is not None else self.rows.values[:0]

    def bound(self, amounts: Sequence[tuple[Label | None, int]]) -> tuple[np.ndarray, np.ndarray]:
        """Returns where the rows of classes begin in `rows.values` and where they end, repeated for each that is asked.

        Args:
            amounts: classes, each with how many are asked of it; of one that has no rows there are none.

        Returns:
            `(asked,)` positions of the first row of its class, and `(asked,)` those behind the last.
        """
        named = [(self.places.get(join_classes(label) or ""), count) for label, count in amounts]
        place = np.array([place for place, _ in named if place is not None], np.int64)
        place = np.repeat(place, [count for place, count in named if place is not None])
        return self.rows.bounds[:-1][place], self.rows.bounds[1:][place]
