from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from unittest import mock

import datasets
import huggingface_hub
import pytest
from hub_server import TOKEN, Hub, running
from huggingface_hub import constants
from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
from workbench import Outcome, call, make_recipe, spawn, tree, write_source

from textsynth.delivery import hub
from textsynth.errors import InputError, OutputError
from textsynth.runs.run import run


@pytest.fixture(scope="module")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hub")
    write_source(folder / "source.jsonl", classes=True)
    run(make_recipe(folder, export={"task": "token-classification", "validation": 0.1, "test": 0.1}), folder / "out")
    return folder / "out"


def push(directory: Path, endpoint: str, tmp_path: Path, *options: str) -> Outcome:
    """Pushes as a program, which knows of no other hub than this one and of no other token."""
    return spawn(*_words(directory, *options), **_environment(endpoint, tmp_path))


def push_here(directory: Path, endpoint: str, tmp_path: Path, *options: str) -> Outcome:
    """Pushes in this process, which is told of this hub and this token in the same way, for where no program matters.

    The library reads the address of the hub when it is imported, so that it is told again.
    """
    with (
        mock.patch.dict(os.environ, _environment(endpoint, tmp_path)),
        mock.patch.object(constants, "ENDPOINT", endpoint),
    ):
        return call(*_words(directory, *options))


def _words(directory: Path, *options: str) -> tuple[str | Path, ...]:
    return ("push", directory, "me/corpus", *options)


