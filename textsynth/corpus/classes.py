"""The classes of a text: any number of them, of which the column `label` holds one string.

A text with one class has its name there, as ever. Several are joined to one name, their combination, so that whatever
goes by the class of a text, a quota or a network, goes by the combination without knowing of it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

MARK = "\ufdd0"
"""Stands between the names of a combination. Unicode keeps this character for the inner use of programs."""

Label = str | tuple[str, ...]
"""What an example says of its classes: one name, or the names of several or of none."""


def join_classes(label: Iterable[str] | None) -> str | None:
    r"""Returns what the column `label` holds for the classes of a text.

    Args:
        label: one name, which stays as it is; several, in any order; an empty tuple for a text that has none of the
            classes; None for one of which nothing is said.

    >>> join_classes(("love", "joy")) == join_classes(("joy", "love", "joy")) == "joy\ufdd0love"
    True
    >>> join_classes("joy"), join_classes(("joy",)), join_classes(None)
    ('joy', 'joy', None)
    """
    if label is None or isinstance(label, str):
        return label
    names = sorted(set(label))
    return MARK.join(names) if names else MARK


def split_classes(combination: str | None) -> tuple[str, ...]:
    r"""Returns the names of the classes that the column `label` holds for a text.

    >>> split_classes("joy\ufdd0love"), split_classes("joy"), split_classes(None)
    (('joy', 'love'), ('joy',), ())
    """
    if combination is None or combination == MARK:
        return ()
    return tuple(combination.split(MARK))


def to_label(combination: str | None) -> Label | None:
    r"""Returns what an `Example` has as its label: a name, a tuple unless it is one name, or None.

    >>> to_label("joy\ufdd0love"), to_label("joy"), to_label(join_classes(())), to_label(None)
    (('joy', 'love'), 'joy', (), None)
    """
    return combination if combination is None or MARK not in combination else split_classes(combination)


def to_label_list(combination: str | None) -> list[str] | None:
    """Returns the classes as a list, also a single one; None if nothing is said of them.

    >>> to_label_list("joy"), to_label_list(join_classes(())), to_label_list(None)
    (['joy'], [], None)
    """
    return None if combination is None else list(split_classes(combination))


def describe_classes(label: Label | None) -> str:
    """Returns classes as people read them, in messages, prompts and on the screen.

    >>> describe_classes("joy"), describe_classes(("joy", "love", "awe")), describe_classes(())
    ('joy', 'awe, joy and love', 'no class')
    """
    names = split_classes(join_classes(label))
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else "no class"


def count_classes(combinations: Mapping[str, int]) -> dict[str, int]:
    r"""Returns how many texts have each class, by name, from how many have each combination.

    >>> count_classes({"joy\ufdd0love": 2, "joy": 1})
    {'joy': 3, 'love': 2}
    """
    counts = Counter[str]()
    for combination, count in combinations.items():
        counts.update(dict.fromkeys(split_classes(combination), count))
    return dict(sorted(counts.items()))


def find_label_fault(label: Label | None) -> str | None:
    """Says what is wrong with the classes of an example, or None."""
    names = (label,) if isinstance(label, str) else label or ()
    if "" in names:
        return "the label of an example must not be empty; use None for no label"
    if any(MARK in name for name in names):
        return "the name of a class must not have the character U+FDD0, which is no character of any text"
    return None


def write_class_cell(combination: str | None, several: bool = False) -> str:
    """Returns classes as the text of a cell: a name as it is, a JSON list of several; empty if nothing is said.

    A name that looks like such a list is written as a list of one, so that it reads back as it was.

    Args:
        combination: what the column `label` holds.
        several: whether one name is written as a list too.

    >>> write_class_cell("joy"), write_class_cell(join_classes(["joy", "love"])), write_class_cell("[]")
    ('joy', '["joy", "love"]', '["[]"]')
    """
    if combination is None:
        return ""
    if not several and MARK not in combination and parse_class_cell(combination) is None:
        return combination
    return json.dumps(split_classes(combination), ensure_ascii=False)


def read_class_cell(cell: str) -> str | None:
    """Reads what `write_class_cell` wrote."""
    names = parse_class_cell(cell)
    return join_classes(cell if names is None else names) or None


def parse_class_cell(cell: str) -> list[str] | None:
    """Returns the names in a cell that is a JSON list of names, None if it is none."""
    if not cell.startswith("["):
        return None
    try:
        names = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return names if isinstance(names, list) and all(type(name) is str and name for name in names) else None


def join_class_lists(lists: pa.Array | pa.ChunkedArray) -> pa.StringArray:
    """Returns the column `label` for lists of names; a list that is null says nothing."""
    return pa.array([join_classes(names) for names in lists.to_pylist()], pa.string())


def split_class_column(column: pa.ChunkedArray) -> pa.ListArray:
    """Returns the column `label` as lists of names."""
    return pa.array([to_label_list(each) for each in column.to_pylist()], pa.list_(pa.string()))


def have_marks(column: pa.Array | pa.ChunkedArray) -> pa.BooleanArray:
    """Says which rows of a column `label` hold several classes, or none of them; null counts as no."""
    return pc.fill_null(pc.match_substring(column, MARK), False)
