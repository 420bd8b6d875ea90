"""`textsynth preview`: rows of each step, in seconds, and nothing left behind."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from workbench import SENTENCES, call, make_recipe, tree, write_recipe, write_source

from textsynth.recipes import recipe as recipes
from textsynth.runs import preview as module
from textsynth.runs.preview import preview

STEPS = [
    {"use": "template_fill"},
    {"use": "word_swap", "name": "swaps"},
    {"use": "vae"},
    {"use": "prompt", "backend": "server", "model": "m"},
]


def rows(*arguments: Any) -> list[dict[str, Any]]:
    outcome = call("preview", *arguments, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    return [json.loads(line) for line in outcome.out.splitlines()]


def test_each_step_shows_its_rows_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    make_recipe(tmp_path, generator=STEPS)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    before = tree(tmp_path)
    shown = {row["step"]: row for row in rows(tmp_path / "recipe.toml", "-n", "3")}
    assert list(shown) == ["source", "template_fill", "swaps", "vae", "prompt"]
    assert [len(row["examples"]) for row in shown.values()] == [3, 3, 3, 0, 0]
    assert {example["origin"] for example in shown["swaps"]["examples"]} == {"swaps"}
    assert shown["vae"]["skipped"].startswith("trains or loads a network")
    assert "--dry-run" in shown["prompt"]["skipped"]
    assert tree(tmp_path) == before
    told = call("preview", tmp_path / "recipe.toml", "-n", "3").out.splitlines()
    assert [line for line in told if not line.startswith(" ")][:2] == ["source: 3 rows", "template_fill: 3 rows"]


def test_the_same_seed_shows_the_same_rows(tmp_path: Path):
    make_recipe(tmp_path, generator=STEPS[:2])
    assert rows(tmp_path / "recipe.toml") == rows(tmp_path / "recipe.toml")
    before = rows(tmp_path / "recipe.toml")
    write_recipe(tmp_path / "recipe.toml", generator=STEPS[:2], seed=4)
    assert rows(tmp_path / "recipe.toml") != before


def test_what_was_dropped_is_counted(tmp_path: Path):
    write_source(tmp_path / "source.jsonl", SENTENCES[:2])
    make_recipe(tmp_path, generator=[{"use": "word_deletion", "rate": 1.0, "policy": {"*": "keep"}}])
    (source, step) = rows(tmp_path / "recipe.toml", "-n", "20")
    assert len(source["examples"]) == 2
    assert len(step["examples"]) < 20
    assert step["made"] == len(step["examples"]) + sum(step["dropped"].values())


def test_copies_are_shown_of_the_first_examples(tmp_path: Path):
    make_recipe(tmp_path, generator=[{"use": "keyboard_slip"}], count=None, copies=3)
    source, step = rows(tmp_path / "recipe.toml", "-n", "7")
    parents = [example["parent"] for example in step["examples"]]
    assert parents == [source["examples"][row]["parent"] for row in (0, 0, 0, 1, 1, 1)]
    assert len(rows(tmp_path / "recipe.toml", "-n", "2")[1]["examples"]) == 2


def test_classes_are_shown_as_a_run_would_fill_them_up(tmp_path: Path):
    counts = {"a": 6, "b": 2, "c": 4}
    lines = [
        {"text": f"Number {n} goes to {name}.", "label": name} for name, most in counts.items() for n in range(most)
    ]
    (tmp_path / "source.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    recipe = {"generator": [{"use": "keyboard_slip"}], "count": None, "balance": True}
    write_recipe(tmp_path / "recipe.toml", **recipe)
    shown = rows(tmp_path / "recipe.toml", "-n", "3")[1]["examples"]
    assert sorted(example["label"] for example in shown) == ["b", "b", "c"]


def test_a_great_source_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_LABELLED", 5)
    recipe = make_recipe(tmp_path, generator=[{"use": "word_swap", "policy": {"GPE": "edit"}}])
    assert len(preview(recipe, 8)[0].examples) == 5
    write_source(tmp_path / "source.jsonl", [SENTENCES[1]] * 5 + SENTENCES)
    faulty = call("preview", tmp_path / "recipe.toml")
    assert (faulty.code, faulty.err.count("\n")) == (2, 1)
    assert faulty.err.endswith("; the preview has read the first 5 examples of the source alone\n")


def test_a_recipe_without_a_source_shows_its_steps(tmp_path: Path):
    (tmp_path / "templates.txt").write_text("{GREETING}, dear {NAME}!\n")
    values = {"GREETING": ["Hello", "Good day"], "NAME": ["Ada", "Bo", "Zoë"]}
    step = {"use": "template_fill", "templates": "templates.txt", "values": values}
    write_recipe(tmp_path / "recipe.toml", source=None, generator=[step], filter=[])
    (shown,) = preview(recipes.load(tmp_path / "recipe.toml"), 4)
    assert (shown.name, len(shown.examples)) == ("template_fill", 4)
