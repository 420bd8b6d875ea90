"""Lists the licences of all packages that constraints.txt pins and that are installed, and names those not allowed.

    python tests/audit.py

A licence is allowed that lets anybody use the package in any program, open or not, as a dependency.
"""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

ALLOWED = re.compile(
    r"MIT|BSD|Apache|Python|PSF|ISC|MPL|Mozilla|zlib|Unlicense|Public Domain|CC0|0BSD|HPND|BSL|Boost|LGPL",
    re.IGNORECASE,
)
KNOWN = {"wordnet": "WordNet"}
"""Licences of packages whose metadata do not say them, read in their repositories."""


def read_licence(package: importlib.metadata.Distribution) -> str:
    """Returns the licence that a package states, in its first words."""
    said = package.metadata
    classifiers = [each.rpartition(" :: ")[2] for each in said.get_all("Classifier") or () if "License ::" in each]
    stated = said.get("License-Expression") or "; ".join(classifiers) or said.get("License") or ""
    return KNOWN.get(str(said["Name"]).lower(), " ".join(stated.split())[:60])


def list_licences(constraints: Path) -> dict[str, str]:
    """Returns the licence of each package that is pinned and installed."""
    found = {}
    for line in constraints.read_text().splitlines():
        name = re.split(r"[=<>;\s]", line.strip())[0]
        if not name or name.startswith("#"):
            continue
        try:
            found[name] = read_licence(importlib.metadata.distribution(name))
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    licences = list_licences(Path(__file__).resolve().parents[1] / "constraints.txt")
    for name, licence in licences.items():
        print(f"{name}: {licence or 'not said'}")
    others = [f"{name}: {licence or 'not said'}" for name, licence in licences.items() if not ALLOWED.search(licence)]
    raise SystemExit("not allowed, or not said: " + "; ".join(others) if others else 0)
