"""What a component says of itself: its summary, and its options with types, ranges, defaults and meanings."""

from __future__ import annotations

import dataclasses
import inspect
import re
import typing
from collections.abc import Mapping
from typing import Annotated, Any

from textsynth.components.component import Component, default_of, tables_of


@dataclasses.dataclass(frozen=True)
class Option:
    """One option of a component, as `textsynth list` shows it.

    Args:
        name: the field.
        type: its type in words, with the range if there is one.
        default: the default value; `MISSING` if the option must be given.
        meaning: its line of the docstring.
    """

    name: str
    type: str
    default: Any
    meaning: str


def describe(cls: type[Component]) -> list[Option]:
    """Returns the options of a component in the order of its fields, those of a table as `table.option`."""
    meanings, tables, hints = _meanings(cls), tables_of(cls), typing.get_type_hints(cls, include_extras=True)
    options: list[Option] = []
    for field in dataclasses.fields(cls):
        if field.name in tables:
            inner = describe(tables[field.name])
            options += [dataclasses.replace(each, name=f"{field.name}.{each.name}") for each in inner]
        else:
            kind = _type_in_words(hints[field.name])
            options.append(Option(field.name, kind, default_of(field), meanings.get(field.name, "")))
    return options


def summary(cls: type) -> str:
    """Returns the first line of a class' docstring."""
    return (inspect.getdoc(cls) or "").partition("\n")[0]


def _meanings(cls: type) -> dict[str, str]:
    """Reads the `Args:` sections of the docstrings of a class and those it is made of; its own come first."""
    meanings: dict[str, str] = {}
    for base in cls.__mro__:
        meanings = _section(base.__doc__ or "") | meanings
    return meanings


def _section(docstring: str) -> dict[str, str]:
    """Reads the `Args:` section of a Google-style docstring."""
    section = re.search(r"^Args:\n((?:[ ]{4}.*\n?|\n)+)", inspect.cleandoc(docstring), re.MULTILINE)
    if section is None:
        return {}
    entries = re.findall(r"^ {4}(\w+): ((?:.|\n {6,})*)", section[1], re.MULTILINE)
    return {name: re.sub(r"\s+", " ", meaning).strip() for name, meaning in entries}


def _type_in_words(hint: Any) -> str:
    if typing.get_origin(hint) is Annotated:
        base, *notes = typing.get_args(hint)
        limits = [limit for note in notes for limit in _limits(note)]
        return " ".join([_type_in_words(base), *limits])
    if typing.get_origin(hint) is typing.Literal:
        return " | ".join(repr(choice) for choice in typing.get_args(hint))
    arguments = [argument for argument in typing.get_args(hint) if argument not in (type(None), ...)]
    if typing.get_origin(hint) in (tuple, list):
        return f"list of {_type_in_words(arguments[0])}"
    if typing.get_origin(hint) in (dict, Mapping):
        return f"table of {_type_in_words(arguments[1])}"
    if arguments:
        return " | ".join(_type_in_words(argument) for argument in arguments)
    return getattr(hint, "__name__", str(hint)).replace("NoneType", "nothing").lower()


def _limits(note: Any) -> list[str]:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    metadata = getattr(note, "metadata", [note])
    return [f"{sign} {getattr(item, name)}" for item in metadata for name, sign in signs.items() if hasattr(item, name)]
