"""Ray makes the same bytes as one process, whatever is killed meanwhile, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from workbench import ROOT, TEXTSYNTH, call, hear_ctrl_c, installed, make_recipe, spawn, tree, write_package

pytest.importorskip("ray")

TOY = '''

import os
import signal
import time


@dataclass(frozen=True, kw_only=True)
class Toy(Numbers):
    """Counts, and is slow, long or killed.

    Args:
        kills: how often a process is killed at it.
        seconds: of sleep for each shard.
        length: characters of a text.
    """

    kills: int = 0
    seconds: float = 0.0
    length: int = 1

    def fit(self, resources, directory, rng):
        import logging

        logging.getLogger("textsynth.toy").warning("learnt from %d examples", len(resources.source))
        super().fit(resources, directory, rng)

    def sampler(self, directory):
        notes = Path(os.environ["NOTES"])
        (notes / f"built-{os.getpid()}-{time.monotonic_ns()}").touch()
        numbers = super().sampler(directory)

        def sample(count, rng, label=None):
            if len(list(notes.glob("killed-*"))) < self.kills:
                (notes / f"killed-{os.getpid()}").touch()
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(self.seconds)
            made = numbers(count, rng, label)
            return Corpus.from_columns(text=[text + "." * self.length for text in made.texts.to_pylist()])

        return sample


@dataclass(frozen=True, kw_only=True)
class Device(Toy):
    """Needs torch, and so a GPU if there is one."""

    extras = ("torch",)
'''


STOPPED = """
import signal, sys, threading, time
from pathlib import Path
import ray
import textsynth as ts

ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, _temp_dir=sys.argv[3])
def stop():
    while len(list(Path(sys.argv[2]).glob("steps/*/shard-*.arrow"))) < 3:
        time.sleep(0.05)
    signal.raise_signal(signal.SIGINT)
threading.Thread(target=stop, daemon=True).start()
try:
    ts.run_recipe(ts.load_recipe(sys.argv[1]), sys.argv[2], engine="ray")
except KeyboardInterrupt:
    time.sleep(1)
    print(ray.get(ray.put("still there")), len(list(Path(sys.argv[2]).glob("*.partial"))))
"""


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Has the generators `toy` and `device`; gives a folder in which they note what happens."""
    package = write_package(tmp_path / "package")
    code = package / "numbers_of_ours.py"
    code.write_text(code.read_text() + TOY)
    entries = next(package.glob("*.dist-info")) / "entry_points.txt"
    more = "toy = numbers_of_ours:Toy\ndevice = numbers_of_ours:Device\n"
    entries.write_text(entries.read_text().replace("[textsynth.generators]\n", f"[textsynth.generators]\n{more}"))
    notes = tmp_path / "notes"
    notes.mkdir()
    monkeypatch.setenv("NOTES", str(notes))
    with installed(package):
        yield notes


def write_toy(folder: Path, shards: int = 12, **options: Any) -> Path:
    """Writes the recipe of a toy."""
    make_recipe(folder, count=50 * shards, shard_size=50, generator=[{"use": "toy", "limit": 10**9} | options])
    return folder / "recipe.toml"


def run_straight(recipe: Path) -> dict[str, bytes]:
    """Runs a recipe in one process, and returns the bytes."""
    outcome = call("run", recipe, "--out", recipe.parent / "straight", "--quiet")
    assert outcome.code == 0, outcome.err
    return tree(recipe.parent / "straight")


@dataclass
class Machines:
    """A cluster of Ray, all of it on this machine."""

    folder: Path
    cluster: Any = None
    others: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def begin(self, **options: Any) -> None:
        from ray.cluster_utils import Cluster

        options = {"temp_dir": str(self.folder), "include_dashboard": False} | options
        self.cluster = Cluster(initialize_head=True, head_node_args=options)

    def add_blind(self, hidden: Path, *options: str) -> None:
        """Adds a machine that sees an empty folder in the place of `hidden`."""
        hidden.mkdir(exist_ok=True)
        start = Path(sys.executable).with_name("ray"), "start", f"--address={self.cluster.address}", "--block", *options
        script = 'mount -t tmpfs none "$1" && shift && exec "$@"'
        command = ["unshare", "--mount", "sh", "-c", script, "sh", hidden, *start]
        with (self.folder / "start.log").open("wb") as log:
            self.others.append(subprocess.Popen(command, stdout=log, stderr=log))
        wait(lambda: len(self.cluster.global_state._live_node_ids()) == 1 + len(self.others))

    def end(self) -> None:
        if self.cluster is None:
            return
        for process in self.others:
            process.terminate()
            process.wait()
        self.cluster.shutdown()

    def lose_blind(self) -> None:
        """Kills Ray's own process on a blind machine."""
        started = psutil.Process(self.others[0].pid)
        [raylet] = [each for each in started.children(recursive=True) if each.name() == "raylet"]
        raylet.kill()


