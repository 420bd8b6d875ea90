"""Every recipe of the project runs, twice alike."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from workbench import ROOT, call, tree

from textsynth import formats

RECIPES = sorted((ROOT / "recipes").glob("*.toml"))


def run_twice(path: Path, folder: Path) -> Path:
    for name in ("one", "two"):
        outcome = call("run", path, "--out", folder / name, "--json")
        assert (outcome.code, outcome.err) == (0, ""), outcome.err
        assert outcome.json["state"] == "complete"
    assert tree(folder / "one") == tree(folder / "two")
    return folder / "one"


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_runs_twice_alike(path: Path, tmp_path: Path):
    """With a smaller count, but for the quickstart, which runs as it is."""
    (tmp_path / "corpora").symlink_to(ROOT / "corpora")
    (tmp_path / "recipes").mkdir()
    copy = Path(shutil.copy(path, tmp_path / "recipes"))
    if path.stem != "quickstart":
        copy.write_text(re.sub(r"^count = \d+", "count = 300", copy.read_text(), flags=re.MULTILINE))
    out = run_twice(copy, tmp_path)
    corpus = formats.read(out / "dataset", "datasets", options={"split": "all"})
    assert len(set(corpus.texts.to_pylist())) == len(corpus) >= 300
    assert corpus.labels


def test_there_are_the_recipes_the_readme_tells_of():
    assert {"augment_ner", "classify", "pii", "quickstart"} <= {path.stem for path in RECIPES}


def test_classify_evens_out_the_classes(tmp_path: Path):
    outcome = call("run", ROOT / "recipes" / "classify.toml", "--out", tmp_path / "out", "--json")
    source = formats.read(ROOT / "corpora" / "support.jsonl")
    before = Counter(source.table.column("label").to_pylist())
    assert len(set(before.values())) > 1
    after = before + Counter(outcome.json["classes"])
    assert set(after.values()) == {max(before.values())}
