"""Component: a frozen dataclass whose fields are options, each with a default, a checked type and a range."""

from __future__ import annotations

import dataclasses
import functools
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

import pydantic
import pydantic_core

from textsynth.components.option_fault import describe_fault
from textsynth.errors import MissingDependency, OptionError, UnknownName, nearest
from textsynth.foundation.distribution import find_missing, say_how_to_install

Share = Annotated[float, pydantic.Field(ge=0, le=1)]
Positive = Annotated[int, pydantic.Field(ge=1)]

AnyComponent = TypeVar("AnyComponent", bound="Component")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Component:
    """What generators, filters, metrics and formats have in common: options that are checked when they are given.

    A subclass is a frozen, keyword-only dataclass. A range is written into the type (`Share`, `Positive`, or
    `Annotated[int, pydantic.Field(ge=0)]`), and the docstring has a line for each option under `Args:`.

    Options that belong together are a table of their own: a field whose type is another component, and whose default is
    one, such as `server: ServerOptions = ServerOptions()`. A recipe writes it `[generator.server]`.

    `adjustable` names options that cannot change what comes out, such as time-outs and caps on costs. They may be
    changed while a run is under way; what they name is no input of the run.

    `extras` names those of textsynth's extras that a component cannot do without; a run looks for them before all else.

    Raises:
        OptionError: if a value has the wrong type or lies out of its range.
    """

    adjustable: ClassVar[frozenset[str]] = frozenset()

    extras: ClassVar[tuple[str, ...]] = ()
    file_options: ClassVar[frozenset[str]] = frozenset()
    """Options that may name a file or a directory, beside those whose type is a path: a model, values of `words:`."""

    example_options: ClassVar[Mapping[str, Any]] = {}
    """Options with which a component is tried in a second or two, as a recipe would write them: a small network, few
    epochs. The checks of `textsynth.testing` take them."""

    def __post_init__(self) -> None:
        tables = tables_of(type(self))
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name in tables:
                checked = _check_table(tables[field.name], field.name, value)
            else:
                checked = _check(type(self), field.name, value)
            object.__setattr__(self, field.name, checked)

    def libraries(self) -> frozenset[str]:
        """Names packages that decide what it makes, beside those of every run; the dataset card has their versions."""
        tables = (getattr(self, name) for name in tables_of(type(self)))
        return frozenset[str]().union(*(table.libraries() for table in tables))


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
            raise OptionError(
                f"{where}: there is no option {name!r}; {_find_elsewhere(cls, name) or nearest(name, known)}"
            )
    for name, field in known.items():
        if name not in options and default_of(field) is dataclasses.MISSING:
            raise OptionError(f"{where}: option {name!r} must be given")
    try:
        return cls(**options)
    except (OptionError, UnknownName) as error:
        raise type(error)(f"{where}: {error}") from error


def find_option(component: Component, name: str) -> Any:
    """Returns the value of an option of a component or of one of its tables; None if there is none of that name."""
    if name in {field.name for field in dataclasses.fields(component)}:
        return getattr(component, name)
    found = (find_option(getattr(component, table), name) for table in tables_of(type(component)))
    return next((value for value in found if value is not None), None)


def check_extras(component: Component, where: str) -> None:
    """Checks that what a component cannot do without is installed.

    Args:
        component: names the extras.
        where: begins the message of an error, such as `"generator 'vae'"`.

    Raises:
        MissingDependency: with the first extra of which something is missing, and the command that installs it.
    """
    for extra in component.extras:
        check_extra(extra, where)


def check_extra(extra: str, where: str) -> None:
    """Checks that an extra is installed; as `check_extras`."""
    if missing := find_missing(extra):
        raise MissingDependency(f"{where}: {', '.join(missing)} must be installed; {say_how_to_install(extra)}")


def tables_of(cls: type[Component]) -> dict[str, type[Component]]:
    """Returns the tables of options that a component has, by the names of their fields."""
    component: Any = cls
    hints = _hints(component)
    return {
        field.name: hint
        for field in dataclasses.fields(cls)
        if isinstance(hint := hints[field.name], type) and issubclass(hint, Component)
    }


def files_of(cls: type[Component]) -> frozenset[str]:
    """Returns the options of a component that name files or directories, by their type or as it declares."""
    declared = frozenset[str]().union(*(base.file_options for base in cls.__mro__ if issubclass(base, Component)))
    return declared | paths_of(cls)


def paths_of(cls: type[Component]) -> frozenset[str]:
    """Returns the options of a component whose type is a path, or has one in it."""
    component: Any = cls
    hints = _hints(component)
    return frozenset(field.name for field in dataclasses.fields(cls) if _has_path(hints[field.name]))


def _has_path(hint: Any) -> bool:
    """Says whether a type is a path, or has one in it."""
    return hint is Path or any(_has_path(inner) for inner in typing.get_args(hint))


def without_adjustable(cls: type[Component], options: Mapping[str, Any]) -> dict[str, Any]:
    """Returns options, as `options_of` gives them, without those that cannot change what comes out."""
    tables = tables_of(cls)
    return {
        name: without_adjustable(tables[name], value) if name in tables and isinstance(value, Mapping) else value
        for name, value in options.items()
        if name not in cls.adjustable
    }


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


def default_of(field: dataclasses.Field[Any]) -> Any:
    """Returns the default of an option, `dataclasses.MISSING` if it must be given."""
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


@functools.cache
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls, include_extras=True)


@functools.cache
def _adapter(cls: Any, name: str) -> pydantic.TypeAdapter[Any]:
    return pydantic.TypeAdapter(_hints(cls)[name])


def _check_table(cls: type[Component], name: str, value: Any) -> Component:
    """Takes a table of options as it is, or makes it of what a recipe has under its name."""
    if isinstance(value, cls):
        return value
    if not isinstance(value, Mapping):
        raise OptionError(f"option {name!r} must be a table of options, [{name}], was: {value!r}")
    return build(cls, value, f"[{name}]")


def _find_elsewhere(cls: type[Component], name: str) -> str:
    """Says which table of a component has an option that was looked for outside of it, if any has."""
    tables = [table for table, inner in tables_of(cls).items() if name in inner.__dataclass_fields__]
    return f"it belongs in the table {tables[0]!r}: {tables[0]}.{name}" if tables else ""


def _check(cls: type, name: str, value: Any) -> Any:
    """Checks by pydantic's strict rules for JSON: a list may be a tuple and a string a path, but "3" is no number."""
    if isinstance(value, Component):
        return value
    try:
        return _adapter(cls, name).validate_json(pydantic_core.to_json(value), strict=True)
    except pydantic_core.PydanticSerializationError as error:
        raise OptionError(f"option {name!r} must be plain data, was: {value!r}") from error
    except pydantic.ValidationError as error:
        raise OptionError(f"option {name!r}{describe_fault(value, error)}") from error