@pytest.fixture
def machines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machines]:
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    (Path(tempfile.gettempdir()) / "ray").mkdir(exist_ok=True)  # It writes its address there, wherever the rest is.
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # Sockets want a short path.
    found = Machines(folder)
    try:
        yield found
    finally:
        found.end()
        shutil.rmtree(folder, ignore_errors=True)


def wait(until: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end
        time.sleep(0.05)


def count_shards(out: Path) -> int:
    return len(list(out.glob("steps/*/shard-*.arrow")))


def find_work(raylet: psutil.Process) -> int:
    """Counts the tasks that a machine of Ray is at work on."""
    return sum("_work" in each.name() or "_work" in "".join(each.cmdline()) for each in raylet.children(recursive=True))


@contextlib.contextmanager
def started(recipe: Path, out: Path, *options: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Starts a run that has made a few shards when the block begins."""
    command = [TEXTSYNTH, "run", recipe, "--out", out, "--engine", "ray", *options]
    with subprocess.Popen(
        command,
        env=os.environ | environment,
        start_new_session=True,
        preexec_fn=hear_ctrl_c,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        wait(lambda: count_shards(out) >= 3 or process.poll() is not None)
        assert process.poll() is None, process.stderr and process.stderr.read()
        yield process


def test_ray_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    make_recipe(tmp_path)
    outcome = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "--engine", "ray")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "--engine ray: Ray is not installed; pip install 'textsynth-corpora[ray]'" in outcome.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1:9", "127.0.0.1:9 cannot be reached: Connection refused"),
        ("ray://127.0.0.1:9", "must be HOST:PORT of a cluster's head, 'auto' or 'local', was: 'ray://127.0.0.1:9'"),
        ("127.0.0.1", "was: '127.0.0.1'"),
    ],
)
def test_a_cluster_that_is_not_there_is_named(address: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RAY_ADDRESS", address)
    make_recipe(tmp_path)
    outcome = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "--engine", "ray")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert said in outcome.err
    assert not (tmp_path / "out").exists()


def test_an_engine_that_is_not_there_is_named(tmp_path: Path):
    make_recipe(tmp_path)
    outcome = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "--engine", "rey")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "there is nothing of the name 'rey'; did you mean 'ray'?" in outcome.err


@pytest.mark.slow
def test_ray_makes_the_same_bytes(tmp_path: Path):
    steps = [{"use": "mention_replacement"}, {"use": "word_deletion"}]
    make_recipe(tmp_path, count=400, shard_size=50, generator=steps, filter=[{"use": "length"}])
    straight = run_straight(tmp_path / "recipe.toml")
    home = tmp_path / "home"
    home.mkdir()
    words = ("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "--engine", "ray", "-q")
    outcome = spawn(*words, HOME=str(home), TEXTSYNTH_CACHE=str(tmp_path / "cache"))
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    assert tree(tmp_path / "out") == straight
    assert list(home.iterdir()) == []


@pytest.mark.slow
def test_a_network_is_the_same_too(tmp_path: Path):
    pytest.importorskip("torch")
    network = {"use": "language_model", "training": {"epochs": 1}}
    source = {"path": str(ROOT / "corpora" / "newsroom.jsonl")}
    make_recipe(tmp_path, count=60, shard_size=20, allow_fewer=True, source=source, generator=[network])
    outcome = spawn("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "--engine", "ray", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.json["steps"]["language_model"]["made"] >= 60
    assert tree(tmp_path / "out") == run_straight(tmp_path / "recipe.toml")


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced(toys: Path, tmp_path: Path):
    recipe = write_toy(tmp_path, kills=2)
    outcome = spawn("run", recipe, "--out", tmp_path / "out", "--engine", "ray", "--workers", "2", "--quiet")
    assert (outcome.code, outcome.err) == (0, "")
    assert len(list(toys.glob("killed-*"))) == 2
    assert tree(tmp_path / "out") == run_straight(recipe)


@pytest.mark.slow
@pytest.mark.usefixtures("toys")
def test_a_shard_that_always_kills_its_worker_ends_the_run(tmp_path: Path):
    recipe = write_toy(tmp_path, kills=1000)
    outcome = spawn("run", recipe, "--out", tmp_path / "out", "--engine", "ray", "--workers", "1", "--quiet")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "shard 0 of step 'toy': a process of Ray must live until its work is done, was lost 3 times" in outcome.err


@pytest.mark.slow
@pytest.mark.usefixtures("toys")
def test_a_machine_that_is_short_of_memory_ends_the_run(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A machine of Ray's kills what runs there if less memory is free than it wants, which here is nearly all."""
    monkeypatch.setenv("RAY_memory_usage_threshold", "0.01")
    monkeypatch.setenv("RAY_memory_monitor_refresh_ms", "50")
    machines.begin(num_cpus=1)
    recipe, address = write_toy(tmp_path, seconds=5), machines.cluster.address
    outcome = spawn("run", recipe, "--out", tmp_path / "out", "--engine", "ray", "--quiet", RAY_ADDRESS=address)
    assert (outcome.code, outcome.out) == (2, "")
    assert "a process of Ray must live until its work is done, was lost 3 times, for lack of memory" in outcome.err


@pytest.mark.slow
@pytest.mark.usefixtures("toys")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_no_process(number: signal.Signals, tmp_path: Path):
    recipe = write_toy(tmp_path, shards=30, seconds=0.3)
    with started(recipe, tmp_path / "out", "--quiet", "--workers", "2") as process:
        family = psutil.Process(process.pid).children(recursive=True)
        assert {"raylet", "gcs_server"} <= {each.name() for each in family}
        process.send_signal(number)
        told = process.communicate(timeout=15)[1].decode()
        assert (process.returncode, told) == (128 + number, "textsynth: stopped; the same command goes on\n")
    assert psutil.wait_procs(family, 1)[1] == []


@pytest.mark.slow
@pytest.mark.usefixtures("toys")
def test_a_run_that_is_stopped_leaves_no_work_to_a_cluster(machines: Machines, tmp_path: Path):
    machines.begin(num_cpus=2)
    recipe, address = write_toy(tmp_path, shards=30, seconds=20), machines.cluster.address
    raylet = psutil.Process(machines.cluster.head_node.all_processes["raylet"][0].process.pid)
    command = [TEXTSYNTH, "run", recipe, "--out", tmp_path / "out", "--engine", "ray", "--quiet"]
    environment = os.environ | {"RAY_ADDRESS": address}
    with subprocess.Popen(command, env=environment, preexec_fn=hear_ctrl_c) as process:
        wait(lambda: find_work(raylet) == 2)
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 130
    wait(lambda: find_work(raylet) == 0, 10)


@pytest.mark.slow
@pytest.mark.usefixtures("toys")
def test_a_run_that_is_stopped_leaves_ray_to_who_had_it_before(machines: Machines, tmp_path: Path):
    recipe = write_toy(tmp_path, shards=30, seconds=0.3)
    command = [sys.executable, "-c", STOPPED, recipe, tmp_path / "out", machines.folder]
    stopped = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=hear_ctrl_c)
    assert (stopped.returncode, stopped.stdout) == (0, "still there 0\n"), stopped.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("toys")
def test_a_run_that_is_killed_goes_on(tmp_path: Path):
    recipe = write_toy(tmp_path, shards=16, seconds=0.2)
    with started(recipe, tmp_path / "out", "--quiet", "--workers", "2") as process:
        # Ray's two agents ask for their parent for a minute before they end too.
        family = psutil.Process(process.pid).children(recursive=True)
        family = [each for each in family if not each.name().endswith("Agent")]
        process.kill()
    assert psutil.wait_procs(family, 15)[1] == []
    outcome = spawn("run", recipe, "--out", tmp_path / "out", "--engine", "ray", "--quiet")
    assert (outcome.code, outcome.err) == (0, "")
    assert tree(tmp_path / "out") == run_straight(recipe)


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again(tmp_path: Path):
    make_recipe(tmp_path, count=6000, shard_size=50, filter=[], export={"formats": ["jsonl"]})
    recipe, out, seed = tmp_path / "recipe.toml", tmp_path / "out", random.randrange(2**32)
    straight, chance, told = run_straight(recipe), random.Random(seed), [f"seed {seed}"]
    command, begun = [TEXTSYNTH, "run", recipe, "--out", out, "--engine", "ray", "--quiet"], time.monotonic()
    assert spawn(*command[1:]).code == 0
    usual = time.monotonic() - begun
    for _ in range(int(os.environ.get("TEXTSYNTH_KILLS", "3"))):
        if (out / "run.json").exists():
            assert tree(out) == straight, told
            shutil.rmtree(out)
        process = subprocess.Popen([*command, "--workers", str(chance.choice([1, 2]))], start_new_session=True)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0, usual))
        process.kill()  # What Ray has started ends by itself, while the next run is at work or before.
        told.append(f"{process.wait()} with {count_shards(out)} shards, exports {(out / 'exports').exists()}")
        time.sleep(chance.choice([0, 5]))
    outcome = call(*command[1:])
    assert (outcome.code, outcome.err) == (0, ""), told
    assert tree(out) == straight, told