def _environment(endpoint: str, tmp_path: Path) -> dict[str, str]:
    return {
        "HF_ENDPOINT": endpoint,
        "HF_TOKEN": TOKEN,
        "HF_HOME": str(tmp_path / "home"),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def test_what_is_staged_opens_with_its_features_and_splits(finished_run: Path, tmp_path: Path):
    hub.stage(finished_run, tmp_path / "staged")
    assert sorted(path.name for path in (tmp_path / "staged" / "data").iterdir()) == [
        f"{split}-00000-of-00001.parquet" for split in ("test", "train", "validation")
    ]
    opened = datasets.load_dataset(str(tmp_path / "staged"), cache_dir=str(tmp_path / "cache"))
    saved = datasets.load_from_disk(finished_run / "dataset")
    assert set(opened) == set(saved) == {"train", "validation", "test"}
    for split in saved:
        assert opened[split].features == saved[split].features
        assert opened[split].to_dict() == saved[split].to_dict()
    card = huggingface_hub.DatasetCard.load(tmp_path / "staged" / "README.md")
    assert [each["split"] for each in card.data.to_dict()["configs"][0]["data_files"]] == [
        "train",
        "validation",
        "test",
    ]


def test_staging_replaces_what_was_staged_but_nothing_else(finished_run: Path, tmp_path: Path):
    for _ in range(2):
        assert call("push", finished_run, "me/corpus", "--stage", tmp_path / "staged", "-q").code == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("dear")
    outcome = call("push", finished_run, "me/corpus", "--stage", tmp_path / "mine")
    assert outcome.code == 2
    assert "must be empty or hold nothing but what was written here before, has 'thesis.txt'" in outcome.err
    assert tree(tmp_path / "mine") == {"thesis.txt": b"dear"}


@pytest.mark.parametrize("private", [True, False])
def test_card_and_data_arrive(private: bool, finished_run: Path, tmp_path: Path):
    with running(Hub()) as server:
        sent = push if private else push_here
        outcome = sent(finished_run, server.address, tmp_path, *(["--private"] if private else []))
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.out == f"{server.address}/datasets/me/corpus: uploaded\n"
        assert server.repositories == {"me/corpus": private}
        assert server.tokens - {""} == {f"Bearer {TOKEN}"}
    hub.stage(finished_run, tmp_path / "staged")
    files = server.files["me/corpus"]
    assert {name: content for name, content in files.items() if name != ".gitattributes"} == tree(tmp_path / "staged")


@pytest.mark.slow  # It starts a program, which imports the hub's client.
def test_who_wants_no_bars_hears_nothing_of_them(finished_run: Path, tmp_path: Path):
    with running(Hub()) as server:
        environment = _environment(server.address, tmp_path) | {"HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        outcome = spawn(*_words(finished_run), **environment)
    assert (outcome.code, outcome.err) == (0, "")


def test_bars_that_are_hidden_stay_so(finished_run: Path, tmp_path: Path):
    disable_progress_bars()
    try:
        with running(Hub()) as server:
            assert push_here(finished_run, server.address, tmp_path).code == 0
        assert are_progress_bars_disabled()
    finally:
        enable_progress_bars()


def test_pushing_again_goes_to_the_same_dataset(finished_run: Path, tmp_path: Path):
    with running(Hub(repositories={"me/corpus": True})) as server:
        outcome = push_here(finished_run, server.address, tmp_path, "--private", "--json")
        assert outcome.code == 0, outcome.err
        assert outcome.json == {
            "repository": "me/corpus",
            "uploaded": True,
            "private": True,
            "address": f"{server.address}/datasets/me/corpus",
        }
        assert "README.md" in server.files["me/corpus"]


def test_what_is_private_goes_to_no_dataset_that_all_can_see(finished_run: Path, tmp_path: Path):
    with running(Hub(repositories={"me/corpus": False})) as server:
        outcome = push_here(finished_run, server.address, tmp_path, "--private")
        assert outcome.code == 2
        assert outcome.err == (
            "textsynth: me/corpus: cannot be pushed: it must be private, but is there already for all to see\n"
        )
        assert server.files == {}


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_hub_that_refuses_is_one_line(status: int, finished_run: Path, tmp_path: Path):
    with running(Hub(refuse=status)) as server:
        outcome = push_here(finished_run, server.address, tmp_path)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("textsynth: me/corpus: cannot be pushed: ")
    assert str(status) in outcome.err
    assert outcome.err.count("\n") == 1
    assert TOKEN not in outcome.err


def test_a_hub_that_is_not_there_is_one_line(finished_run: Path, tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        outcome = push_here(finished_run, f"http://127.0.0.1:{taken.getsockname()[1]}", tmp_path)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("textsynth: me/corpus: cannot be pushed: ")
    assert outcome.err.count("\n") == 1
    assert TOKEN not in outcome.err


@pytest.mark.parametrize("silent_at", ["create", pytest.param("commit", marks=pytest.mark.slow)])  # It is tried again.
def test_a_hub_that_falls_silent_is_one_line(
    silent_at: str, finished_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hub, "_SECONDS", 0.2)
    begin = time.monotonic()
    with running(Hub(silent_at=silent_at)) as server:
        outcome = push_here(finished_run, server.address, tmp_path)
    assert time.monotonic() - begin < 60
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("textsynth: me/corpus: cannot be pushed: ")
    assert "timed out" in outcome.err.lower()
    assert outcome.err.count("\n") == 1


def test_a_name_that_can_be_none_is_one_line(finished_run: Path, tmp_path: Path):
    outcome = call("push", finished_run, "not/a/name")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert outcome.err.startswith("textsynth: not/a/name: cannot be pushed: Repo id must be")


def test_only_a_finished_run_can_be_pushed(tmp_path: Path):
    recipe = make_recipe(tmp_path)
    with pytest.raises(InputError, match=r"none: must be the directory of a finished run, has no run.json"):
        hub.stage(tmp_path / "none", tmp_path / "staged")
    run(recipe, tmp_path / "out")
    (tmp_path / "out" / "dataset").rename(tmp_path / "moved")
    with pytest.raises(InputError, match="dataset: must be the dataset that the run wrote, cannot be opened: "):
        hub.stage(tmp_path / "out", tmp_path / "staged")
    assert not (tmp_path / "staged").exists()


def test_the_token_is_never_told(finished_run: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with pytest.raises(OutputError) as caught:
        hub.push(finished_run, f"{TOKEN}/a/b")
    assert TOKEN not in str(caught.value).removeprefix(f"{TOKEN}/a/b: ")
