"""A tiny chat model with real weights, two layers, trained for seconds to answer a prompt of one line as it should.

It has learnt by heart what it can be asked: one sentence of a class with one mention, or with none. It answers with
JSON, now and then in prose, and is wrong now and then, as models are. It is built once a process tree.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tiny_models
from shared_work import build_once

TEMPLATE = "{{ label or 'any' }}: {% for each in specs[0].mentions %}{{ each.text }} ({{ each.label }}){% endfor %}"
"""The prompt it understands, one sentence a request."""

MENTIONS = {
    "PERSON": ("Ada", "Zoë", "Bo Li", "Grace", "Omar", "Иван"),
    "CITY": ("Paris", "Rome", "São Paulo", "Oslo", "Cairo", "Łódź"),
    "DATE": ("Monday", "14 March 2024", "May 5", "2024-02-29", "Tue", "Friday"),
}
"""Those of the source that all generators are tested with."""

SENTENCES = {
    "move": ("{} moved today.", "We saw that {} was on the move.", "They moved because of {}."),
    "call": ("Call {} now!", "A call about {} came in.", "Please call, it is {} again."),
}
_CHAT = (
    "{% for message in messages %}<s>{{ message['role'] }}\n{{ message['content'] }}</s>\n{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)
_FRAGMENTS = (
    '{"sentences": [{"text": "',
    '", "mentions": [{"text": "',
    '", "label": "',
    '"}]}]}',
    '", "mentions": []}]}',
)
"""What all answers have in common: a symbol each, so that there is little to learn by heart."""

_BATCH = 32


def tiny_chat() -> str:
    """Returns the directory of the model, and trains it if it is not there yet."""
    return str(build_once("chat", _build))


def conversations() -> list[tuple[str, list[str]]]:
    """Returns each prompt with the answers that are right."""
    found = []
    for label, wordings in SENTENCES.items():
        found.append((f"{label}:", [_answer(wording.format("nobody"), []) for wording in wordings]))
        for name, mentions in MENTIONS.items():
            for mention in mentions:
                listed = [{"text": mention, "label": name}]
                answers = [_answer(wording.format(mention), listed) for wording in wordings]
                found.append((f"{label}: {mention} ({name})", answers))
    return found


def _answer(text: str, mentions: Sequence[dict[str, str]]) -> str:
    return json.dumps({"sentences": [{"text": text, "mentions": mentions}]}, ensure_ascii=False)


def _build(place: Path) -> None:
    from transformers import LlamaConfig, LlamaForCausalLM

    pairs = [(prompt, answer) for prompt, answers in conversations() for answer in answers]
    tokenizer = _tokenizer([text for pair in pairs for text in pair])
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    network = tiny_models.make(LlamaForCausalLM, config)
    network.generation_config.do_sample = True  # A server asks this, whatever the temperature.
    tiny_models.train(network, _batches(tokenizer, pairs), "chat")
    (place / "spec.jinja").write_text(TEMPLATE, encoding="utf-8")
    network.eval().save_pretrained(place)
    tokenizer.save_pretrained(place)


def _tokenizer(texts: Sequence[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    names = ["<pad>", "<s>", "</s>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens(list(_FRAGMENTS))
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=names, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([*texts, "user\nassistant\n"], trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", bos_token="<s>", eos_token="</s>", model_max_length=256
    )
    wrapped.add_tokens(list(_FRAGMENTS))
    wrapped.chat_template = _CHAT
    return wrapped


def _batches(tokenizer: Any, pairs: Sequence[tuple[str, str]]) -> Callable[[np.random.Generator], dict[str, Any]]:
    import torch

    rows = []
    for prompt, answer in pairs:
        asked = [{"role": "user", "content": prompt}]
        before = tokenizer.apply_chat_template(asked, add_generation_prompt=True, return_dict=True)["input_ids"]
        said = [*tokenizer(answer, add_special_tokens=False).input_ids, tokenizer.eos_token_id]
        rows.append(([*before, *said], [*[-100] * len(before), *said]))

    def batch(rng: np.random.Generator) -> dict[str, Any]:
        chosen = [rows[row] for row in rng.integers(len(rows), size=_BATCH)]
        longest = max(len(ids) for ids, _ in chosen)
        padded = [
            [[*row, *[filler] * (longest - len(row))] for row in column]
            for column, filler in zip(zip(*chosen, strict=True), (tokenizer.pad_token_id, -100), strict=True)
        ]
        ids, labels = map(torch.tensor, padded)
        return {"input_ids": ids, "attention_mask": (ids != tokenizer.pad_token_id).long(), "labels": labels}

    return batch
