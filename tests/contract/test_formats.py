"""What every format must do, parametrised over the registry; tests/formats/test_round_trip.py searches for more."""

from __future__ import annotations

from typing import cast

import pytest

from textsynth.components import registry
from textsynth.formats import Format
from textsynth.testing import build_example, check_format


@pytest.mark.parametrize("name", registry.names("format"))
def test_format(name: str):
    check_format(cast("Format", build_example(registry.look_up("format", name))))
