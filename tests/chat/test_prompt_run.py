"""Runs of recipes that ask a server: dry, capped, killed, changed on the way, and against a server that misbehaves."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import datasets
import pytest
from chat_server import NEW_TOKENS, PROMPT_TOKENS, ChatServer, Fault, completion, obedient, running
from workbench import SENTENCES, TEXTSYNTH, call, hear_ctrl_c, read_made, spawn, tree, write_recipe, write_source

pytest.importorskip("openai")

from textsynth import formats
from textsynth.chat import retry

KEY = "sk-ThisIsNoRealKeyButLooksLikeOne"
TAKES = PROMPT_TOKENS + NEW_TOKENS


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_FIRST", 0.005)


def recipe(
    folder: Path,
    running_server: ChatServer,
    *,
    count: int = 40,
    more: Any = None,
    server: Mapping[str, Any] | None = None,
    **options: Any,
) -> Path:
    """A step that asks for five sentences at a time, beside others perhaps."""
    if not (folder / "source.jsonl").exists():
        write_source(folder / "source.jsonl", classes=True)
    table = {"base_url": running_server.address, **(server or {})}
    asking = {"use": "prompt", "backend": "server", "model": "tiny", "server": table, **options}
    return write_recipe(folder / "recipe.toml", count=count, generator=[asking, *(more or [])], filter=[])


def answers(out: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(out.glob("steps/prompt/fitted/answers/*/*.json"))]


def seeds(server: ChatServer) -> Counter[int]:
    return Counter(content["seed"] for content in server.seen)


def misbehaving(content: dict[str, Any]) -> Any:
    """Answers as asked, but for every seventh request, which it answers in some bad way."""
    said = json.loads(obedient(content))
    rows, kind = said["sentences"], content["seed"] % 7
    if kind == 1:
        rows[0] = rows[0] | {"text": rows[0]["text"].upper()}  # Mentions in the wrong case, which can still be found.
    if kind == 2:
        rows[0] = rows[0] | {"text": rows[0]["text"] + " " + rows[0]["text"].upper()}  # And so that they cannot.
    if kind == 3:
        rows[0] = rows[0] | {"text": "Nobody was there, nor anywhere."}
    if kind == 4:
        rows[0] = rows[0] | {"text": rows[0]["text"] + " Emmy Noether and Ada Lovelace, in Quito and Bergen."}
    whole = json.dumps(said, ensure_ascii=False)
    if kind == 5:
        return completion(whole[: len(whole) // 2], "length")
    return f"Sure!\n```json\n{whole[:-1]},}}\n```\n" if kind == 6 else whole


def test_a_server_that_misbehaves_loses_nothing_and_doubles_nothing(tmp_path: Path):
    faults = [Fault(500), Fault(429, headers=(("Retry-After", "0"),)), Fault(cut=True), Fault(body="{"), None]
    faults += [Fault(seconds=3.0), Fault(503), Fault(body='{"choices": []}'), *[None, Fault(502)] * 5]
    with running(ChatServer(misbehaving, list(faults))) as server:
        path = recipe(tmp_path, server, count=200, server={"timeout": 1.0, "concurrency": 4})
        outcome = call("run", path, "--out", tmp_path / "out", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    summary = outcome.json
    corpus = read_made(tmp_path / "out")
    assert summary["state"] == "complete"
    assert len(corpus) == summary["delivered"] == 200
    assert summary["made"] == 200 + sum(summary["dropped"].values())
    assert set(summary["dropped"]) == {"mention missing", "mention ambiguous", "extra mention", "answer cut off"}
    bad = sum(fault is not None for fault in faults)
    kept = answers(tmp_path / "out")
    assert len(kept) == len(seeds(server)) == len(server.seen) - bad
    known = {text[start:end] for text, spans in SENTENCES for start, end, _ in spans}
    folded = {mention.casefold() for mention in known}
    for each in corpus:
        assert each.spans
        assert {mention.casefold() for mention in each.mentions()} <= folded
    assert any(mention.isupper() for each in corpus for mention in each.mentions())


def test_the_same_bytes_for_any_number_of_workers(tmp_path: Path):
    with running(ChatServer(misbehaving)) as server:
        path = recipe(tmp_path, server, count=60)
        text = path.read_text()
        path.write_text(f"shard_size = 16\n{text}")
        one = call("run", path, "--out", tmp_path / "one", "--json")
        two = call("run", path, "--out", tmp_path / "two", "--workers", "2", "--json")
    assert (one.code, two.code, two.err) == (0, 0, "")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert set(seeds(server).values()) == {2}


def test_a_dry_run_shows_the_prompts_that_are_sent_first_and_asks_and_writes_nothing(tmp_path: Path):
    with running(ChatServer(obedient)) as server:
        path = recipe(
            tmp_path, server, count=47, spending={"price_in": 2.0, "price_out": 8.0}, more=[{"use": "template_fill"}]
        )
        before = tree(tmp_path)
        plain = call("run", path, "--out", tmp_path / "out", "--dry-run")
        shown = call("run", path, "--out", tmp_path / "out", "--dry-run", "--json")
        assert (server.seen, tree(tmp_path)) == ([], before)
        call("run", path, "--out", tmp_path / "out", "--quiet")
    first, second = (json.loads(line) for line in shown.out.splitlines())
    sent = ["\n\n".join(f"[{each['role']}]\n{each['content']}" for each in one["messages"]) for one in server.seen]
    assert len(first["preview"]["prompts"]) == 3
    assert set(first["preview"]["prompts"]) <= set(sent)
    first_round = first["preview"]["first_round"]
    assert (first_round["backend"], first_round["model"], first_round["requests"]) == ("server", "tiny", 5)
    assert first_round["tokens_out_at_most"] == 5 * 1024
    assert first_round["cost_at_most"] == pytest.approx((first_round["tokens_in_about"] * 2 + 5 * 1024 * 8) / 1e6)
    assert (first["name"], first["generator"], first["examples"]) == ("prompt", "prompt", 24)
    assert second == {"name": "template_fill", "generator": "template_fill", "examples": 23, "preview": None}
    assert (plain.code, plain.err) == (0, "")
    assert all(prompt in plain.out for prompt in first["preview"]["prompts"])
    assert "prompt (prompt): 24 examples at first; backend server, model tiny, " in plain.out
    assert ", cost_at_most " in plain.out
    assert "--- prompt 3 of 5 ---" in plain.out
    assert "template_fill (template_fill): 23 examples at first; asks no model" in plain.out


def test_a_dry_run_needs_no_key_and_no_server_but_finds_wrong_templates(tmp_path: Path):
    with running(ChatServer(obedient)) as server:
        pass
    path = recipe(tmp_path, server, server={"api_key_env": "NO_SUCH_KEY"})
    assert call("run", path, "--out", tmp_path / "out", "--dry-run").code == 0
    (tmp_path / "mine.jinja").write_text("{{ nothing }}")
    path = recipe(tmp_path, server, request={"template": "mine.jinja"})
    outcome = call("run", path, "--out", tmp_path / "out", "--dry-run")
    assert outcome.code == 2
    assert outcome.err == (
        f"textsynth: generator 'prompt': option 'template': {tmp_path / 'mine.jinja'}:1: 'nothing' is undefined\n"
    )


def test_a_cap_stops_the_run_and_a_higher_one_goes_on_and_pays_nothing_twice(tmp_path: Path):
    with running(ChatServer(obedient)) as server:
        spending = {"price_in": 1.0, "price_out": 1.0}
        cap = (4 * TAKES + 500) / 1e6
        request = {"longest": 100}
        path = recipe(
            tmp_path, server, request=request, spending=spending | {"max_cost": cap}, server={"concurrency": 2}
        )
        stopped = call("run", path, "--out", tmp_path / "out", "--quiet")
        assert stopped.code == 2
        assert stopped.err.startswith(f"textsynth: chat model: max_cost = {cap:g} would be passed: ")
        assert stopped.err.count("\n") == 1
        kept = answers(tmp_path / "out")
        assert len(kept) == server.answered > 0
        assert not (tmp_path / "out" / "run.json").exists()
        patient = {"concurrency": 5, "timeout": 9.0}
        path = recipe(tmp_path, server, request=request, spending=spending | {"max_cost": 1.0}, server=patient)
        done = call("run", path, "--out", tmp_path / "out", "--json")
    assert (done.code, done.json["delivered"]) == (0, 40)
    assert set(seeds(server).values()) == {1}
    assert done.json["learned"]["prompt"]["facts"] == {
        "backend": "server",
        "model": "tiny",
        "answers": 8,
        "tokens_in": 8 * PROMPT_TOKENS,
        "tokens_out": 8 * NEW_TOKENS,
        "answers_not_counted": None,
        "cost": pytest.approx(8 * TAKES / 1e6),
    }
    written = tomllib.loads((tmp_path / "out" / "recipe.toml").read_text())["generator"][0]
    assert written["spending"]["max_cost"] == 1.0
    assert (written["server"]["concurrency"], written["server"]["timeout"]) == (5, 9.0)


def test_what_changes_the_output_may_not_change_and_what_cannot_may(tmp_path: Path):
    with running(ChatServer(obedient)) as server:
        call("run", recipe(tmp_path, server), "--out", tmp_path / "out", "--quiet")
        before = tree(tmp_path / "out")
        other = call("run", recipe(tmp_path, server, request={"temperature": 0.5}), "--out", tmp_path / "out")
        path = recipe(tmp_path, server, server={"retries": 1}, spending={"cache": "answers"})
        same = call("run", path, "--out", tmp_path / "out", "--json")
    assert (other.code, same.code) == (2, 0)
    assert "was begun with another recipe: generator 'prompt'.request.temperature was 1.0, is 0.5" in other.err
    assert len(server.seen) == 8
    assert tree(tmp_path / "out") == before


def test_a_template_that_changes_is_another_input(tmp_path: Path):
    (tmp_path / "mine.jinja").write_text('{% extends "sentences.jinja" %}')
    with running(ChatServer(obedient)) as server:
        path = recipe(tmp_path, server, request={"template": "mine.jinja"})
        call("run", path, "--out", tmp_path / "out", "--quiet")
        (tmp_path / "mine.jinja").write_text('{% extends "sentences.jinja" %} ')
        outcome = call("run", path, "--out", tmp_path / "out")
    assert outcome.code == 2
    assert "mine.jinja has changed since the run was begun" in outcome.err


def test_a_shared_cache_makes_another_run_free(tmp_path: Path):
    with running(ChatServer(obedient)) as server:
        path = recipe(tmp_path, server, spending={"cache": "answers"})
        first = call("run", path, "--out", tmp_path / "one", "--json").json
        second = call("run", path, "--out", tmp_path / "two", "--json").json
    assert len(server.seen) == 8
    assert (first["learned"]["prompt"]["facts"]["answers"], second["learned"]["prompt"]["facts"]["answers"]) == (8, 0)
    both = [{str(path): raw for path, raw in tree(tmp_path / name / "dataset").items()} for name in ("one", "two")]
    assert all(both[0][name] == both[1][name] for name in both[0] if name.endswith(".arrow"))


CONLL = """\
Ada\tB-PERSON
visited\tO
St.\tB-CITY
Gallen\tI-CITY
at\tO
5\tO
p.m.\tO

