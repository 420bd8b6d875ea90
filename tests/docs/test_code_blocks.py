"""Every block of code in README, CONTRIBUTING and docs is run, or parsed, or says before it why it is not."""

from __future__ import annotations

import dataclasses
import itertools
import re
import shlex
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import typer.main
from code_blocks import PAGES, Block, code_blocks
from workbench import ROOT, call

from textsynth import formats
from textsynth.commands.main import app
from textsynth.corpus import Corpus
from textsynth.extract import Template
from textsynth.recipes import recipe
from textsynth.testing.corpora import join_parts

BLOCKS = [block for page in PAGES for block in code_blocks(page)]

PARSED = {
    "push": "it asks the hub",
    "interpolate": "it needs a network that was trained",
}
"""Commands that are parsed and not run, and why; both have tests of their own."""

HEAVY = {"vae", "gan", "language_model", "causal_lm", "masked_lm", "seq2seq", "prompt"}
"""Generators of recipes that are checked and not run: they train, or want a model."""

FILE_OF_PLUGIN = re.compile(r"\A# [\w/]+\.py\n")
"""How the files of CONTRIBUTING begin; test_contributing.py runs them."""

LAST = ("Abel", "Bose", "Curie", "Dirac", "Euler", "Fermi", "Gauss", "Hess", "Ising", "Joule", "Kepler", "Lie")
VERBS = ("went to", "flew to", "drove to", "left", "saw", "loved")
CITIES = ("Rome", "Oslo", "Lima", "Kyoto", "Bern", "Accra", "Quito", "Perth", "Turin", "Basra", "São Paulo")


