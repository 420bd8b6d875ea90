"""Sources and word lists by URL, on moto's server of S3."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from workbench import call, make_recipe, tree, write_recipe, write_source

import textsynth as ts
from textsynth.errors import InputError, OutputError
from textsynth.foundation.disk import cache_folder
from textsynth.foundation.fetch import fetch, find_url
from textsynth.recipes import recipe as recipes
from textsynth.runs.run import run

SECRET = "wJalrXUtnFEMI"
Put = Callable[[str, bytes], None]


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").disabled = True
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
        }.items():
            patch.setenv(name, value)
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="texts")
        yield client
    server.stop()


@pytest.fixture
def put(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Puts an object into the bucket `texts`; what is fetched goes into a new cache."""
    monkeypatch.setenv("TEXTSYNTH_CACHE", str(tmp_path / "cache"))
    return lambda name, content: server.put_object(Bucket="texts", Key=name, Body=content)


def source(folder: Path) -> bytes:
    return write_source(folder / "local.jsonl").read_bytes()


def test_an_object_is_fetched_once_until_it_changes(put: Put):
    put("d/words.txt", b"Oslo\n" * 3_000_000)
    path = fetch("s3://texts/d/words.txt")
    assert path.read_bytes() == b"Oslo\n" * 3_000_000, "in two parts"
    moment = path.stat().st_mtime_ns
    assert (fetch("s3://texts/d/words.txt").stat().st_mtime_ns, find_url(path)) == (moment, "s3://texts/d/words.txt")
    put("d/words.txt", b"")
    assert fetch("s3://texts/d/words.txt").read_bytes() == b""


def test_what_is_damaged_in_the_cache_is_told(put: Put):
    put("d/damaged.txt", b"Oslo\n")
    fetch("s3://texts/d/damaged.txt").write_bytes(b"Rome\n")
    with pytest.raises(OutputError, match="must be empty or hold nothing but what was written here before"):
        fetch("s3://texts/d/damaged.txt")


def test_whatever_reads_takes_a_url(put: Put, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    put("train.jsonl", source(tmp_path))
    corpus = ts.read(tmp_path / "local.jsonl")
    assert list(ts.read("s3://texts/train.jsonl")) == list(corpus)
    assert list(ts.read(Path("s3://texts/train.jsonl"))) == list(corpus), "a Path takes one of the slashes"
    assert len(ts.read(["s3://texts/train.jsonl"] * 2)) == 2 * len(corpus)
    assert list(ts.read(f"file://{tmp_path}/local.jsonl")) == list(corpus)
    outcome = call("convert", "s3://texts/train.jsonl", tmp_path / "train.conll", "--json")
    assert (outcome.code, outcome.json["examples"]) == (0, len(corpus))
    outcome = call("init", "s3://texts/train.jsonl", "--out", tmp_path / "init.toml")
    assert outcome.code == 0, outcome.err
    assert 'path = "s3://texts/train.jsonl"' in (tmp_path / "init.toml").read_text()


def test_a_directory_is_fetched_whole(put: Put, tmp_path: Path):
    ts.write(ts.read(write_source(tmp_path / "local.jsonl")), tmp_path / "brat", "brat")
    for path in (tmp_path / "brat").iterdir():
        put(f"folder/brat/{path.name}", path.read_bytes())
    assert list(ts.read("s3://texts/folder/brat")) == list(ts.read(tmp_path / "brat"))


def test_a_run_from_urls_is_that_from_files(put: Put, tmp_path: Path):
    put("run/source.jsonl", source(tmp_path))
    put("run/cities.txt", b"Oslo\nLima\nQuito\n")
    write_source(tmp_path / "source.jsonl")
    (tmp_path / "cities.txt").write_text("Oslo\nLima\nQuito\n")
    generator = {"use": "mention_replacement", "values": {"GPE": "words:cities.txt"}}
    local = run(make_recipe(tmp_path, generator=[generator]), tmp_path / "straight")
    remote = {"source": "s3://texts/run/source.jsonl"}
    make_recipe(tmp_path, **remote, generator=[generator | {"values": {"GPE": "words:s3://texts/run/cities.txt"}}])
    command = ("run", tmp_path / "recipe.toml", "--out", tmp_path / "far")
    outcome = call(*command)
    assert outcome.code == 0, outcome.err
    one, other = tree(tmp_path / "straight"), tree(tmp_path / "far")
    differing = {name for name in one | other if one.get(name) != other.get(name)}
    assert differing <= {"recipe.toml", "extracted/source.json", ".textsynth", "extracted/.textsynth"}
    assert b"s3://texts/run/source.jsonl" in other["recipe.toml"]
    assert b"words:s3://texts/run/cities.txt" in other["recipe.toml"]
    assert not [name for name, content in other.items() if SECRET.encode() in content or b"/cache/" in content]
    assert SECRET not in outcome.out + outcome.err
    again = recipes.load(tmp_path / "far" / "recipe.toml")
    assert run(again, tmp_path / "again").delivered == local.delivered
    put("run/cities.txt", b"Oslo\nLima\n")
    outcome = call(*command)
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "s3://texts/run/cities.txt has changed since the run was begun" in outcome.err


def test_previews_and_dry_runs_fetch_too(put: Put, tmp_path: Path):
    put("preview.jsonl", source(tmp_path))
    make_recipe(tmp_path, source={"path": "s3://texts/preview.jsonl"})
    assert call("preview", tmp_path / "recipe.toml").code == 0
    assert call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "--dry-run").code == 0


