"""Fine-tuning on two processes, as `accelerate launch` starts them: gradients add up to those of one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny_models
from tiny_language import source
from workbench import tree, write_recipe

from textsynth import formats
from textsynth.recipes import recipe as recipes
from textsynth.runs.run import run
from textsynth.training.checkpoint import read_state

ACCELERATE = Path(sys.executable).with_name("accelerate")
KINDS = {"causal_lm": "gpt", "masked_lm": "bert", "seq2seq": "t5"}


def launch(recipe: Path, out: Path) -> dict[str, bytes]:
    """Runs a recipe on two processes."""
    launcher = [ACCELERATE, "launch", "--multi_gpu", "--num_processes", "2", "--num_machines", "1"]
    launcher += ["--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0", "-m"]
    done = subprocess.run(
        [*launcher, "textsynth", "run", recipe, "--out", out, "--quiet"],
        env=os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return tree(out)


@pytest.mark.slow
@pytest.mark.parametrize("generator", KINDS)
def test_two_processes_learn_what_one_does(generator: str, tmp_path: Path):
    table = {"use": generator, "model": tiny_models.model(KINDS[generator])}
    table |= {"tuning": {"epochs": 2}, "loading": {"device": "cpu"}}
    formats.write(source(40), tmp_path / "source.jsonl")
    recipe = write_recipe(tmp_path / "recipe.toml", count=5, generator=[table], filter=[], min_acceptance=0.001)
    run(recipes.load(recipe), tmp_path / "one")
    two = launch(recipe, tmp_path / "two")
    assert launch(recipe, tmp_path / "again") == two
    fitted = f"steps/{generator}/fitted"
    curves = [json.loads((tmp_path / out / fitted / "curves.json").read_text()) for out in ("one", "two")]
    for name, values in next(iter(curves[0].values())).items():
        np.testing.assert_allclose(values, next(iter(curves[1].values()))[name], rtol=0.02)
    one, other = (read_state(tmp_path / out / fitted / "tuned.safetensors") for out in ("one", "two"))
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], atol=0.01)
    assert json.loads(two["run.json"])["learned"][generator]["facts"]["processes"] == 2
    assert "processes" not in json.loads((tmp_path / "one" / "run.json").read_text())["learned"][generator]["facts"]
