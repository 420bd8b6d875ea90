"""What generators need from outside is asked for first, and no more processes start than the memory allows."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from workbench import call, write_recipe, write_source

from textsynth.production.engines.local import affordable

GIGABYTE = 10**9


def test_a_model_that_is_not_there_is_known_before_the_source_is_read(tmp_path: Path):
    pytest.importorskip("peft")
    generator = {"use": "causal_lm", "model": "package:there_is_none_such"}
    recipe = write_recipe(tmp_path / "recipe.toml", generator=[generator], source={"path": "missing.jsonl"})
    outcome = call("run", recipe, "--out", tmp_path / "out")
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert "generator 'causal_lm': package:there_is_none_such: the package" in outcome.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("option", [(), ("--verbose",), ("--quiet",)])
def test_what_will_be_loaded_is_said_first(option: tuple[str, ...], tmp_path: Path):
    pytest.importorskip("peft")
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    (model / "model.safetensors").write_bytes(b"\0" * 2_000_000)
    write_source(tmp_path / "source.jsonl")
    recipe = write_recipe(tmp_path / "recipe.toml", generator=[{"use": "causal_lm", "model": str(model)}])
    outcome = call("run", recipe, "--out", tmp_path / "out", *option)
    said = f"causal_lm: {model}: 2 MB of weights, from the directory {model}" in outcome.err
    assert said == (option != ("--quiet",))
    assert "must be a model for causal language modelling" in outcome.err


@pytest.mark.parametrize(
    ("workers", "memory", "fitting"),
    [(4, 0, 4), (1, 100 * GIGABYTE, 1), (4, GIGABYTE, 4), (4, 3 * GIGABYTE, 2), (4, 100 * GIGABYTE, 1)],
)
def test_as_many_processes_as_fit(
    workers: int, memory: int, fitting: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    there = psutil.virtual_memory()._replace(available=10 * GIGABYTE)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: there)
    assert affordable(workers, memory) == fitting
    assert ("memory for" in caplog.text) == (fitting < workers)
