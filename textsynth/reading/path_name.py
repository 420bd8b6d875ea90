"""What messages call a path, if it is one that the user has never seen."""

from __future__ import annotations

from pathlib import Path

_names: dict[Path, str] = {}  # Each path is a temporary one, so that no two threads have the same.


def set_name(path: Path, name: str | None) -> None:
    """Says what a path is called from now on; None takes that back."""
    if name is None:
        _names.pop(path, None)
    else:
        _names[path] = name


def name_path(path: Path) -> str:
    """Returns what messages call a path.

    >>> set_name(Path("spooled"), "standard input")
    >>> name_path(Path("spooled")), name_path(Path("train.jsonl"))
    ('standard input', 'train.jsonl')
    >>> set_name(Path("spooled"), None)
    """
    return _names.get(path, str(path))
