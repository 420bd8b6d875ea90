"""How much a model reads at a time."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from textsynth.pretrained.tokenizing import limit_of  # noqa: E402


def test_the_limit_is_what_positions_and_tokenizer_allow(loaded: Any):
    for kind in ("bert", "roberta"):
        pretrained = loaded(kind)
        assert limit_of(pretrained.model, pretrained.tokenizer) == 64
    roberta = loaded("roberta")
    roberta.tokenizer.model_max_length = 10**30
    limit = limit_of(roberta.model, roberta.tokenizer)
    assert limit == 64
    symbols = torch.full((1, limit), 5)
    assert roberta.model(input_ids=symbols).logits.shape[1] == limit
    with pytest.raises((IndexError, RuntimeError)):
        roberta.model(input_ids=torch.full((1, limit + 1), 5))
