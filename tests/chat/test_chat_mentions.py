"""A chat model as a place for new mentions: what it is shown, what becomes of its answers, what it may not do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer, completion, prompt_of, running
from workbench import call, tree

import textsynth as ts
from textsynth.chat.mentions import read_names
from textsynth.chat.request import Answer
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.generators.mention_replacement import MentionReplacement

TOWNS = ("Rome", "Oslo", "Bern", "Cork", "Turin", "Lyon", "Bari", "Graz")
NEW = ("Kyiv", "Quito", "Lima", "Accra")
NONSENSE = ("Spaghetti", "Tuesday", "Blue")
_SHOWN = re.compile(r"^- (.*)$", re.MULTILINE)


def listing(names: Sequence[str]) -> Callable[[dict[str, Any]], Any]:
    return lambda content: completion(json.dumps({"mentions": [*names, "An explanation " * 20]}))


def write_recipe(folder: Path, server: ChatServer, more: str = "", chat: str = "") -> Path:
    spans = [[(13, 13 + len(town), "CITY")] for town in TOWNS]
    corpus = Corpus.from_columns(text=[f"They live in {town} these days." for town in TOWNS], spans=spans)
    ts.write(corpus, folder / "towns.jsonl")
    path = folder / "recipe.toml"
    path.write_text(
        f'copies = 4\nallow_fewer = true\n[source]\npath = "towns.jsonl"\n[extract]\nplaces = ["chat"]\n{more}\n'
        '[[generator]]\nuse = "mention_replacement"\nvalues = "expand"\n'
        f'[chat]\nbackend = "server"\nmodel = "tiny"\n{chat}\nlabels = {{ CITY = "towns of the world" }}\n'
        f'[chat.server]\nbase_url = "{server.address}"\n'
    )
    return path


@pytest.mark.slow
def test_what_held_out_mentions_prove_is_taken_and_only_mentions_are_shown(tmp_path: Path):
    with running(ChatServer(listing([*TOWNS, *NEW]))) as server:
        path = write_recipe(tmp_path, server)
        outcome = call("run", path, "--out", tmp_path / "one")
        again = call("run", path, "--out", tmp_path / "two", "--workers", "2")
    assert (outcome.code, again.code) == (0, 0), outcome.err
    assert f"tiny, asked at {server.address}; it is shown mentions of the source, in 9 requests a label" in outcome.err
    assert "new mentions from chat: 4 CITY" in outcome.err
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert (tmp_path / "one" / "extracted" / "mentions.tsv").read_text().split("\n")[1:-1] == [
        f"CITY\t{town}\tchat" for town in NEW
    ]
    made = {mention for each in ts.read(tmp_path / "one" / "dataset") for mention in each.mentions()}
    assert set(NEW) <= made
    prompts = [prompt_of(content) for content in server.seen]
    shown = [tuple(_SHOWN.findall(prompt)) for prompt in prompts]
    assert {len(each) for each in shown[:9]} == {len(TOWNS), len(TOWNS) // 2}
    assert all(set(each) <= set(TOWNS) for each in shown)
    assert all("CITY (towns of the world)" in prompt and "They live in" not in prompt for prompt in prompts)


@pytest.mark.parametrize(
    "answer", [listing(NONSENSE), lambda content: completion("I cannot help with that."), listing([])]
)
def test_what_they_do_not_prove_is_left_out(tmp_path: Path, answer: Callable[[dict[str, Any]], Any]):
    with running(ChatServer(answer)) as server:
        outcome = call("run", write_recipe(tmp_path, server), "--out", tmp_path / "out")
    assert outcome.code == 0, outcome.err
    assert "new mentions from chat: none" in outcome.err
    assert (tmp_path / "out" / "extracted" / "places.tsv").read_text().splitlines()[1].startswith("CITY\tchat\t0\t")


@pytest.mark.slow
def test_with_a_cache_no_answer_is_paid_twice(tmp_path: Path):
    with running(ChatServer(listing([*TOWNS, *NEW]))) as server:
        path = write_recipe(tmp_path, server, chat='spending = { cache = "answers" }')
        first = call("run", path, "--out", tmp_path / "one")
        asked = len(server.seen)
        second = call("run", path, "--out", tmp_path / "two")
    assert (first.code, second.code, asked, len(server.seen)) == (0, 0, 9, 9)
    assert tree(tmp_path / "one" / "dataset") == tree(tmp_path / "two" / "dataset")


def test_a_budget_that_is_spent_is_a_line_and_what_was_paid_is_kept(tmp_path: Path):
    with running(ChatServer(listing([*TOWNS, *NEW]))) as server:
        path = write_recipe(tmp_path, server, chat="spending = { max_tokens_total = 750 }")
        stopped = call("run", path, "--out", tmp_path / "out")
        asked = len(server.seen)
        path.write_text(path.read_text().replace("750", "100000"))
        done = call("run", path, "--out", tmp_path / "out")
        again = call("run", path, "--out", tmp_path / "out", "--overwrite")
    assert stopped.code == 2
    assert "all answers are kept; start again with a higher cap" in stopped.err.splitlines()[-1]
    assert 0 < asked < 9
    assert (done.code, again.code, len(server.seen)) == (0, 0, 18)


def test_nobody_is_asked_in_a_dry_run_or_a_preview(tmp_path: Path):
    with running(ChatServer(listing(TOWNS))) as server:
        path = write_recipe(tmp_path, server)
        assert call("run", path, "--out", tmp_path / "out", "--dry-run").code == 0
        assert call("preview", path).code == 0
    assert server.seen == []


def test_a_key_goes_nowhere_that_nobody_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-user")
    with running(ChatServer(listing(TOWNS))) as server:
        path = write_recipe(tmp_path, server)
        path.write_text(path.read_text() + 'api_key_env = "AWS_SECRET_ACCESS_KEY"\nretries = 0\n')
        refused = call("run", path, "--out", tmp_path / "out")
        assert server.seen == []
        server.answer = listing([*TOWNS, *NEW])
        allowed = call("run", path, "--out", tmp_path / "out", "--key-env", "AWS_SECRET_ACCESS_KEY")
        server.answer = listing(["secret-of-the-user"])
        server_echoes = call("run", path, "--out", tmp_path / "echo", "--key-env", "AWS_SECRET_ACCESS_KEY")
    assert refused.code == 2
    assert "chat: option 'api_key_env': the key AWS_SECRET_ACCESS_KEY must go to" in refused.err
    assert allowed.code == 0
    assert "chat: sends the key AWS_SECRET_ACCESS_KEY to 127.0.0.1" in allowed.err
    assert {headers["authorization"] for headers in server.headers} == {"Bearer secret-of-the-user"}
    assert server_echoes.err.splitlines()[-1].endswith("an answer with the key in it; start again to go on")
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"secret-of-the-user" not in kept + server_echoes.err.encode()


@pytest.mark.slow
def test_a_run_that_is_begun_asks_no_other_model(tmp_path: Path):
    with running(ChatServer(listing([*TOWNS, *NEW]))) as server:
        path = write_recipe(tmp_path, server)
        whole = path.read_text()
        (tmp_path / "none.txt").write_text("\n")
        path.write_text(whole + '[[generator]]\nuse = "template_fill"\nvalues = { CITY = "words:none.txt" }\n')
        assert call("run", path, "--out", tmp_path / "out").code == 2
        assert (tmp_path / "out" / "extracted").exists()
        path.write_text(whole.replace('"tiny"', '"other"'))
        outcome = call("run", path, "--out", tmp_path / "out")
    assert "was begun with another recipe: chat.model was 'tiny', is 'other'" in outcome.err


def run_err(path: Path) -> str:
    return call("run", path, "--out", path.parent / "out").err


def test_a_place_without_a_model_and_a_model_without_a_place_are_told(tmp_path: Path):
    with running(ChatServer(listing(TOWNS))) as server:
        path = write_recipe(tmp_path, server)
    whole = path.read_text()
    path.write_text(whole.partition("[chat]")[0])
    assert "chat must have a model to ask, has none; name it under [chat]" in run_err(path)
    path.write_text(whole.replace('values = "expand"\n', ""))
    assert '[chat] must stand beside a generator with values = "expand"' in run_err(path)
    with pytest.raises(OptionError, match="chat must have a generator with values"):
        ts.generate(ts.read(tmp_path / "towns.jsonl"), MentionReplacement(), copies=1, chat=ts.ChatMentions())


def test_in_python(tmp_path: Path):
    with running(ChatServer(listing([*TOWNS, *NEW]))) as server:
        write_recipe(tmp_path, server)
        chat = ts.ChatMentions(backend="server", model="tiny", server={"base_url": server.address})
        made = ts.generate(
            ts.read(tmp_path / "towns.jsonl"),
            MentionReplacement(values="expand"),
            copies=4,
            chat=chat,
            allow_fewer=True,
        )
    assert set(NEW) <= {mention for each in made for mention in each.mentions()}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('```json\n{"mentions": ["Kyiv", "New\\nYork", ""]}\n```', ["Kyiv", "New York"]),
        ('["Kyiv", "Lima", "cut o', ["Kyiv", "Lima"]),
        ('{"mentions": ["..."]}', []),
        ("- Kyiv\n- Lima\n", ["Kyiv", "Lima"]),
        ("Sorry.", []),
    ],
)
def test_names_are_read_from_answers_of_many_shapes(text: str, names: list[str]):
    assert read_names(Answer(text, "stop", 0, 0)) == names
