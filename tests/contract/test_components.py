"""What every component of every kind must do, parametrised over the registry: new ones are tested as they come."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from textsynth.components import registry
from textsynth.testing import component_checks

every_component = pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in registry.KINDS for name in registry.names(kind)]
)


@every_component
def test_its_name_is_its_files(kind: registry.Kind, name: str):
    cls = registry.look_up(kind, name)
    assert Path(inspect.getfile(cls)).stem == name
    assert cls.__name__ == "".join(part.capitalize() for part in name.split("_"))
    assert registry.name_of(cls) == name


@every_component
def test_it_is_frozen_and_has_a_summary(kind: registry.Kind, name: str):
    component_checks.check_class(registry.look_up(kind, name))


@every_component
def test_its_options_have_defaults_and_are_told_in_its_docstring(kind: registry.Kind, name: str):
    component_checks.check_options(registry.look_up(kind, name))


@every_component
def test_its_options_are_plain_data(kind: registry.Kind, name: str):
    component_checks.check_plain_data(registry.look_up(kind, name)())
    component_checks.check_plain_data(component_checks.build_example(registry.look_up(kind, name)))
