"""Continuations of a causal model: batched, as one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from textsynth.foundation.seeding import child_rng  # noqa: E402
from textsynth.pretrained.decoding import Decoding, continue_prompts  # noqa: E402
from textsynth.pretrained.loading import Pretrained  # noqa: E402
from textsynth.wording.symbol_sampling import Style  # noqa: E402


@pytest.fixture(scope="module")
def gpt(loaded: Any) -> Pretrained:
    return loaded("gpt")


def prompts_of(gpt: Pretrained) -> list[list[int]]:
    texts = ["we saw", "send", "Ada flew to Rome", "Zoë", "we saw Iris today", "send two lamps to Bo"]
    return [gpt.tokenizer(text)["input_ids"] for text in texts]


def ask(gpt: Pretrained, temperature: float = 1.0, **others: Any) -> Decoding:
    return Decoding(Style(temperature, 1.0, 12), (gpt.tokenizer.eos_token_id,), gpt.tokenizer.pad_token_id, **others)


def test_the_likeliest_symbols_are_those_of_transformers_own_generate(gpt: Pretrained):
    found = continue_prompts(gpt.model, prompts_of(gpt), ask(gpt, 0.0), child_rng(1))
    for prompt, symbols in zip(prompts_of(gpt), found, strict=True):
        with torch.inference_mode():
            theirs = gpt.model.generate(torch.tensor([prompt]), max_new_tokens=12, do_sample=False)[0, len(prompt) :]
        assert symbols == theirs.tolist()


def test_how_many_go_at_a_time_does_not_matter_to_the_likeliest(gpt: Pretrained):
    found = [
        continue_prompts(gpt.model, prompts_of(gpt), ask(gpt, 0.0, batch=size), child_rng(1)) for size in (1, 2, 64)
    ]
    assert found[0] == found[1] == found[2]


def test_the_same_seed_gives_the_same_and_leaves_torch_alone(gpt: Pretrained):
    before = torch.get_rng_state()
    one, two = (continue_prompts(gpt.model, prompts_of(gpt) * 3, ask(gpt), child_rng(4)) for _ in range(2))
    assert one == two
    assert one != continue_prompts(gpt.model, prompts_of(gpt) * 3, ask(gpt), child_rng(5))
    assert torch.equal(before, torch.get_rng_state())


def test_symbols_come_as_often_as_the_model_says(gpt: Pretrained):
    prompt = gpt.tokenizer("we saw")["input_ids"]
    with torch.inference_mode():
        chances = torch.softmax(gpt.model(torch.tensor([prompt])).logits[0, -1], dim=0).numpy()
    one = Decoding(Style(1.0, 1.0, 1), (-1,), 0, batch=500)
    drawn = np.array(continue_prompts(gpt.model, [prompt] * 2000, one, child_rng(2)))[:, 0]
    shares = np.bincount(drawn, minlength=len(chances)) / 2000
    assert np.abs(shares - chances).max() < 0.04


def test_what_does_not_end_has_all_its_symbols_and_no_end(gpt: Pretrained):
    endless = Decoding(Style(0.0, 1.0, 5), (-1,), gpt.tokenizer.pad_token_id)
    assert [len(each) for each in continue_prompts(gpt.model, prompts_of(gpt), endless, child_rng(1))] == [5] * 6


def test_nothing_to_continue(gpt: Pretrained):
    assert continue_prompts(gpt.model, [], ask(gpt), child_rng(1)) == []
