"""Which pieces a model reads, and how many at a time."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from textsynth.errors import OptionError  # noqa: E402
from textsynth.pretrained.tokenizing import check_offsets, cut_texts, limit_of  # noqa: E402


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


def test_a_tokenizer_that_is_written_in_python_cuts_texts_too(loaded: Any):
    tokenizer = loaded("byt5").tokenizer
    assert cut_texts(["Hé", ""], tokenizer)["input_ids"] == [[3 + byte for byte in "Hé".encode()], []]
    assert not set(cut_texts(["</s> <extra_id_0>"], tokenizer)["input_ids"][0]) & set(tokenizer.all_special_ids)
    with pytest.raises(OptionError, match=r"must be a model with a fast tokenizer .*, has none: 'ours'"):
        check_offsets(tokenizer, "ours")


def test_offsets_come_where_they_are_asked_for(loaded: Any):
    tokenizer = loaded("bert").tokenizer
    assert cut_texts(["we saw"], tokenizer, offsets=True)["offset_mapping"] == [[(0, 2), (3, 6)]]
    assert "offset_mapping" not in cut_texts(["we saw"], tokenizer)
    check_offsets(tokenizer, "ours")
