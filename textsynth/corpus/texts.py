"""The texts of a corpus as a sequence of strings, of which a sample is taken without all the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
import pyarrow as pa

from textsynth.corpus.mapped import take_rows

_AT_ONCE = 10_000
"""Texts that are Python objects at a time."""


class Texts(Sequence[str]):
    """Texts that become Python strings when they are asked for; a source may have millions.

    Args:
        column: the texts.

    >>> texts = Texts(pa.array(["Ann", "Bo", "Cy"]))
    >>> len(texts), texts[1], texts[::2], list(texts)
    (3, 'Bo', ['Ann', 'Cy'], ['Ann', 'Bo', 'Cy'])
    """

    def __init__(self, column: pa.StringArray | pa.ChunkedArray) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    @overload
    def __getitem__(self, key: int) -> str: ...
    @overload
    def __getitem__(self, key: slice) -> list[str]: ...
    def __getitem__(self, key: int | slice) -> str | list[str]:
        if isinstance(key, slice):
            rows = np.arange(*key.indices(len(self)))
            return list(take_rows(pa.table([self._column], ["text"]), rows).column(0).to_pylist())
        return str(self._column[key].as_py())

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), _AT_ONCE):
            yield from self._column.slice(first, _AT_ONCE).to_pylist()
