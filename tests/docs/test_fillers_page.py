"""The rows of docs/fillers.md are what the generators make today."""

from __future__ import annotations

import importlib

import pytest
from workbench import ROOT


def test_cut_contractions_are_counted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    count = importlib.import_module("fillers").count_cuts
    source = [{"text": "It didn't fit the check-in desk."}]
    whole, cut = "It fit didn't the check-in desk.", "It didn' fit t the check-in desk."
    assert count(source, [{"text": each} for each in (whole, cut, whole)]) == importlib.import_module("fillers").Count(
        1, 3
    )


@pytest.mark.slow
def test_the_rows_are_what_the_generators_make(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    module = importlib.import_module("fillers")
    assert module.PAGE.read_text("utf-8") == module.page(), "run: python benchmarks/fillers.py --page"