def test_a_confined_recipe_fetches_nothing(put: Put, tmp_path: Path):
    put("confined.jsonl", source(tmp_path))
    make_recipe(tmp_path, source={"path": "s3://texts/confined.jsonl"})
    outcome = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "--confine")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "s3://texts/confined.jsonl: must be in the recipe's folder" in outcome.err
    assert not cache_folder().exists()


def test_a_broken_record_is_told_by_its_url(put: Put, tmp_path: Path):
    put("broken.jsonl", b'{"text": "a"}\n{"text": 3}\n')
    make_recipe(tmp_path, source={"path": "s3://texts/broken.jsonl"})
    outcome = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out")
    assert outcome.err.startswith("textsynth: s3://texts/broken.jsonl:2: ")
    with pytest.raises(InputError, match=r"^s3://texts/broken"):
        ts.read("s3://texts/broken.jsonl/none.jsonl")


REFUSED = {
    "s3://texts/none.jsonl": "s3://texts/none.jsonl: must be an object or a folder of objects, there is none",
    "s3://none-such/x.jsonl": "s3://none-such/x.jsonl: must be a place that can be read, is not: ",
    "s3://texts": "s3://texts: must name an object or a folder in a bucket, names the bucket alone",
    "s3://AKID:secret@texts/x.jsonl": "s3://…: must have no credentials",
    "https://example.org/x.jsonl": "https://example.org/x.jsonl: must be a path or begin with one of s3://, gs://, az://",
}


@pytest.mark.parametrize("url", REFUSED)
def test_what_cannot_be_fetched_is_said_in_a_line(url: str, put: Put, tmp_path: Path):
    write_recipe(tmp_path / "recipe.toml", source={"path": url})
    run_it = ("run", tmp_path / "recipe.toml", "--out", tmp_path / "out")
    for command in (run_it, ("convert", url, tmp_path / "x.conll")):
        outcome = call(*command)
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
        assert REFUSED[url] in outcome.err
        assert "secret" not in outcome.err


def test_there_are_no_credentials_or_no_server(put: Put, monkeypatch: pytest.MonkeyPatch):
    put("x.jsonl", b"{}")
    monkeypatch.setattr("textsynth.foundation.storage._RETRIES", {"max_retries": 0})
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(OutputError, match=r"s3://texts/x\.jsonl: must be a place that can be read, is not: "):
        fetch("s3://texts/x.jsonl")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(OutputError, match="there are no credentials in the environment"):
        fetch("s3://texts/x.jsonl")


def test_more_than_fits_is_not_fetched(put: Put, monkeypatch: pytest.MonkeyPatch):
    put("large.txt", b"12345")
    monkeypatch.setattr("textsynth.foundation.fetch._SPARE", 1 << 60)
    with pytest.raises(InputError, match=r"s3://texts/large\.txt: must fit into .*, has 0.0 GB"):
        fetch("s3://texts/large.txt")


def test_nothing_is_written_to_a_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match=r"s3://texts/x\.jsonl: must be a path to write"):
        ts.write([("a", "b")], "s3://texts/x.jsonl")
    assert list(tmp_path.iterdir()) == []
