"""The rows of docs/fillers.md are what the generators make today."""

from __future__ import annotations

import importlib

import pytest
from workbench import ROOT


@pytest.mark.slow
def test_the_rows_are_what_the_generators_make(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    module = importlib.import_module("fillers")
    assert module.PAGE.read_text("utf-8") == module.page(), "run: python benchmarks/fillers.py --page"
