"""What every edit must do beside what every generator does, parametrised over the registry."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest

from textsynth.components import registry
from textsynth.edits.edit import Edit
from textsynth.testing import build_example, edit_checks
from textsynth.testing.corpora import example_source

NAMES = [
    name
    for name in registry.names("generator")
    if issubclass(cls := registry.look_up("generator", name), Edit) and not inspect.isabstract(cls)
    if name != "masked_lm"  # a network: its rules are in tests/generators/test_masked_lm.py
]


@pytest.fixture(params=NAMES)
def edit(request: pytest.FixtureRequest) -> Edit:
    built = build_example(registry.look_up("generator", request.param))
    assert isinstance(built, Edit)
    return built


@pytest.mark.parametrize("check", edit_checks.EDIT_CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_edit(check: Callable[..., None], edit: Edit):
    check(edit, example_source())
