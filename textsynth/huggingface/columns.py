"""The columns of a Hugging Face dataset as its files tell them.

`datasets` calls them features and can write all of this, but to import it takes longer than a run of a thousand rows.
What stands here is held to it by the tests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

if TYPE_CHECKING:
    import datasets

_NAMES = {
    **{"double": "float64", "float": "float32", "halffloat": "float16"},
    **{"date32[day]": "date32", "date64[ms]": "date64"},
}
"""The types that `datasets` calls otherwise than Arrow."""


@dataclass(frozen=True)
class Columns:
    """The columns of a dataset.

    Args:
        types: of each column; numbers, or lists of numbers, for those that have classes.
        classes: the names of classes in the order of their numbers, by column.

    >>> str(Columns({"text": pa.string(), "label": pa.int64()}, {"label": ("no", "yes")}))
    "{'text': Value('string'), 'label': ClassLabel(names=['no', 'yes'])}"
    """

    types: Mapping[str, pa.DataType]
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, features: datasets.Features) -> Self:
        """Returns the columns that a dataset has."""
        classes = {}
        for name, feature in features.items():
            inner = getattr(feature, "feature", feature)
            if hasattr(inner, "names"):
                classes[name] = tuple(inner.names)
        return cls({each.name: each.type for each in features.arrow_schema}, classes)

    def has_several(self) -> bool:
        """Says whether the column `label` is a list of classes."""
        return "label" in self.types and pa.types.is_list(self.types["label"])

    def to_dict(self) -> dict[str, Any]:
        """Returns them as `datasets` has them in its files."""
        return {name: _describe(type, self.classes.get(name)) for name, type in self.types.items()}

    def to_yaml(self) -> list[Any]:
        """Returns them as a card has them in its header."""
        return [{"name": name, **_shorten(feature)} for name, feature in self.to_dict().items()]

    def to_features(self) -> datasets.Features:
        """Returns them as `datasets` has them in memory."""
        import datasets

        return datasets.Features.from_dict(self.to_dict())

    def to_schema(self) -> pa.Schema:
        """Returns them as an Arrow file has them."""
        told = json.dumps({"info": {"features": self.to_dict()}})
        return pa.schema([(name, _simplify(type)) for name, type in self.types.items()], {"huggingface": told})

    def __str__(self) -> str:
        """Writes them as `datasets` does."""
        return _show(self.to_dict())


def _simplify(type: pa.DataType) -> pa.DataType:
    """Returns a type with the names of elements that `datasets` gives to all lists."""
    if pa.types.is_struct(type):
        return pa.struct([(inner.name, _simplify(inner.type)) for inner in type])
    if pa.types.is_fixed_size_list(type):
        return pa.list_(_simplify(type.value_type), type.list_size)
    if pa.types.is_large_list(type):
        return pa.large_list(_simplify(type.value_type))
    return pa.list_(_simplify(type.value_type)) if pa.types.is_list(type) else type


def _describe(type: pa.DataType, classes: tuple[str, ...] | None = None) -> dict[str, Any]:
    if pa.types.is_struct(type):
        return {inner.name: _describe(inner.type) for inner in type}
    if pa.types.is_large_list(type):
        return {"feature": _describe(type.value_type, classes), "_type": "LargeList"}
    if pa.types.is_list(type) or pa.types.is_fixed_size_list(type):
        length = {"length": type.list_size} if pa.types.is_fixed_size_list(type) else {}
        return {"feature": _describe(type.value_type, classes), **length, "_type": "List"}
    if classes is not None:
        return {"names": list(classes), "_type": "ClassLabel"}
    return {"dtype": _NAMES.get(str(type), str(type)), "_type": "Value"}


def _shorten(feature: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what is told of a column as a card has it: types alone, and names of classes by their numbers."""
    if "_type" not in feature:
        return {"struct": [{"name": name, **_shorten(inner)} for name, inner in feature.items()]}
    if feature["_type"] == "Value":
        return {"dtype": feature["dtype"]}
    if feature["_type"] == "ClassLabel":
        return {"dtype": {"class_label": {"names": {str(n): name for n, name in enumerate(feature["names"])}}}}
    inner = _shorten(feature["feature"])
    inside = inner.get("dtype") or inner.get("struct") or inner
    length = {"length": feature["length"]} if "length" in feature else {}
    return {"large_list" if feature["_type"] == "LargeList" else "list": inside, **length}


def _show(feature: Mapping[str, Any]) -> str:
    if "_type" not in feature:
        return "{" + ", ".join(f"{name!r}: {_show(inner)}" for name, inner in feature.items()) + "}"
    if feature["_type"] == "Value":
        return f"Value({feature['dtype']!r})"
    if feature["_type"] == "ClassLabel":
        return f"ClassLabel(names={feature['names']!r})"
    length = f", length={feature['length']}" if "length" in feature else ""
    return f"{feature['_type']}({_show(feature['feature'])}{length})"
