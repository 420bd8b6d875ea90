"""What every component of every kind must be: frozen, described, and made of plain data."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

from textsynth.components import component, description
from textsynth.components.component import AnyComponent, Component
from textsynth.errors import OptionError
from textsynth.testing.expectation import expect

_UNKNOWN = "no_such_option"
_LEAST_MEANING = 10
"""Characters that the line of an option in the docstring must exceed."""


def build_example(cls: type[AnyComponent], **options: Any) -> AnyComponent:
    """Builds a component with the small options that it names itself as `example_options`.

    Args:
        cls: the component.
        options: more of them, which win.
    """
    return component.build(cls, {**cls.example_options, **options}, f"the example options of {cls.__name__}")


def check_component(cls: type[Component]) -> None:
    """Checks what generators, filters, metrics and formats have in common.

    Raises:
        AssertionError: says what must hold and what was found.
    """
    check_built(build_example(cls))


def check_built(built: Component) -> None:
    """Checks the same of a component that is built already, with options of its own."""
    check_class(type(built))
    check_options(type(built))
    check_plain_data(built)


def check_class(cls: type[Component]) -> None:
    """Checks that a component is a frozen dataclass with a summary."""
    expect(dataclasses.is_dataclass(cls), f"{cls.__name__} must be a dataclass")
    expect(
        cls.__dataclass_params__.frozen,  # type: ignore[attr-defined]
        f"{cls.__name__} must be frozen: @dataclass(frozen=True, kw_only=True)",
    )
    expect(not inspect.isabstract(cls), f"{cls.__name__} must implement every abstract method")
    summary = description.summary(cls)
    expect(summary.endswith("."), f"the docstring of {cls.__name__} must begin with a sentence on one line", summary)


def check_options(cls: type[Component]) -> None:
    """Checks that every option has a default, a type and a line of the docstring, and that others are refused."""
    for option in description.describe(cls):
        who = f"the option {option.name!r} of {cls.__name__}"
        expect(option.default is not dataclasses.MISSING, f"{who} must have a default")
        expect(option.type, f"{who} must have a type that can be told in words")
        has_line = len(option.meaning) > _LEAST_MEANING
        expect(has_line, f"{who} must have a line under 'Args:' in the docstring", option.meaning)
    try:
        component.build(cls, {_UNKNOWN: 1}, "recipe")
    except OptionError as error:
        beginning = f"recipe: there is no option {_UNKNOWN!r}; "
        expect(str(error).startswith(beginning), f"the refusal of an unknown option must begin {beginning!r}", error)
    else:
        expect(False, f"{cls.__name__} must refuse an option that it does not have")


def check_plain_data(built: Component) -> None:
    """Checks that the options of a component can be written into a recipe and read back equal."""
    options = component.options_of(built)
    again = component.build(type(built), options, "its own options")
    expect(again == built, f"{type(built).__name__} must be equal when it is built again of {options}", again)