@pytest.mark.slow
@pytest.mark.usefixtures("toys")
def test_a_machine_that_is_lost_is_done_without(machines: Machines, tmp_path: Path):
    machines.begin(num_cpus=1)
    second = machines.cluster.add_node(num_cpus=2, temp_dir=str(machines.folder))
    recipe = write_toy(tmp_path, shards=24, seconds=0.2)
    with started(recipe, tmp_path / "out", "--quiet", RAY_ADDRESS=machines.cluster.address) as process:
        psutil.Process(second.all_processes["raylet"][0].process.pid).kill()
        assert process.communicate(timeout=300) == (b"", b"")
    assert process.returncode == 0
    assert tree(tmp_path / "out") == run_straight(recipe)


is_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may hide a folder")


@pytest.mark.slow
@is_root
def test_machines_need_not_share_a_disk(machines: Machines, tmp_path: Path):
    steps = [{"use": "mention_replacement"}, {"use": "word_deletion"}]
    make_recipe(tmp_path, count=400, shard_size=50, generator=steps, filter=[{"use": "length"}])
    machines.begin(num_cpus=0)
    machines.add_blind(tmp_path / "hidden", "--num-cpus=2")
    out, address = tmp_path / "hidden" / "out", machines.cluster.address
    outcome = spawn("run", tmp_path / "recipe.toml", "--out", out, "--engine", "ray", "-q", RAY_ADDRESS=address)
    assert (outcome.code, outcome.err) == (0, "")
    assert tree(out) == run_straight(tmp_path / "recipe.toml")


