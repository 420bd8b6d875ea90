"""Pretrained models learn and write in bfloat16 too, where processors are faster with it."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_language
import tiny_models

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from textsynth.components.generator import Generator  # noqa: E402
from textsynth.foundation.seeding import child_rng  # noqa: E402
from textsynth.generators.causal_lm import CausalLm  # noqa: E402
from textsynth.generators.masked_lm import MaskedLm  # noqa: E402
from textsynth.generators.seq2seq import Seq2seq  # noqa: E402
from textsynth.pretrained.loading import choose_precision  # noqa: E402

GENERATORS = {
    "causal_lm": lambda: CausalLm(model=tiny_models.model("gpt"), loading={"device": "cpu"}, tuning={"epochs": 1}),
    "masked_lm": lambda: MaskedLm(model=tiny_models.model("bert"), loading={"device": "cpu"}, tuning={"epochs": 1}),
    "seq2seq": lambda: Seq2seq(model=tiny_models.model("t5"), loading={"device": "cpu"}, tuning={"epochs": 1}),
}


@pytest.mark.parametrize("name", GENERATORS)
def test_it_learns_and_writes(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    generator: Generator = GENERATORS[name]()  # The tiny model is trained first, as other tests have it.
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True)
    assert choose_precision("cpu") == torch.bfloat16
    place = tiny_language.fitted(generator, tmp_path, tiny_language.source(20))
    made = generator.sampler(place)(6, child_rng(1))
    assert len(getattr(made, "corpus", made)) == 6