def cases(*languages: str) -> list[Any]:
    """Returns the blocks that are run; those that are slow by their comment with that mark."""
    chosen = [block for block in BLOCKS if block.language in languages and not block.is_not_run]
    return [
        pytest.param(block, id=str(block), marks=[pytest.mark.slow] if block.comment.startswith("slow: ") else [])
        for block in chosen
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the pages name."""
    folder = tmp_path_factory.mktemp("pages")
    for name in ("corpora", "recipes"):
        (folder / name).symlink_to(ROOT / name)
    for name in ("train.conll", "train.jsonl", "made.jsonl", "test.jsonl"):
        formats.write(source(), folder / name, drop=("label",) if name == "train.conll" else ())
    (folder / "more.txt").write_text("".join(f"{text}\n" for text in source().texts.to_pylist()))
    tickets = [dataclasses.replace(each, fields={"id": row, "domain": "x"}) for row, each in enumerate(source())]
    formats.write(Corpus.from_examples(tickets), folder / "tickets.jsonl")
    return folder


def source() -> Corpus:
    """Sixty sentences in six wordings of as many persons, and so many cities and days that thousands can be made."""
    people = [f"{first} {last}" for first in ("Ada", "Zoë", "Bo", "Omar", "Ида") for last in LAST]
    rows = [
        join_parts(
            (person, "PERSON"), (f" {verb} ", ""), (city, "CITY"), (" on ", ""), (f"{day} May", "DATE"), (".", "")
        )
        for person, verb, city, day in zip(
            people, itertools.cycle(VERBS), itertools.cycle(CITIES), itertools.cycle(range(1, 31))
        )
    ]
    texts, spans = zip(*rows, strict=True)
    return Corpus.from_columns(text=texts, spans=spans, label=["go", "move"] * (len(rows) // 2))


@pytest.fixture(autouse=True)
def _in_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def test_there_are_blocks_on_every_page_that_shows_how_to_do_something():
    found = {block.page.name: [each.language for each in BLOCKS if each.page == block.page] for block in BLOCKS}
    assert {"README.md", "CONTRIBUTING.md", "fields.md", "networks.md", "pretrained.md", "prompting.md"} <= found.keys()
    assert {"python", "toml", ""} <= set(found["README.md"])


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_every_block_is_run_or_says_why_not(block: Block):
    if block.is_not_run:
        assert re.fullmatch(r"not run: \S.{9,}", block.comment, re.DOTALL), f"{block}: a reason must follow 'not run: '"
    else:
        known = block.language in ("python", "toml") or block.comment == "templates" or commands(block)
        assert known, f"{block}: what is neither Python, nor a recipe, nor commands must say <!-- not run: why -->"


@pytest.mark.parametrize("block", cases("python"))
def test_python(block: Block, folder: Path):
    """The blocks of a page build on those before them."""
    if FILE_OF_PLUGIN.match(block.text):
        compile(block.text, str(block), "exec")
        return
    imports = [line for each in BLOCKS if each.page == block.page for line in each.text.split("\n")]
    head = "\n".join(dict.fromkeys(line for line in imports if re.match(r"import textsynth", line)))
    with mock.patch("datasets.Dataset.push_to_hub") as push:
        exec(compile(f"{head}\n{block.text}", str(block), "exec"), {"__name__": "page"})
    assert push.called == ("push_to_hub" in block.text)


@pytest.mark.parametrize("block", cases("toml"))
def test_toml(block: Block, folder: Path):
    """A recipe is run with a small count; a part of one is completed. What trains is checked and not run."""
    content = tomllib.loads(block.text)
    if "project" in content:
        assert content["project"]["entry-points"]
        return
    content.setdefault("source", {"path": "train.jsonl"})
    content.setdefault("generator", [{"use": "word_swap"}])
    if {each["use"] for each in content["generator"]} & {"shouting"}:
        return  # test_contributing.py runs it with the components that it names
    if "copies" not in content:
        content["count"] = 20
    recipe.parse(content, folder, str(block))
    if not HEAVY & {each["use"] for each in content["generator"]}:
        run(content, folder / str(block).replace("/", "-").replace(":", "-"))


def run(content: dict[str, Any], out: Path) -> None:
    import tomli_w

    path = Path(f"{out.name}.toml")
    path.write_text(tomli_w.dumps(content), encoding="utf-8")
    outcome = call("run", path, "--out", out, "--allow-fewer", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.json["delivered"] > 0


@pytest.mark.parametrize("block", [pytest.param(each, id=str(each)) for each in BLOCKS if each.comment == "templates"])
def test_templates(block: Block, folder: Path):
    """Templates alone make a corpus, without a source; every one of them is used."""
    (folder / "templates.txt").write_text(block.text, encoding="utf-8")
    run({"count": 20, "generator": [{"use": "template_fill", "templates": "templates.txt"}]}, folder / "templates")
    made = formats.read(folder / "templates" / "dataset", "datasets", options={"split": "all"})
    assert len({Template.of(example).slots for example in made}) == len(block.text.strip().split("\n"))


def commands(block: Block) -> list[list[str]]:
    """Returns the commands of a block, empty if there is a line that is none; in a transcript they follow a $."""
    lines = [line.removeprefix("$ ") for line in block.text.split("\n") if line.startswith("$ ")]
    lines = lines or [line for line in block.text.split("\n") if line.strip()]
    tools = ("textsynth", "make", "pip", "python", "python3")
    if any(line.partition(" ")[0].removeprefix(".venv/bin/") not in tools for line in lines):
        return []
    return [shlex.split(line, comments=True) for line in lines]


@pytest.mark.parametrize("block", [case for case in cases("", "console") if commands(case.values[0])])
def test_commands(block: Block):
    for words in commands(block):
        tool = words[0].removeprefix(".venv/bin/")
        {"textsynth": check_textsynth, "make": check_make, "pip": check_pip}.get(tool, check_python)(words[1:])


def check_textsynth(words: Sequence[str]) -> None:
    """Parses a command as the command line does, and runs it unless it asks the hub, or trains."""
    command = typer.main.get_command(app).commands[words[0]]  # type: ignore[attr-defined]
    command.make_context(words[0], list(words[1:]))
    # The recipes of the project are run by tests/recipes/test_shipped_recipes.py.
    elsewhere = words[0] == "run" and words[1].startswith("recipes/") and "--dry-run" not in words
    if words[0] not in PARSED and not elsewhere:
        outcome = call(*words)
        assert outcome.code == 0, outcome.err
    elif elsewhere:
        assert Path(words[1]).exists()


def check_make(words: Sequence[str]) -> None:
    """Looks for the target in the Makefile."""
    assert re.search(rf"^{re.escape(words[0])}:", (ROOT / "Makefile").read_text(), re.MULTILINE), words


def check_pip(words: Sequence[str]) -> None:
    """Looks for the extras and the files that are named."""
    assert words[0] == "install"
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = [extra for word in words for part in re.findall(r"\[(.*?)\]", word) for extra in part.split(",")]
    assert named
    assert set(named) <= extras.keys()
    assert "--constraint" not in words or (ROOT / words[words.index("--constraint") + 1]).exists()


def check_python(words: Sequence[str]) -> None:
    """Looks for the script or the module."""
    if words[0] == "-m":
        assert words[1] in ("venv", "pytest")
    else:
        assert (ROOT / words[0]).exists(), words
