"""A run that is killed at any moment and started again comes out the same to the byte."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from workbench import TEXTSYNTH, call, installed, make_recipe, spawn, tree, write_package, write_recipe, write_source

from textsynth.components.learned import Learned
from textsynth.production.summary import read_finished

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no signals")

_FIRST = ("Ada", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal", "Ida", "Jo", "Kit", "Lou", "Max", "Ned", "Oz", "Pam")
_LAST = ("Abel", "Bose", "Curie", "Dirac", "Euler", "Fermi", "Gauss", "Hess", "Ising", "Joule", "Kepler", "Lie", "Mach")
_PLACES = ("Rome", "Oslo", "Lima", "Kyoto", "Bern", "Accra", "Quito", "Perth", "Turin", "Basra", "Delhi", "Cairo")

COUNT = 12_000
"""So few that a run takes a second beside what Python needs to start."""

MOMENTS: dict[str, Callable[[Path], bool]] = {
    "extracting": lambda out: (out / "recipe.toml").exists(),
    "fitting": lambda out: (out / "steps").exists(),
    "the first shards": lambda out: (out / "rejected.parquet.textsynth-partial").exists(),
    "many shards": lambda out: len(list(out.glob("steps/*/shard-*.arrow"))) > 60,
    "the dataset": lambda out: (out / "dataset.textsynth-partial").exists(),
    "the exports": lambda out: (out / "exports.textsynth-partial").exists(),
    "the end": lambda out: (out / "exports").exists(),
}

RANDOM = ("extracting", "fitting", "the first shards", "many shards")
"""The moments of which a random one is hit; those behind them pass too fast to be told apart."""


def write_project(folder: Path) -> Path:
    """Writes a recipe of `COUNT` examples in a hundred shards that come from two steps, one of which runs out."""
    names = [f"{first} {last}" for first in _FIRST for last in _LAST]
    rows = []
    for number, name in enumerate(names):
        other, place = names[-number - 1], _PLACES[number % len(_PLACES)]
        text = f"{name} wrote to {other} from {place} {number % 40} times."
        spans = [
            (text.index(name), "PERSON", name),
            (text.rindex(other), "PERSON", other),
            (text.rindex(place), "GPE", place),
        ]
        rows.append((text, [(start, start + len(mention), label) for start, label, mention in spans]))
    write_source(folder / "source.jsonl", rows)
    (folder / "few.txt").write_text("{PERSON} waits.\n")
    return write_recipe(
        folder / "recipe.toml",
        count=COUNT,
        shard_size=COUNT // 100,
        generator=[
            {"use": "mention_replacement"},
            {"use": "template_fill", "templates": "few.txt", "weight": 0.1},
        ],
        export={"formats": ["jsonl"], "task": "token-classification"},
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe, and beside it in `straight` the run of it that nothing disturbed."""
    folder = tmp_path_factory.mktemp("project")
    outcome = call("run", write_project(folder), "--out", folder / "straight", "--json")
    assert (outcome.code, outcome.json["delivered"]) == (0, COUNT)
    assert "under the least acceptance" in outcome.json["steps"]["template_fill"]["ended"]
    return folder


def kill_when(moment: Callable[[Path], bool], delay: float, project: Path, out: Path, workers: int) -> bool:
    """Starts the run and kills it and its workers some time after a moment; says whether it had ended before."""
    command = [TEXTSYNTH, "run", project / "recipe.toml", "--out", out, "--workers", str(workers), "--quiet"]
    process = subprocess.Popen(command, start_new_session=True)
    while process.poll() is None and not moment(out):
        time.sleep(0.001)
    time.sleep(delay)
    ended = process.poll() is not None
    os.killpg(process.pid, signal.SIGKILL) if not ended else None
    process.wait()
    return ended


@pytest.mark.slow
def test_killed_at_every_stage_and_started_again(project: Path, tmp_path: Path):
    out = tmp_path / "out"
    killed = []
    for number, (name, moment) in enumerate(MOMENTS.items()):
        if not kill_when(moment, 0.002, project, out, workers=1 + number % 2):
            killed.append(name)
    assert len(killed) >= 5, f"killed at {killed} of {list(MOMENTS)}"
    outcome = call("run", project / "recipe.toml", "--out", out, "--quiet")
    assert (outcome.code, outcome.err) == (0, ""), f"killed at {killed}"
    assert tree(out) == tree(project / "straight"), f"killed at {killed}"


