"""The one rule for names of classes, whatever format they are in."""

from __future__ import annotations

from typing import Any

from textsynth.reading.records import Fault
from textsynth.reading.unread import explain_ignore

_SHOWN = 80


def tidy_class(name: str) -> str | None:
    """Returns the name of a class without the white space around it; None if nothing is left.

    >>> tidy_class(" greet "), tidy_class("two words"), tidy_class("  ")
    ('greet', 'two words', None)
    """
    return name.strip() or None


def read_class_names(field: str, value: Any) -> list[str] | Fault:
    """Returns the classes that a value names.

    A string is its own name, without the white space around it. A whole number is its digits, also if it is written as
    2.0; a boolean is `true` or `false`. Null, NaN and a blank string are no class. A list names several.

    Args:
        field: where the value stands, for messages.
        value: what a file has there.

    >>> read_class_names("label", " greet "), read_class_names("label", 3), read_class_names("label", 2.0)
    (['greet'], ['3'], ['2'])
    >>> read_class_names("label", True), read_class_names("label", None), read_class_names("label", ["a", " "])
    (['true'], [], ['a'])
    """
    if isinstance(value, list | tuple):
        return _read_list(field, value)
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if value is None or value != value:
        return []
    if isinstance(value, str):
        name = tidy_class(value)
        return [name] if name is not None else []
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return [str(int(value))]
    return Fault(
        f"the field {field!r} must be a class, a string or a whole number, was: {repr(value)[:_SHOWN]}"
        + explain_ignore(field)
    )


def _read_list(field: str, value: list[Any] | tuple[Any, ...]) -> list[str] | Fault:
    if len(value) > 1 and all(isinstance(item, int | float) and item in (0, 1) for item in value):
        return Fault(
            f"the field {field!r} looks like a 1 or 0 for each class, of which none says the name; give each class a "
            f"field of its own and name them with the option 'classes', or pass over it with ignore = [\"{field}\"]"
        )
    names: list[str] = []
    for item in value:
        read = read_class_names(field, item)
        if isinstance(read, Fault):
            return read
        names += read
    return names
