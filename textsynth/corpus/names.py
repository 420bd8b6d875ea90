"""What a source declares: the names of its classes and labels, and the types of its fields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from textsynth.corpus.fields import FieldType, read_types, write_types

_NAMES, _FIELD_TYPES = "textsynth_names", "textsynth_fields"
"""The keys of declared names, and of the types of fields, in the metadata of a parquet file."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of classes and labels that a source declares, in their order, also those that no example has.

    A number in a dataset stands for the name at its place, so real and synthetic data mean the same by a number only
    if the names keep their order.

    Args:
        classes: the names of classes.
        labels: the names of the labels of spans.
        several: whether a text may have any number of the classes.
        fields: the names of fields, with their types, if those of all examples are known.
    """

    classes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    several: bool = False
    fields: tuple[FieldType, ...] = ()

    def to_metadata(self) -> dict[str, str]:
        """Returns the names as metadata of a parquet file; nothing if there are none."""
        held = [self.classes, self.labels, *([True] if self.several else [])]
        names = {_NAMES: json.dumps(held, ensure_ascii=False)} if replace(self, fields=()) != Names() else {}
        return names | ({_FIELD_TYPES: write_types(self.fields)} if self.fields else {})

    @classmethod
    def from_metadata(cls, metadata: Mapping[bytes, bytes]) -> Names:
        """Reads what `to_metadata` returned."""
        classes, labels, *several = json.loads(metadata.get(_NAMES.encode(), b"[[], []]"))
        types = metadata.get(_FIELD_TYPES.encode())
        return cls(tuple(classes), tuple(labels), bool(several), read_types(types.decode()) if types else ())

    @classmethod
    def merge(cls, all_names: Iterable[Names]) -> Names:
        """Returns the names if all are equal, or else none, and the types of fields likewise.

        A text may have several classes if any says so.
        """
        distinct = set(all_names)
        several = any(names.several for names in distinct)
        types = {names.fields for names in distinct}
        orders = {(names.classes, names.labels) for names in distinct}
        shared = cls(*orders.pop(), several) if len(orders) == 1 else cls(several=several)
        return replace(shared, fields=types.pop()) if len(types) == 1 else shared


def order_names(declared: Sequence[str], present: Iterable[str]) -> list[str]:
    """Returns the declared names in their order, and behind them the others that are there, sorted.

    >>> order_names(["b", "a"], ["c", "a"])
    ['b', 'a', 'c']
    """
    return list(dict.fromkeys([*declared, *sorted(set(present))]))
