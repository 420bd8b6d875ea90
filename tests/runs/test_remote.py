"""Runs in storage that a URL names: memory, and moto's server of S3."""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from workbench import TEXTSYNTH, call, make_recipe, tree

from textsynth.errors import OptionError, OutputError
from textsynth.foundation.storage import Storage
from textsynth.runs.remote import Lease, Mirror, open_place
from textsynth.runs.run import run


def fetch(url: str, folder: Path) -> dict[str, bytes]:
    """Returns what stands under a URL, as `tree` does; nothing of a lease is left."""
    storage = Storage(url)
    for name in storage.list():
        assert not name.startswith(".textsynth-lease")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        storage.get(name, folder / name)
    return tree(folder)


def leave_lease(url: str, **who: object) -> Storage:
    """Leaves the lease of a process that was killed."""
    storage = Storage(url)
    storage.put(".textsynth-lease/000007", json.dumps(who).encode())
    return storage


def test_a_run_in_storage_is_that_in_a_directory(tmp_path: Path):
    recipe = make_recipe(tmp_path, export={"formats": ["jsonl"]})
    summary = run(recipe, "memory://same/run")
    assert run(recipe, tmp_path / "straight").delivered == summary.delivered
    assert fetch("memory://same/run", tmp_path / "got") == tree(tmp_path / "straight")
    before = Storage("memory://same/run").list()
    assert run(recipe, "memory://same/run") == summary, "what has ended is shown again"
    assert Storage("memory://same/run").list() == before


def test_what_came_half_is_made_again(tmp_path: Path):
    recipe = make_recipe(tmp_path)
    run(recipe, "memory://half")
    run(recipe, tmp_path / "straight")
    storage = Storage("memory://half")
    coming = [name for name in storage.list() if name.startswith("dataset/") or name == "run.json"]
    for name in coming[2:]:
        storage.delete(name)
    storage.put(".textsynth-intent", json.dumps(coming).encode())
    run(recipe, "memory://half")
    assert fetch("memory://half", tmp_path / "got") == tree(tmp_path / "straight")


def test_what_is_put_or_deleted_is_written_down_before(tmp_path: Path):
    with open_place("memory://down") as place:
        (place / "a").mkdir(parents=True)
        (place / "a" / "one").write_text("1")
    storage = Storage("memory://down")
    assert list(storage.list()) == ["a/one"]
    seen: list[bytes] = []

    class Noting(Storage):
        def put(self, name: str, content: Path | bytes) -> None:
            if name != ".textsynth-intent":
                seen.append(self.read(".textsynth-intent"))
            super().put(name, content)

    with open_place("memory://down") as place:
        (place / "a").rename(place / "b")
        (place / "two").write_text("2")
        Mirror(Noting("memory://down"), Lease(storage, 10**6 - 1), place, {"a/one": (0, 0, 0)}).put_all()
    assert seen
    assert all(sorted(json.loads(each)) == ["b/one", "two"] for each in seen)
    assert sorted(storage.list()) == ["b/one", "two"]


def test_the_files_of_others_stay(tmp_path: Path):
    storage = Storage("memory://others")
    storage.put("notes.txt", b"mine")
    with pytest.raises(OutputError, match="must be empty"):
        run(make_recipe(tmp_path), "memory://others")
    assert list(storage.list()) == ["notes.txt"]
    assert storage.read("notes.txt") == b"mine"


def test_a_lease_keeps_others_out_as_long_as_it_is_renewed():
    waited: list[float] = []
    leave_lease("memory://dead", host="elsewhere", process=1, beats=3)
    with Lease.take(Storage("memory://dead"), waited.append).hold() as lease:
        assert (lease.number, waited) == (8, [30.0])
        lease.renew()
        with pytest.raises(OutputError, match=r"must not be in use, the process \d+ of .* is at work in it"):
            Lease.take(Storage("memory://dead"), lambda _: lease.renew())
    assert list(Storage("memory://dead").list()) == []