@pytest.mark.slow
def test_killed_at_random_moments_and_started_again(project: Path, tmp_path: Path):
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    out = tmp_path / "out"
    told = [f"seed {seed}"]
    for _ in range(3):
        name, delay, workers = chance.choice(RANDOM), chance.uniform(0, 0.5), chance.choice([1, 2])
        ended = kill_when(MOMENTS[name], delay, project, out, workers)
        left = [stage for stage, reached in MOMENTS.items() if reached(out)]
        told.append(f"{workers} workers, {delay:.3f} s after {name!r}: {'ended' if ended else 'killed'}, left {left}")
        if ended:
            break
    history = "; ".join(told)
    outcome = call("run", project / "recipe.toml", "--out", out, "--quiet")
    assert (outcome.code, outcome.err) == (0, ""), history
    assert tree(out) == tree(project / "straight"), history


TRAINING = """
    def fit(self, resources, directory, rng):
        import os, signal
        from textsynth.components.learned import write_learned
        state = directory / "state"
        begun = state.exists()
        state.write_text("one epoch")
        if not begun and "KILL" in os.environ:
            (directory / "torn.textsynth-partial").write_text("half a checkpoint")
            os.kill(os.getpid(), signal.SIGKILL)
        state.unlink()
        write_learned(directory, {"epochs": 2, "limit": self.limit})
"""


@pytest.fixture
def training(tmp_path: Path) -> Iterator[None]:
    """Has `numbers` take two epochs to fit, and be killed between them where $KILL is set."""
    package = write_package(tmp_path / "package")
    code = (package / "numbers_of_ours.py").read_text()
    beginning = "\n    def fit(self, resources, directory, rng):\n"
    assert code.count(beginning) == 1
    (package / "numbers_of_ours.py").write_text(code.replace(beginning, TRAINING))
    with installed(package):
        yield


def files(directory: Path) -> list[str]:
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())


@pytest.mark.usefixtures("training")
def test_a_fit_that_was_killed_goes_on(tmp_path: Path):
    make_recipe(tmp_path, generator=[{"use": "numbers"}])
    recipe, steps = tmp_path / "recipe.toml", tmp_path / "out" / "steps"
    assert spawn("run", recipe, "--out", tmp_path / "out", KILL="1").code == -signal.SIGKILL
    assert files(steps) == [f"numbers/fitted.unfinished/{name}" for name in ("state", "torn.textsynth-partial")]
    outcome = spawn("run", recipe, "--out", tmp_path / "out", "--json", KILL="1")
    assert (outcome.code, outcome.json["learned"]) == (
        0,
        {"numbers": {"facts": {"epochs": 2, "limit": 1000}, "guarantee": None}},
    )
    assert call("run", recipe, "--out", tmp_path / "straight", "-q").code == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "straight")
    assert not [path for path in (tmp_path / "out").rglob("*") if "unfinished" in path.name]


@pytest.mark.slow
@pytest.mark.usefixtures("training")
def test_a_fit_that_was_killed_begins_again_where_its_options_change(tmp_path: Path):
    make_recipe(tmp_path, generator=[{"use": "numbers"}])
    recipe, out = tmp_path / "recipe.toml", tmp_path / "out"
    assert spawn("run", recipe, "--out", out, KILL="1").code == -signal.SIGKILL
    make_recipe(tmp_path, generator=[{"use": "numbers", "limit": 500}])
    assert spawn("run", recipe, "--out", out, KILL="1").code == -signal.SIGKILL
    assert spawn("run", recipe, "--out", out, "--quiet", KILL="1").code == 0
    assert call("run", recipe, "--out", tmp_path / "straight", "-q").code == 0
    assert tree(out) == tree(tmp_path / "straight")
    assert read_finished(out).learned == {"numbers": Learned({"epochs": 2, "limit": 500})}
