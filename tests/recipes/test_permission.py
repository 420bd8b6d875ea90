"""A stranger's recipe: it gets no secret, runs no code, and reads nothing of the system's."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from workbench import call, make_recipe, write_source

from textsynth.errors import OptionError, UnknownName
from textsynth.recipes.inputs import list_paths, without_folders
from textsynth.recipes.permission import Permission, check_permission, list_keys
from textsynth.recipes.resolved import resolve

HUB = {"model": "owner/name"}


def asking(base_url: str, key: str) -> dict[str, Any]:
    server = {"base_url": base_url, "api_key_env": key}
    return {"use": "prompt", "backend": "server", "model": "tiny", "server": server}


@pytest.fixture(autouse=True)
def _nothing_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEXTSYNTH_TRUST", "TEXTSYNTH_KEY_ENV"):
        monkeypatch.delenv(name, raising=False)


REFUSED = {
    "a secret of another kind": (
        asking("https://evil.example/v1", "AWS_SECRET_ACCESS_KEY"),
        "generator 'prompt': option 'api_key_env': the key AWS_SECRET_ACCESS_KEY must go to a host of its provider by "
        "https, or where who runs the recipe says; it would go to evil.example; "
        "--key-env AWS_SECRET_ACCESS_KEY=evil.example allows that",
    ),
    "a key to another host": (asking("https://evil.example/v1", "OPENAI_API_KEY"), "it would go to evil.example;"),
    "a host that ends alike": (asking("https://api.openai.com.evil.example", "OPENAI_API_KEY"), "openai.com.evil"),
    "a key in plain text": (asking("http://api.openai.com/v1", "OPENAI_API_KEY"), "by https"),
    "a key to this machine": (asking("http://127.0.0.1:1/v1", "OPENAI_API_KEY"), "it would go to 127.0.0.1:1;"),
    "code": (
        {"use": "causal_lm", "loading": {"trust_remote_code": True}} | HUB,
        "generator 'causal_lm': option 'trust_remote_code' must be allowed by who runs the recipe, as it can run any "
        "code; --trust code allows it",
    ),
    "pickle": ({"use": "masked_lm", "loading": {"pickle": True}} | HUB, "--trust pickle allows it"),
    "code in an edit inside another": (
        {"use": "sometimes", "step": {"use": "masked_lm", "loading": {"trust_remote_code": True}} | HUB},
        "--trust code allows it",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_recipe_alone_gets_no_key_and_runs_no_code(name: str, tmp_path: Path):
    table, says = REFUSED[name]
    make_recipe(tmp_path, generator=[table])
    for command in (
        ["run", tmp_path / "recipe.toml", "--out", tmp_path / "out"],
        ["preview", tmp_path / "recipe.toml"],
    ):
        outcome = call(*command)
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1), outcome.err
        assert says in outcome.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("url", "key", "allowed"),
    [
        ("https://api.openai.com/v1", "OPENAI_API_KEY", []),
        ("https://router.huggingface.co/v1", "HF_TOKEN", []),
        ("http://localhost:8000/v1", "MY_KEY", ["MY_KEY"]),
        ("https://llm.example:8443/v1", "MY_KEY", ["MY_KEY=llm.example"]),
        ("https://llm.example:8443/v1", "MY_KEY", ["OTHER, MY_KEY=llm.example:8443"]),
    ],
)
def test_a_key_goes_to_its_provider_and_where_the_person_says(
    url: str, key: str, allowed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    content = resolve(make_recipe(tmp_path, generator=[asking(url, key)])).content
    check_permission(content, Permission.of((), allowed))
    monkeypatch.setenv("TEXTSYNTH_KEY_ENV", ",".join(allowed))
    check_permission(content)
    assert [str(each) for each in list_keys(content)] == [
        f"generator 'prompt': sends the key {key} to {url.removeprefix('https://').removeprefix('http://')[:-3]}"
    ]


def test_trust_is_given_by_the_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    table = {"use": "causal_lm", "loading": {"trust_remote_code": True, "pickle": True}} | HUB
    content = resolve(make_recipe(tmp_path, generator=[table])).content
    check_permission(content, Permission.of(["code,pickle"]))
    with pytest.raises(OptionError, match="--trust pickle"):
        check_permission(content, Permission.of(["code"]))
    monkeypatch.setenv("TEXTSYNTH_TRUST", "pickle")
    check_permission(content, Permission.of(["code"]))
    with pytest.raises(UnknownName, match="did you mean 'code'"):
        Permission.of(["coed"])


def test_a_dry_run_says_which_key_goes_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("openai")
    make_recipe(tmp_path, count=5, generator=[asking("https://evil.example/v1", "MY_KEY")])
    outcome = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "--dry-run")
    first = outcome.out.splitlines()[0]
    assert first == (
        "generator 'prompt': sends the key MY_KEY to evil.example, which must be allowed: --key-env MY_KEY=evil.example"
    )
    outcome = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "--dry-run", "--json")
    assert outcome.json["preview"]["first_round"]["key"] == "MY_KEY"


OUTSIDE = {
    "source": {"source": {"path": "../secret.jsonl"}},
    "text held out": {"source": {"path": "source.jsonl", "heldout": "../secret.jsonl"}},
    "text held out for a split": {"source": {"path": "source.jsonl", "heldout": {"test": "../secret.jsonl"}}},
    "a link": {"source": {"path": "link.jsonl"}},
    "a pattern": {"source": {"path": "../*.jsonl"}},
    "words": {"generator": [{"use": "mention_replacement", "values": {"GPE": "words:../secret.jsonl"}}]},
    "a labeler": {"labeler": [{"use": "word_list", "label": "GPE", "path": "../secret.jsonl"}]},
    "a template": {"generator": [asking("https://x.example", "") | {"request": {"template": "../secret.jsonl"}}]},
    "a filter": {"filter": [{"use": "toxicity", "path": "../secret.jsonl"}]},
    "an operation": {
        "generator": [
            {
                "use": "sometimes",
                "step": {"use": "synonym_replacement", "source": "thesaurus", "thesaurus": "../secret.jsonl"},
            }
        ]
    },
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_confined_recipe_reads_nothing_outside_of_its_folder(name: str, tmp_path: Path):
    folder = tmp_path / "folder"
    folder.mkdir()
    write_source(tmp_path / "secret.jsonl")
    (folder / "link.jsonl").symlink_to(tmp_path / "secret.jsonl")
    make_recipe(folder, **OUTSIDE[name])
    outcome = call("run", folder / "recipe.toml", "--out", tmp_path / "out", "--confine")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert f"must be in the recipe's folder, {folder}, as --confine asks, is not" in outcome.err


def test_a_confined_recipe_reads_its_folder(tmp_path: Path):
    make_recipe(tmp_path, count=5)
    assert call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "--confine", "-q").code == 0


@pytest.mark.parametrize("path", ["/proc/self/environ", "/dev/zero", "/dev/fd/0"])
def test_files_of_the_system_are_refused(path: str, tmp_path: Path):
    make_recipe(tmp_path, generator=[{"use": "mention_replacement", "values": {"GPE": f"words:{path}"}}])
    outcome = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out")
    assert outcome.code == 2
    assert "must be a file of text, is one of the system's own" in outcome.err


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="there is no folder in memory")
def test_a_folder_in_memory_is_anybodys():
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        make_recipe(Path(folder), count=5)
        assert call("run", Path(folder) / "recipe.toml", "--out", Path(folder) / "out", "-q").code == 0


def test_values_that_look_like_paths_are_values(tmp_path: Path):
    (tmp_path / "cities.txt").write_text("Oslo\n/var/log/app.log\n")
    generators = [
        {"use": "word_deletion", "protect": ["/", "/root"]},
        {
            "use": "mention_replacement",
            "values": {"GPE": f"words:{tmp_path / 'cities.txt'}", "PERSON": ["/etc", "/tmp"]},
        },
    ]
    recipe = make_recipe(tmp_path, count=6, generator=generators)
    content = resolve(recipe).content
    assert sorted(list_paths(content)) == [str(tmp_path / name) for name in ("cities.txt", "source.jsonl")]
    shown = without_folders(content)
    assert shown["generator"][0]["protect"] == ["/", "/root"]
    assert shown["generator"][1]["values"] == {"GPE": "words:cities.txt", "PERSON": ["/etc", "/tmp"]}
    for _ in range(2):
        assert call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out", "-q").code == 0


@pytest.mark.heavy  # loads spaCy
def test_suggested_commands_are_quoted_for_the_shell(tmp_path: Path):
    pytest.importorskip("spacy")
    write_source(tmp_path / "a b;x.jsonl")
    outcome = call("init", tmp_path / "a b;x.jsonl", "--out", tmp_path / "a b;x.toml")
    assert f"textsynth run '{tmp_path / 'a b;x.toml'}' --out 'a b;x-out/'" in outcome.out
    (tmp_path / "raw.txt").write_text("Ada went to Rome.\n")
    outcome = call("extract", tmp_path / "raw.txt", "--out", tmp_path / "seeds", "--model", "x; rm -rf ~")
    assert "python -m spacy download 'x; rm -rf ~'" in outcome.err


@pytest.mark.parametrize(
    "content",
    [
        "seed = " + "[" * 5000 + "]" * 5000,
        "count = 1" + "0" * 30,
        'source = "source.jsonl"\ncount = 5\n[[generator]]\nuse = "mention_replacement"\nweight = 1e308\n'
        '[[generator]]\nuse = "template_fill"\nweight = 1e308',
    ],
    ids=["arrays", "count", "weights"],
)
def test_numbers_and_arrays_beyond_reason_are_one_line(content: str, tmp_path: Path):
    write_source(tmp_path / "source.jsonl")
    (tmp_path / "recipe.toml").write_text(content)
    outcome = call("run", tmp_path / "recipe.toml", "--out", tmp_path / "out")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1), outcome.err
