"""The texts of a corpus as a sequence of strings, of which a sample is taken without all the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import pyarrow as pa

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
        found: str | list[str] = self._column[key].to_pylist() if isinstance(key, slice) else self._column[key].as_py()
        return found

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), _AT_ONCE):
            yield from self[first : first + _AT_ONCE]
