"""docs/formats.md is what the formats say, write and read today."""

from __future__ import annotations

import importlib.util

from workbench import ROOT

from textsynth.components import registry


def test_the_page_is_what_is_made_of_the_formats():
    spec = importlib.util.spec_from_file_location("make_formats", ROOT / "docs" / "make_formats.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = module.make_page()
    assert all(f"## `{name}`" in page for name in registry.names("format"))
    assert (ROOT / "docs" / "formats.md").read_text(encoding="utf-8") == page, "run: python docs/make_formats.py"
