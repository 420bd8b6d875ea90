"""Classes as columns of 0 and 1, one for each class: read, written, and found if nobody named them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from textsynth.corpus.classes import join_classes, split_classes
from textsynth.errors import CarryError, FormatError, OptionError, nearest
from textsynth.reading.records import Fault

_YES, _NO = ("1", "1.0", "true"), ("0", "0.0", "false")
_NUMBERING = re.compile(r"(.*[\W_])?(id|idx|index|no|nr|num|number|row|line|page|unnamed)([\W_].*)?", re.IGNORECASE)
"""Names of columns that count something: the first rows of a small file have 0 and 1 there too."""


def check_hot_option(classes: Sequence[str], label: str | None) -> None:
    """Checks that the classes are not to be read from two places.

    Raises:
        OptionError: if they are.
    """
    if classes and label is not None:
        raise OptionError(
            "options 'label' and 'classes' must not both be given: one column, or a column for each class"
        )


def check_hot_columns(classes: Sequence[str], columns: Sequence[str], where: str) -> None:
    """Checks that there is one column for each class.

    Raises:
        FormatError: if there is none, or two.
    """
    for name in classes:
        if columns.count(name) != 1:
            found = f"there are {columns.count(name)}" if name in columns else nearest(name, columns)
            raise FormatError(f"{where}: there must be one {name!r}, as the option 'classes' names it; {found}")


def read_hot(classes: Sequence[str], row: Mapping[str, Any]) -> str | Fault | None:
    """Returns what the column `label` holds for a text whose classes have a 1; None if nothing stands in any.

    >>> read_hot(["a", "b"], {"a": 1, "b": 0}), read_hot(["a", "b"], {"a": "", "b": None})
    ('a', None)
    """
    values = [row.get(name) for name in classes]
    if all(_is_missing(value) for value in values):
        return None
    for name, value in zip(classes, values, strict=True):
        if read_flag(value) is None:
            return Fault(f"the class {name!r} must be 1 or 0, true or false, was: {value!r}")
    return join_classes([name for name, value in zip(classes, values, strict=True) if read_flag(value)])


def make_hot(classes: Sequence[str], combination: str | None) -> dict[str, int | None]:
    """Returns a 1 for each class that a text has and a 0 for each other; None for all if nothing is said of them.

    Raises:
        CarryError: if the text has a class that is not among these.

    >>> make_hot(["a", "b"], "b"), make_hot(["a"], None)
    ({'a': 0, 'b': 1}, {'a': None})
    """
    if combination is None:
        return dict.fromkeys(classes)
    names = split_classes(combination)
    for name in names:
        if name not in classes:
            raise CarryError(
                f"there is no column for the class {name!r} among the option 'classes': {', '.join(classes)}"
            )
    return {name: int(name in names) for name in classes}


def find_hot(rows: Iterable[Mapping[str, Any]], candidates: Iterable[str]) -> list[str]:
    """Returns the columns that hold 0 and 1 alone, or nothing, if they are two at least and somewhere a 1 stands.

    >>> find_hot([{"a": 1, "b": 0, "id": 0}, {"a": 0, "b": 0, "id": 1}], ["a", "b", "id"])
    ['a', 'b']
    """
    rows = list(rows)
    flags = {name: [read_flag(row[name]) for row in rows if not _is_missing(row.get(name))] for name in candidates}
    return choose_hot({name: True in values for name, values in flags.items() if values and None not in values})


def choose_hot(flags: Mapping[str, bool]) -> list[str]:
    """Returns the columns of 0 and 1 that may be of classes: two at least, none that numbers rows, somewhere a 1.

    Args:
        flags: for each column that holds 0 and 1 alone, whether a 1 stands in it.
    """
    found = [name for name in flags if not _NUMBERING.fullmatch(name)]
    return found if len(found) > 1 and any(flags[name] for name in found) else []


def explain_hot(names: Sequence[str]) -> str:
    """Says that columns or fields look like classes and are not read, and which options settle it."""
    listed = ", ".join(f'"{name}"' for name in names)
    return (
        f"{', '.join(map(repr, names))} look like classes, 1 if a text has them and 0 if not, and would not be read; "
        f"read them with classes = [{listed}], or pass over them with ignore = [{listed}]"
    )


def read_flag(value: Any) -> bool | None:
    """Returns what a cell says, None if it is no yes and no no.

    >>> read_flag("1"), read_flag(False), read_flag("x")
    (True, False, None)
    """
    word = str(value).strip().lower()
    return True if word in _YES else False if word in _NO else None


def _is_missing(value: Any) -> bool:
    return value is None or value != value or (isinstance(value, str) and not value.strip())
