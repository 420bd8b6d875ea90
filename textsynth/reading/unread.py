"""What a reader does not use: named in one line, and refused if it looks like an annotation."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textsynth.reading.field_names import describe_annotation
from textsynth.reading.path_name import name_path
from textsynth.reading.records import Fault

logger = logging.getLogger(__name__)

_PLAIN = (int, float, bool, type(None))


class Unread:
    """The fields of a file that a reader passes over.

    Args:
        ignore: fields that a user says may be passed over, whatever they look like; they are not named.
    """

    def __init__(self, ignore: Iterable[str] = ()) -> None:
        self._ignore = frozenset(ignore)
        self._passed: dict[str, None] = {}

    def ignores(self, name: str) -> bool:
        """Says whether a user said that a field may be passed over."""
        return name in self._ignore

    def add(self, name: str) -> None:
        """Takes note of a field that is passed over, or of anything else that is."""
        self._passed[name] = None

    def pass_over(self, name: str, value: Any, known: bool = True) -> Fault | None:
        """Takes note of a field that is passed over.

        Args:
            name: the field.
            value: what it holds.
            known: whether its name may be one that people give to annotations; numbers under others are none.

        Returns:
            What is wrong if it looks like an annotation and a user did not say that it may be passed over.
        """
        if name in self._ignore:
            return None
        self._passed[name] = None
        if not known and isinstance(value, _PLAIN):
            return None
        kind = describe_annotation(name, value)
        return explain_unread(name, kind) if kind else None

    def log(self, path: Path, advice: str = "; 'ignore' takes what is to go unsaid") -> None:
        """Logs what was passed over in a file, in one line; nothing if nothing was."""
        if self._passed:
            logger.warning("%s: not read: %s%s", name_path(path), ", ".join(self._passed), advice)


def explain_ignore(name: str) -> str:
    """Returns what follows a message to say how a field is passed over."""
    return f'; pass over it with ignore = ["{name}"]'


def explain_unread(name: str, kind: str) -> Fault:
    """Says that a field looks like an annotation and is not read, and which options settle it."""
    option = "label" if "class" in kind else "spans"
    return Fault(
        f"the field {name!r} looks like {kind} and would not be read; "
        f'read it with {option} = "{name}", or pass over it with ignore = ["{name}"]'
    )
