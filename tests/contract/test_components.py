"""What every component of every kind must do, parametrised over the registry: new ones are tested as they come."""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path

import pytest

from textsynth.components import component, description, registry
from textsynth.components.component import Component
from textsynth.errors import OptionError

every_component = pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in registry.KINDS for name in registry.names(kind)]
)


def build(kind: registry.Kind, name: str) -> Component:
    return registry.look_up(kind, name)()


@every_component
def test_its_name_is_its_files(kind: registry.Kind, name: str):
    cls = type(build(kind, name))
    assert Path(inspect.getfile(cls)).stem == name
    assert cls.__name__ == "".join(part.capitalize() for part in name.split("_"))
    assert registry.name_of(cls) == name


@every_component
def test_it_is_frozen(kind: registry.Kind, name: str):
    with pytest.raises(dataclasses.FrozenInstanceError):
        build(kind, name).no_such_option = 1  # type: ignore[attr-defined]


@every_component
def test_every_option_has_a_default_and_a_line_of_the_docstring(kind: registry.Kind, name: str):
    cls = type(build(kind, name))
    for option in description.describe(cls):
        assert option.default is not dataclasses.MISSING, option.name
        assert len(option.meaning) > 10, option.name
        assert option.type, option.name
    assert description.summary(cls).endswith(".")


@every_component
def test_its_options_are_plain_data(kind: registry.Kind, name: str):
    built = build(kind, name)
    assert component.build(type(built), component.options_of(built), "test") == built


@every_component
def test_an_option_nobody_knows_is_refused(kind: registry.Kind, name: str):
    with pytest.raises(OptionError, match=r"^recipe: there is no option 'no_such_option'; "):
        component.build(type(build(kind, name)), {"no_such_option": 1}, "recipe")