Bo\tB-PERSON
left\tO
Oslo\tB-CITY
at\tO
6\tO
p.m.\tO
"""


def test_prose_has_words_for_tokens_beside_steps_that_keep_those_of_the_source(tmp_path: Path):
    def prose(content: dict[str, Any]) -> str:
        said = json.loads(obedient(content))
        for row in said["sentences"]:
            row["text"] = row["text"].replace(" .", ", (in short).")
        return json.dumps(said)

    (tmp_path / "source.conll").write_text(CONLL)
    source, export = {"path": "source.conll"}, {"task": "token-classification", "formats": ["conll"]}
    with running(ChatServer(prose)) as server:
        asking = {"use": "prompt", "backend": "server", "model": "tiny", "server": {"base_url": server.address}}
        steps: list[Any] = [asking, {"use": "mention_replacement"}]
        path = write_recipe(tmp_path / "r.toml", count=6, source=source, generator=steps, filter=[], export=export)
        outcome = call("run", path, "--out", tmp_path / "out", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    splits = datasets.load_from_disk(str(tmp_path / "out" / "dataset"))
    tokens: dict[str, list[list[str]]] = {"prompt": [], "mention_replacement": []}
    for row in (row for split in splits.values() for row in split if row["origin"] != "source"):
        tokens[row["origin"]].append(row["tokens"])
    assert [len(each) for each in tokens.values()] == [3, 3]
    assert all(each[-6:] == [",", "(", "in", "short", ")", "."] for each in tokens["prompt"])
    assert all(each[-1] == "p.m." for each in tokens["mention_replacement"])
    written = [each for file in (tmp_path / "out" / "exports").glob("[!.]*") for each in formats.read(file)]
    assert sorted(each.text for each in written) == sorted(row["text"] for split in splits.values() for row in split)


def wait_for(holds: Callable[[], bool]) -> None:
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("waited a minute for what never came")


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_a_run_that_was_killed_goes_on_and_pays_nothing_twice(tmp_path: Path, signal_number: signal.Signals):
    """The moment is chance: as soon as five answers are kept, with whatever is under way then."""
    dead = threading.Event()  # The server is slow until then, so that there is a middle to hit; after that only waste.
    with running(ChatServer(obedient, always=lambda _: Fault(seconds=0.0 if dead.is_set() else 0.3))) as server:
        path = recipe(tmp_path, server, count=100, server={"concurrency": 2})
        command = [TEXTSYNTH, "run", path, "--out", tmp_path / "out"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, preexec_fn=hear_ctrl_c)
        wait_for(lambda: len(answers(tmp_path / "out")) >= 5)
        process.send_signal(signal_number)
        process.wait(30)
        dead.set()
        wait_for(lambda: server._under_way == 0)
        kept, paid = answers(tmp_path / "out"), len(server.seen)
        moment = f"{signal_number.name} hit when {len(kept)} answers of {paid} requests were kept, of 20 to be asked"
        assert 5 <= len(kept) < 20, moment
        assert paid - len(kept) <= (2 if signal_number == signal.SIGKILL else 0), moment
        done = call("run", path, "--out", tmp_path / "out", "--json")
        again = call("run", path, "--out", tmp_path / "again", "--json")
    assert (done.code, done.json["delivered"]) == (0, 100), f"{moment}: {done.err}"
    assert len(server.seen) == paid + (20 - len(kept)) + 20, moment
    assert tree(tmp_path / "out") == tree(tmp_path / "again"), moment
    assert again.json["learned"] == done.json["learned"], moment


@pytest.mark.slow
def test_the_key_is_in_nothing_that_a_run_writes_or_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MY_KEY", KEY)
    monkeypatch.setenv("TEXTSYNTH_KEY_ENV", "MY_KEY")
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}})
    said = [KEY in str(os.environ)]
    with running(ChatServer(obedient, [Fault(401, body=body)])) as server:
        path = recipe(tmp_path, server, server={"api_key_env": "MY_KEY"}, spending={"cache": "answers"})
        refused = spawn("--debug", "run", path, "--out", tmp_path / "out", "--verbose")
        done = spawn("run", path, "--out", tmp_path / "out", "--verbose", "--workers", "2")
        dry = call("run", path, "--out", tmp_path / "dry", "--dry-run", "--verbose")
    assert said == [True]
    assert (refused.code, done.code, dry.code) == (1, 0, 0)
    assert "ServerFailure" in refused.err
    assert {each["authorization"] for each in server.headers} == {f"Bearer {KEY}"}
    spoken = "".join(each.out + each.err for each in (refused, done, dry))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert KEY not in spoken
    assert not any(KEY.encode() in path.read_bytes() + str(path).encode() for path in files)


def test_answers_are_no_matter_of_the_clock(tmp_path: Path):
    """A server that gives the same answers gives the same bytes, answers and all."""
    with running(ChatServer(misbehaving, always=lambda content: Fault(seconds=content["seed"] % 3 / 50))) as server:
        path = recipe(tmp_path, server, server={"concurrency": 6})
        for name in ("one", "two"):
            assert call("run", path, "--out", tmp_path / name, "--quiet").code == 0
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    shutil.rmtree(tmp_path / "one")
