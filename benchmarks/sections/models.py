"""Tokens of a pretrained causal model, and sentences of a masked one, beside other ways to get them."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from typing import Any

import torch
from masked_speed import masked_rows
from measure import Effort, Row

from textsynth.errors import TextsynthError
from textsynth.foundation.seeding import child_rng
from textsynth.pretrained.decoding import Decoding, continue_prompts
from textsynth.pretrained.loading import Pretrained, PretrainedOptions, load
from textsynth.wording.symbol_sampling import Style

TITLE = "models: SmolLM2-135M-Instruct, 24 new tokens a prompt; a masked model of DistilBERT's size, random weights"
_TOKENS, _UNIT = 24, "tokens"
_BATCHES = (16, 64, 128)
_ALONE = "transformers' generate, one at a time"
_PROMPTS = ("The president of the country", "Yesterday the company said", "In 1998 she was elected", "A storm came")


def rows(effort: Effort) -> list[Row]:
    """Measures the causal model, then the masked one."""
    torch.set_num_threads(1)
    return [*_causal(effort), *masked_rows(effort)]


def _causal(effort: Effort) -> Iterator[Row]:
    try:
        loaded = load("causal", PretrainedOptions())
    except TextsynthError as error:
        yield Row(name="causal", note=str(error))
        return
    prompts = [loaded.tokenizer(text)["input_ids"] for text in _PROMPTS]
    for size in _BATCHES:
        yield Row(name=f"causal, {size} at a time", rate=_ours(loaded, prompts, size, effort), unit=_UNIT)
    ours = f"causal, {_BATCHES[-1]} at a time"
    yield Row(name=_ALONE, rate=_alone(loaded, prompts, effort), unit=_UNIT, beside=ours)
    yield _llama_cpp(loaded, effort, ours)


def _ours(loaded: Pretrained, prompts: list[list[int]], size: int, effort: Effort) -> float:
    many = [prompts[place % len(prompts)] for place in range(size)]
    decoding = Decoding(Style(1.0, 1.0, _TOKENS), (-1,), loaded.tokenizer.pad_token_id, batch=size)
    return effort.rate(lambda: continue_prompts(loaded.model, many, decoding, child_rng(0)), size * _TOKENS)


def _alone(loaded: Pretrained, prompts: list[list[int]], effort: Effort) -> float:
    options: dict[str, Any] = {"max_new_tokens": _TOKENS, "min_new_tokens": _TOKENS, "do_sample": True}
    inputs = torch.tensor([prompts[0]])

    def run() -> None:
        loaded.model.generate(inputs, attention_mask=torch.ones_like(inputs), pad_token_id=0, **options)

    return effort.rate(run, _TOKENS)


def _llama_cpp(loaded: Pretrained, effort: Effort, ours: str) -> Row:
    """Measures llama.cpp on the same file, one at a time, where it is installed; it takes half an hour to compile."""
    if importlib.util.find_spec("llama_cpp") is None:
        return Row(name="llama.cpp, one at a time", note="llama-cpp-python is not installed")
    from llama_cpp import Llama

    model = Llama(os.fspath(loaded.model_source.path), n_ctx=256, n_threads=1, verbose=False)
    rate = effort.rate(lambda: model(_PROMPTS[0], max_tokens=_TOKENS, temperature=1.0), _TOKENS)
    return Row(name="llama.cpp, one at a time", rate=rate, unit=_UNIT, beside=ours, note="five bits a number")
