"""What CONTRIBUTING shows, followed to the letter by a new author: it passes all checks, and a recipe runs with it."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from code_blocks import Block, code_blocks
from workbench import ROOT, call, installed, read_made

from textsynth.components import component, registry
from textsynth.testing import build_example, check_component

BLOCKS = list(code_blocks(ROOT / "CONTRIBUTING.md"))


def file_of(block: Block) -> str:
    """Returns the path that the first line of a block names."""
    return block.text.partition("\n")[0].removeprefix("# ")


FILES = {file_of(block): block.text for block in BLOCKS if block.language == "python"}
PROJECT, RECIPE = (block.text for block in BLOCKS if block.language == "toml")
ENTRY_POINTS: dict[str, dict[str, str]] = tomllib.loads(PROJECT)["project"]["entry-points"]
COMPONENTS = [
    (group.removeprefix("textsynth.").removesuffix("s"), name)
    for group, entries in ENTRY_POINTS.items()
    for name in entries
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the package, as pip would install it, on the path of this process and of those it starts."""
    folder = tmp_path_factory.mktemp("package")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    about, project = folder / "mypackage-1.0.dist-info", tomllib.loads(PROJECT)["project"]
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    lines = [line for group, each in ENTRY_POINTS.items() for line in (f"[{group}]", *map(" = ".join, each.items()))]
    (about / "entry_points.txt").write_text("\n".join(lines) + "\n")
    with installed(folder):
        yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "mypackage"]:
        del sys.modules[name]


def test_it_shows_a_component_of_each_kind():
    names = [f"mypackage/{name}.py" for name in ("shouting", "too_short", "questions", "shouted", "vowel_doubling")]
    assert list(FILES) == [*names, "tests/test_mypackage.py"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("kind", "name"), COMPONENTS)
def test_it_is_found_and_described(kind: registry.Kind, name: str):
    cls = registry.look_up(kind, name)
    check_component(cls)
    assert registry.name_of(cls) == name
    assert component.options_of(build_example(cls)) == component.options_of(cls())


def test_its_own_tests_pass(folder: Path):
    namespace: dict[str, object] = {"__name__": "test_mypackage"}
    exec(compile((folder / "tests" / "test_mypackage.py").read_text(), "test_mypackage.py", "exec"), namespace)
    tests = [each for name, each in namespace.items() if name.startswith("test_")]
    assert len(tests) == len(COMPONENTS)
    for test in tests:
        assert callable(test)
        test()


def test_its_recipe_runs(folder: Path):
    (folder / "corpora").symlink_to(ROOT / "corpora")
    (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    outcome = call("run", folder / "recipe.toml", "--out", folder / "out", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    made = list(read_made(folder / "out"))
    assert len(made) == tomllib.loads(RECIPE)["count"]
    assert {example.origin for example in made} == {"shouting", "vowel_doubling"}
    for example in made:
        assert len(example.text.split()) >= 3
        if example.origin == "shouting":
            assert all(mention == mention.upper() for mention in example.mentions())
    assert sum(len(example.spans) for example in made) > 10


def test_they_are_files_of_the_projects_style(tmp_path: Path):
    """Ruff and mypy would pass them in this repository too: they have docstrings, types, and no line over 120."""
    for name, text in FILES.items():
        assert max(map(len, text.split("\n"))) <= 120, name
        assert "from __future__ import annotations" in text or name.startswith("tests/"), name
