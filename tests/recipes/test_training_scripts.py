"""The scripts that train a model on what a run leaves: a tagger and a classifier, by spaCy and by transformers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from workbench import ROOT, call, make_recipe

pytestmark = pytest.mark.slow

FEW_STEPS = ("--training.max_steps", "20", "--training.eval_frequency", "10")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two finished runs: ner, with mentions, and textcat, with classes."""
    folder = tmp_path_factory.mktemp("runs")
    for name, corpus, task in (("ner", "newsroom", "token"), ("textcat", "support", "text")):
        export = {"task": f"{task}-classification", "formats": ["spacy"]}
        make_recipe(folder, count=200, source={"path": str(ROOT / "corpora" / f"{corpus}.jsonl")}, export=export)
        assert call("run", folder / "recipe.toml", "--out", folder / name, "-q").code == 0
    return folder


def script(*command: str | Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHON": sys.executable, "HF_HUB_OFFLINE": "1"}
    return subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("pipeline", ["ner", "textcat"])
def test_spacy_trains_on_what_a_run_has_exported(pipeline: str, runs: Path, tmp_path: Path):
    import spacy

    done = script("sh", ROOT / "recipes" / "train_spacy.sh", runs / pipeline, tmp_path / "model", pipeline, *FEW_STEPS)
    assert done.returncode == 0, done.stdout + done.stderr
    model = spacy.load(tmp_path / "model" / "model-best")
    assert model.pipe_names == {"ner": ["tok2vec", "ner"], "textcat": ["textcat"]}[pipeline]
    assert {"ner": "PERSON", "textcat": "refund_request"}[pipeline] in model.get_pipe(pipeline).labels


@pytest.mark.parametrize("kind", ["ner", "textcat"])
def test_transformers_are_trained_on_the_dataset_of_a_run(kind: str, runs: Path, tmp_path: Path):
    from datasets import load_from_disk
    from transformers import pipeline

    task = {"ner": "token-classification", "textcat": "text-classification"}[kind]
    train = (sys.executable, ROOT / "recipes" / "train_transformers.py", runs / kind, "--epochs", "1", "--out")
    done = script(*train, tmp_path / "scratch")
    assert done.returncode == 0, done.stderr
    has_others = len(load_from_disk(str(runs / kind / "dataset"))) > 1
    assert ("eval_accuracy" if has_others else "no other split than train") in done.stdout
    again = script(*train, tmp_path / "tuned", "--model", tmp_path / "scratch")
    assert again.returncode == 0, again.stderr
    labels = set(json.loads((tmp_path / "tuned" / "config.json").read_text())["id2label"].values())
    assert {"ner": "B-PERSON", "textcat": "refund_request"}[kind] in labels
    said = pipeline(task, model=str(tmp_path / "tuned"))("Sorcha Devane chaired the meeting.")
    assert isinstance(said, list)


def test_a_run_without_what_a_trainer_takes_is_refused_in_one_line(runs: Path, tmp_path: Path):
    make_recipe(tmp_path, count=10)
    assert call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "-q").code == 0
    spacy = script("sh", ROOT / "recipes" / "train_spacy.sh", tmp_path / "out", tmp_path / "model", "ner")
    assert (spacy.returncode, spacy.stderr.count("\n")) == (2, 1)
    assert 'the recipe must have formats = ["spacy"] under [export]' in spacy.stderr
    made = script(
        sys.executable, ROOT / "recipes" / "train_transformers.py", tmp_path / "out", "--out", tmp_path / "model"
    )
    assert made.returncode == 1
    assert made.stderr.endswith("must have tags or one class a text; the recipe needs a task under [export]\n")
