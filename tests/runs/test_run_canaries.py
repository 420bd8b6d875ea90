"""A run with canaries: they are learnt, looked for and reported, and not one is delivered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from workbench import ROOT, make_recipe, tree

from textsynth import formats
from textsynth.errors import OptionError
from textsynth.recipes.recipe import Recipe
from textsynth.runs.run import run

ASKED = {"metrics": ["disclosure"]}
BITS, TOLD = "exposure by words in a row in the output", "canaries told by words in a row in the output"


def make(folder: Path, **content: Any) -> Recipe:
    source = {"path": str(ROOT / "corpora" / "support.jsonl"), "heldout": 0.2}
    return make_recipe(folder, source=source, evaluate=ASKED, canaries={"count": 20}, **({"count": 200} | content))


def read_scores(out: Path) -> dict[str, Any]:
    return json.loads((out / "report" / "report.json").read_text(encoding="utf-8"))["metrics"]["disclosure"]["scores"]


def test_a_generator_that_copies_exposes_them_and_none_is_delivered(tmp_path: Path):
    summary = run(make(tmp_path, generator=[{"use": "word_deletion"}], count=600), tmp_path / "out")
    scores = read_scores(tmp_path / "out")
    assert scores[TOLD]["low"] > 0
    assert scores[BITS]["value"] > 3 > scores[BITS]["heldout"]
    assert summary.delivered == 600
    assert summary.dropped["repeats a canary"] > 0
    delivered = formats.read(tmp_path / "out" / "dataset", "datasets", options={"split": "all"})
    extracted = formats.read(tmp_path / "out" / "extracted" / "source.parquet")
    origins = delivered.table.column("origin").to_pylist()
    assert origins.count("source") == len(extracted) == summary.source.examples
    dropped = formats.read(tmp_path / "out" / "rejected.parquet").table.column("parent").to_pylist()
    assert not set(delivered.table.column("text").to_pylist()) & set(dropped)


def test_copies_are_those_of_the_source_alone(tmp_path: Path):
    recipe = make(tmp_path, generator=[{"use": "word_swap"}], count=None, copies=1)
    summary = run(recipe, tmp_path / "out")
    assert summary.asked == summary.source.examples
    assert "repeats a canary" not in summary.dropped


def test_the_same_run_gives_the_same_bytes(tmp_path: Path):
    for name in ("one", "two"):
        run(make(tmp_path), tmp_path / name)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"evaluate": None}, r"\[canaries\] must have an \[evaluate\] with the metric 'disclosure', has none"),
        (
            {"evaluate": {"metrics": ["variety"]}},
            r"\[canaries\] must have an \[evaluate\] with the metric 'disclosure'",
        ),
        ({"filter": [{"use": "length", "name": "canaries"}]}, "no filter must have the name 'canaries'"),
        ({"canaries": {"count": 3}}, r"\[canaries\]: option 'count' must be"),
    ],
)
def test_what_cannot_be_told_is_refused(content: dict[str, Any], message: str, tmp_path: Path):
    with pytest.raises(OptionError, match=message):
        make_recipe(tmp_path, **({"evaluate": ASKED, "canaries": {}} | content))