@pytest.mark.slow
@is_root
@pytest.mark.usefixtures("toys")
def test_a_machine_is_lost_with_shards_that_were_not_brought_yet(machines: Machines, tmp_path: Path):
    machines.begin(num_cpus=0)
    machines.add_blind(tmp_path / "hidden", "--num-cpus=2")
    machines.add_blind(tmp_path / "hidden", "--num-cpus=2")
    recipe = write_toy(tmp_path, shards=18, seconds=0.3, length=20_000)
    out = tmp_path / "hidden" / "out"
    with started(recipe, out, "--quiet", RAY_ADDRESS=machines.cluster.address) as process:
        machines.lose_blind()
        process.communicate(timeout=300)
    assert process.returncode == 0
    assert tree(out) == run_straight(recipe)


@pytest.mark.slow
@is_root
@pytest.mark.usefixtures("toys")
def test_a_full_object_store_loses_nothing(machines: Machines, tmp_path: Path):
    """What comes back at a time is 120 MB, and the store of the machine that makes it has 80."""
    recipe = write_toy(tmp_path, shards=16, length=200_000)
    machines.begin(num_cpus=0, object_store_memory=80 * 2**20)
    machines.add_blind(tmp_path / "hidden", "--num-cpus=4", f"--object-store-memory={80 * 2**20}")
    out, address = tmp_path / "hidden" / "out", machines.cluster.address
    outcome = spawn("run", recipe, "--out", out, "--engine", "ray", RAY_ADDRESS=address)
    assert outcome.code == 0, outcome.err
    assert "learnt from 8 examples" in outcome.err
    assert "Spilled" in "".join(log.read_text() for log in machines.folder.glob("session_*/logs/raylet*"))
    assert tree(out) == run_straight(recipe)


@pytest.mark.slow
def test_a_sampler_stays_loaded_on_a_gpu(toys: Path, machines: Machines, tmp_path: Path):
    """Ray counts GPUs and does not look at them, so the one here may be missing."""
    pytest.importorskip("torch")
    machines.begin(num_cpus=2, num_gpus=1)
    recipe = write_toy(tmp_path, use="device")
    outcome = spawn("run", recipe, "--out", tmp_path / "out", "--engine", "ray", RAY_ADDRESS=machines.cluster.address)
    assert outcome.code == 0, outcome.err
    assert count_shards(tmp_path / "out") == 12
    assert len(list(toys.glob("built-*"))) == 1
