"""What Arrow does in processes of our own."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder


def defer_pandas() -> None:
    """Has Arrow import pandas when somebody asks it for a frame, and not at the first list that it makes an array of.

    It looks there whether the list is a series, and no process of our own is given one; the import takes as long as a
    small run. For processes of our own alone: in the user's, Arrow would no longer know a series.
    """
    import pyarrow as pa

    if "pandas" in sys.modules:
        return
    without = _WithoutPandas()
    sys.meta_path.insert(0, without)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(without)


class _WithoutPandas(MetaPathFinder):
    """Finds no pandas."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not looked for", name=name)
