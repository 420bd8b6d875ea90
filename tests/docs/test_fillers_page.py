"""The rows of docs/fillers.md are what the generators make today."""

from __future__ import annotations

import importlib.util

import pytest
from workbench import ROOT


@pytest.mark.slow
def test_the_rows_are_what_the_generators_make():
    spec = importlib.util.spec_from_file_location("fillers", ROOT / "benchmarks" / "fillers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text("utf-8") == module.page(), "run: python benchmarks/fillers.py --page"
