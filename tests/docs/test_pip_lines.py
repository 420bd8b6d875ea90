"""What pages, messages and recipes tell to install exists: an extra of this project, or a package that is pinned."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pytest
from workbench import ROOT

from textsynth.foundation.distribution import EXTRAS, NAME, VERSION, say_how_to_install

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FOLDERS = ("textsynth", "docs", "recipes", "benchmarks", "corpora")
FILES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "Makefile", "constraints.txt")]
FILES += [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.*")) if path.suffix in (".md", ".py")]
FILES += sorted((ROOT / "recipes").glob("*"))

PACKAGES = {"pycrfsuite": "python-crfsuite", "sklearn": "scikit-learn"}
"""The packages of modules that are called otherwise."""

_LINE = re.compile(r"\bpip install((?: +(?:'[^'\n]+'|[^\s'\"`)|;&#…,]+))+)")
_BROKEN = re.compile(r" *\\\n\s*|(?<=pip install)\n")
_OPTION_WITH_VALUE = re.compile(r"--(?:constraint|requirement) +\S+")
_REQUIREMENT = re.compile(r"(\.|[A-Za-z0-9_.-]+)(?:\[([\w,-]+)\])?(?:[=<>~!].*)?")
_MADE = re.compile(r"say_how_to_install\(['\"](\w+)['\"]\)")


def pinned() -> set[str]:
    """The names of all packages that some file of this project pins."""
    files = ("constraints.txt", "models.txt", "benchmarks/requirements.txt")
    lines = [line for name in files for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    return {line.partition("==")[0].lower().replace("_", "-") for line in lines if "==" in line and line[0] != "#"}


def requirements(text: str) -> Iterator[str]:
    """Gives what the pip lines of a text install."""
    for match in _LINE.finditer(_BROKEN.sub(" ", text)):
        told = _OPTION_WITH_VALUE.sub("", match[1])
        yield from (word.strip("'") for word in told.split() if not word.startswith("-"))


def find_fault(requirement: str) -> str | None:
    """Says what is wrong with a requirement, None if nothing is."""
    match = _REQUIREMENT.fullmatch(requirement)
    if match is None:
        return "is no requirement"
    name, extras = match[1], set(filter(None, (match[2] or "").split(",")))
    if name in (NAME, "."):
        unknown = extras - PROJECT["optional-dependencies"].keys()
        return f"has no extra {sorted(unknown)}" if unknown else None
    return None if name.lower().replace("_", "-") in pinned() else "is pinned nowhere"


def test_every_pip_line_names_what_exists():
    found = 0
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        for requirement in requirements(text):
            if "{" not in requirement:
                found += 1
                assert find_fault(requirement) is None, f"{path.relative_to(ROOT)}: {requirement!r}"
        for extra in _MADE.findall(text):
            assert extra in PROJECT["optional-dependencies"], f"{path.relative_to(ROOT)}: {extra!r}"
    assert found > 10


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("pip install 'textsynth[torch]'", "is pinned nowhere"),
        (f"pip install '{NAME}[touch]'", "has no extra ['touch']"),
        ("pip install en_core_web_trf", "is pinned nowhere"),
        ("pip install --constraint constraints.txt --editable '.[all,dev]'", None),
        ("pip install 'transformers[serving]' && transformers serve", None),
        ("pip install\n'textsynth[torch]'` installs", "is pinned nowhere"),
    ],
)
def test_what_does_not_exist_is_found(line: str, fault: str | None):
    assert [find_fault(each) for each in requirements(line)] == [fault]


def test_the_distribution_is_called_as_messages_say():
    assert PROJECT["name"] == NAME
    assert "version" in PROJECT["dynamic"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    for extra, modules in EXTRAS.items():
        assert say_how_to_install(extra) == f"pip install '{NAME}[{extra}]'"
        brought = " ".join([*PROJECT["optional-dependencies"][extra], *PROJECT["optional-dependencies"]["torch"]])
        assert [module for module in modules if PACKAGES.get(module, module) not in brought] == []