def test_a_holder_that_was_slow_stops():
    def write_late() -> None:
        with open_place("memory://slow") as place:
            Storage("memory://slow").put(".textsynth-lease/000002", b"{}")
            place.mkdir()
            (place / "late.txt").write_text("too late")

    with pytest.raises(OutputError, match="another process has taken it over"):
        write_late()
    assert list(Storage("memory://slow").list()) == [".textsynth-lease/000002"]


def test_one_of_two_that_come_at_once_goes_on():
    storage = Storage("memory://race")

    def come_first(_: float) -> None:
        assert storage.create(".textsynth-lease/000008", b"{}")

    leave_lease("memory://race", host="elsewhere", process=1)
    with pytest.raises(OutputError, match="another process has just begun"):
        Lease.take(storage, come_first)


def test_what_is_gone_when_it_is_got_is_said_in_a_line(bucket: dict[str, str], tmp_path: Path):
    for url in ("memory://gone", "s3://runs/gone"):
        with pytest.raises(OutputError, match=rf"^{url}: must not change while it is read, has; start again$"):
            Storage(url).get("shard", tmp_path / "shard")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("s3://key:secret@bucket/run", "must have no credentials"),
        ("ftp://host/run", "ftp://host/run: must be a path or begin with one of s3://, gs://"),
    ],
)
def test_a_url_that_is_none_of_ours(url: str, says: str):
    with pytest.raises(OptionError, match=says) as caught:
        Storage(url)
    assert "secret" not in str(caught.value)


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, str]]:
    """A server of S3 with an empty bucket, and the environment that names it."""
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").disabled = True
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    secrets = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI", "AWS_REGION": "us-east-1"}
    environment = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", **secrets}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="runs")
        yield environment
    server.stop()


def test_a_run_on_a_server_of_s3(bucket: dict[str, str], tmp_path: Path):
    make_recipe(tmp_path, export={"formats": ["jsonl"]})
    outcome = call("run", tmp_path / "recipe.toml", "--out", "s3://runs/first")
    assert outcome.code == 0, outcome.err
    assert "dataset: s3://runs/first/dataset" in outcome.out
    assert call("run", tmp_path / "recipe.toml", "--out", tmp_path / "straight", "-q").code == 0
    got = fetch("s3://runs/first", tmp_path / "got")
    assert got == tree(tmp_path / "straight")
    secret = bucket["AWS_SECRET_ACCESS_KEY"]
    assert secret not in outcome.out + outcome.err
    assert not [name for name, content in got.items() if secret.encode() in content]


def test_what_the_server_refuses_is_said_in_a_line(bucket: dict[str, str], tmp_path: Path):
    make_recipe(tmp_path)
    outcome = call("run", tmp_path / "recipe.toml", "--out", "s3://none-such/run")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert outcome.err.startswith("textsynth: s3://none-such/run: must be a place that can be ")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no signals")
def test_a_run_in_s3_that_is_killed_again_and_again(bucket: dict[str, str], tmp_path: Path):
    make_recipe(tmp_path, count=6000, shard_size=50, filter=[], export={"formats": ["jsonl"]})
    assert call("run", tmp_path / "recipe.toml", "--out", tmp_path / "straight", "-q").code == 0
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    command = [TEXTSYNTH, "run", tmp_path / "recipe.toml", "--out", "s3://runs/killed", "--quiet"]
    for _ in range(int(os.environ.get("TEXTSYNTH_KILLS", "4"))):
        process = subprocess.Popen([*command, "--workers", str(chance.choice([1, 2]))], start_new_session=True)
        time.sleep(chance.uniform(1, 9))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    outcome = call(*command[1:])
    assert (outcome.code, outcome.err) == (0, ""), f"seed {seed}"
    assert fetch("s3://runs/killed", tmp_path / "got") == tree(tmp_path / "straight"), f"seed {seed}"
