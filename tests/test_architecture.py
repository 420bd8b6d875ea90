"""The tree in ARCHITECTURE.md is the tree of the code, and every room says in one line what belongs in it."""

from __future__ import annotations

import ast
import configparser
import re
from collections import Counter
from pathlib import Path

import pytest
from heavy import HEAVY, HEAVY_COMPONENTS
from workbench import ROOT

from textsynth.components import registry

PACKAGE = ROOT / "textsynth"
MOST = 33
"""Rooms that a person can keep in mind, and then some."""

ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
ALONE = {"__init__.py", "__main__.py", "errors.py", "py.typed"}
"""The files at the top of the package."""


def told() -> dict[str, str]:
    """Returns what ARCHITECTURE.md says of each room, in its order: lines `room/    what belongs in it`."""
    content = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    section = re.search(r"^## The tree\n(.*?)(?=^## |\Z)", content, re.MULTILINE | re.DOTALL)
    assert section, "ARCHITECTURE.md must have a section '## The tree'"
    block = re.search(r"^```\w*\n(.*?)^```$", section[1], re.MULTILINE | re.DOTALL)
    assert block, "the section '## The tree' must have a block of code"
    lines = [re.fullmatch(r"(\w+)/ +(\S.*)", line) for line in block[1].splitlines()]
    assert all(lines), f"each line must be 'room/    what belongs in it': {block[1]}"
    return {line[1]: line[2] for line in lines if line}


def test_the_tree_is_that_of_the_code():
    assert sorted(told()) == ROOMS
    assert len(ROOMS) <= MOST


def test_only_rooms_are_at_the_top():
    found = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    assert found == ALONE | set(ROOMS)


def test_the_tree_is_in_the_order_in_which_rooms_import():
    """A room imports only from rooms below it: the order of the tree is one that import-linter holds."""
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    layers = config["importlinter:contract:layers"]["layers"].split("\n")
    level = {room.strip(): number for number, layer in enumerate(layers) for room in layer.split("|") if room.strip()}
    order = [level[room] for room in told()]
    assert order == sorted(order)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_in_one_line_what_belongs_in_it(room: str):
    source = (PACKAGE / room / "__init__.py").read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(source)) or ""
    assert 10 < len(docstring.partition("\n")[0]) <= 120, docstring
    assert docstring.partition("\n")[0].endswith("."), docstring


def test_every_folder_of_tests_is_that_of_a_room():
    """What a room does is tested in the folder of its name."""
    beside = {"contract", "docs"}
    folders = {path.name for path in Path(ROOT / "tests").iterdir() if any(path.glob("test_*.py"))}
    assert folders - beside <= set(ROOMS)


def test_no_two_files_of_tests_have_the_same_name():
    """pytest imports each by its name alone and refuses the second one."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_what_the_fast_tests_leave_out_is_there():
    """A file that was moved would else be among the fast ones unseen."""
    assert [place for place in HEAVY if not (ROOT / "tests" / place).exists()] == []
    assert {name for kind in registry.KINDS for name in registry.names(kind)} >= HEAVY_COMPONENTS
