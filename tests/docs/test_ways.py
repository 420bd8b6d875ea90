"""The ways in which README begins, from the install to a trained model, line by line as a shell takes them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from chat_server import ChatServer, obedient, running
from code_blocks import Block, code_blocks
from workbench import ROOT

pytestmark = pytest.mark.slow

WAYS = [block for block in code_blocks(ROOT / "README.md") if "tests/docs/test_ways.py" in block.comment]

QUICK = {
    "train_spacy.sh": " --training.max_steps 20 --training.eval_frequency 10",
    "train_transformers.py": " --epochs 1",
}
"""What makes training quick."""

MODELS = {"train_spacy.sh": "model-best/meta.json", "train_transformers.py": "config.json"}
"""What a script leaves of its model."""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment into which pip has installed the distribution, whose dependencies are ours."""
    place = tmp_path_factory.mktemp("installed")
    tree, environment = place / "tree", place / "environment"
    shutil.copytree(ROOT / "textsynth", tree / "textsynth", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    offline = ["--quiet", "--no-index", "--no-deps"]
    pip = [sys.executable, "-m", "pip"]
    subprocess.run([*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", place, tree], check=True)
    subprocess.run([*pip, "--python", python, "install", *offline, *place.glob("*.whl")], check=True)
    (packages,) = environment.glob("lib/*/site-packages")
    assert (packages / "textsynth" / "__init__.py").exists()
    # Behind what is installed there; the checkout that ours may name in a file of its own is not followed.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return environment / "bin"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout as far as these lines need one, whose recipes ask a server of ours."""
    (tmp_path / "corpora").symlink_to(ROOT / "corpora")
    shutil.copytree(ROOT / "recipes", tmp_path / "recipes")
    return tmp_path


def test_there_is_a_way_for_each_kind_of_user():
    assert len(WAYS) == 4


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_way_ends_in_a_trained_model(way: Block, folder: Path, installed: Path):
    others = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    programs = f"{installed}{os.pathsep}{os.environ['PATH']}"
    environment = others | {"PATH": programs, "HF_HUB_OFFLINE": "1", "NO_PROXY": "127.0.0.1"}
    with running(ChatServer(obedient)) as server:
        recipe = folder / "recipes" / "labels_only.toml"
        recipe.write_text(recipe.read_text().replace("http://localhost:8000/v1", server.address))
        for line in way.text.strip().splitlines():
            command = line.partition("  #")[0].strip()
            script = next((name for name in QUICK if name in command), "")
            done = subprocess.run(
                ["sh", "-c", command + QUICK.get(script, "")],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    model = command.split("--out ")[-1] if "--out " in command else command.split()[-2]
    assert (folder / model / MODELS[script]).exists()
