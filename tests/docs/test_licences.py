"""What this project depends on may be used by anybody."""

from __future__ import annotations

from pathlib import Path

from audit import ALLOWED, list_licences

CONSTRAINTS = Path(__file__).resolve().parents[2] / "constraints.txt"


def test_the_licences_of_all_dependencies_are_allowed():
    licences = list_licences(CONSTRAINTS)
    assert len(licences) > 20
    assert {name: said for name, said in licences.items() if not ALLOWED.search(said)} == {}
