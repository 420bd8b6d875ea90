"""Component: a frozen dataclass whose fields are options, each with a default, a checked type and a range."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
import typing
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar

import pydantic
import pydantic_core

from textsynth.errors import OptionError, UnknownName, nearest

Share = Annotated[float, pydantic.Field(ge=0, le=1)]
Positive = Annotated[int, pydantic.Field(ge=1)]

AnyComponent = TypeVar("AnyComponent", bound="Component")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Component:
    """What generators, filters, metrics and formats have in common: options that are checked when they are given.

    A subclass is a frozen, keyword-only dataclass. A range is written into the type (`Share`, `Positive`, or
    `Annotated[int, pydantic.Field(ge=0)]`), and the docstring has a line for each option under `Args:`.

    `adjustable` names options that cannot change what comes out, such as time-outs and caps on costs. They may be
    changed while a run is under way; what they name is no input of the run.

    Raises:
        OptionError: where a value has the wrong type or lies out of its range.
    """

    adjustable: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            checked = _check(type(self), field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, checked)


@dataclasses.dataclass(frozen=True)
class Option:
    """One option of a component, as `textsynth list` shows it.

    Args:
        name: the field.
        type: its type in words, with the range where there is one.
        default: the default value; `MISSING` where the option must be given.
        meaning: its line of the docstring.
    """

    name: str
    type: str
    default: Any
    meaning: str


def build(cls: type[AnyComponent], options: Mapping[str, Any], where: str) -> AnyComponent:
    """Makes a component from options that a user wrote.

    Args:
        cls: the component.
        options: values by name.
        where: begins the message of an error, such as `"run.toml: generator 'vae'"`.

    Raises:
        OptionError: for an option that is unknown (with the nearest guess), missing, of the wrong type or out of range.
    """
    known = {field.name: field for field in dataclasses.fields(cls)}
    for name in options:
        if name not in known:
            raise OptionError(f"{where}: there is no option {name!r}; {nearest(name, known)}")
    for name, field in known.items():
        if name not in options and _default(field) is dataclasses.MISSING:
            raise OptionError(f"{where}: option {name!r} must be given")
    try:
        return cls(**options)
    except (OptionError, UnknownName) as error:
        raise type(error)(f"{where}: {error}") from error


def describe(cls: type[Component]) -> list[Option]:
    """Returns the options of a component in the order of its fields."""
    meanings = _meanings(cls)
    return [
        Option(field.name, _type_in_words(_hints(cls)[field.name]), _default(field), meanings.get(field.name, ""))
        for field in dataclasses.fields(cls)
    ]


def summary(cls: type) -> str:
    """Returns the first line of a class' docstring."""
    return (inspect.getdoc(cls) or "").partition("\n")[0]


def options_of(component: Component) -> dict[str, Any]:
    """Returns every option with its value, in plain types that TOML and JSON can hold; None is left out."""
    plain: dict[str, Any] = pydantic_core.to_jsonable_python(component, serialize_as_any=True)
    return without_none(plain)


def without_none(value: Any) -> Any:
    """Returns nested mappings and lists without the None values, which TOML cannot write."""
    if isinstance(value, dict):
        return {key: without_none(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_none(inner) for inner in value]
    return value


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls, include_extras=True)


@functools.cache
def _adapter(cls: Any, name: str) -> pydantic.TypeAdapter[Any]:
    return pydantic.TypeAdapter(_hints(cls)[name])


def _check(cls: type, name: str, value: Any) -> Any:
    """Checks by pydantic's strict rules for JSON: a list may be a tuple and a string a path, but "3" is no number."""
    if isinstance(value, Component):
        return value
    try:
        return _adapter(cls, name).validate_json(pydantic_core.to_json(value), strict=True)
    except pydantic_core.PydanticSerializationError as error:
        raise OptionError(f"option {name!r} must be plain data, was: {value!r}") from error
    except pydantic.ValidationError as error:
        raise OptionError(_complaint(name, value, error)) from error


def _complaint(name: str, value: Any, error: pydantic.ValidationError) -> str:
    details = error.errors()
    inner = "".join(f"[{part!r}]" for part in details[0]["loc"] if isinstance(part, int) or part in str(value))
    must = " or ".join(dict.fromkeys(_must(detail["msg"]) for detail in details))
    return f"option {name!r}{inner} {must}, was: {value!r}"


def _must(message: str) -> str:
    message = re.sub(r"^Input should (be )?", r"must \1", message)
    message = message.removeprefix("Value error, ")
    message = message.replace("must a ", "must be a ")
    message = re.sub(r"\ban? (?:valid )?(?=([aeiou])?)", lambda match: "an " if match[1] else "a ", message)
    for formal, plain in {"greater than or equal to": "at least", "less than or equal to": "at most"}.items():
        message = message.replace(formal, plain)
    return message


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
