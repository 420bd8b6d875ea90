"""A tiny transformer for token classification with real weights, trained for a second to find two names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tiny_models
from shared_work import build_once

TEXTS = ("Ada went to Oslo .", "Oslo is where Ada was .", "nobody was there .", "then Ada left .", "we saw Oslo .")
TAGS = {"Ada": "B-PER", "Oslo": "B-LOC"}
NAMES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def tiny_tagger() -> str:
    """Returns its directory."""
    return str(build_once("tagger", _build))


def _build(directory: Path) -> None:
    import torch
    import transformers

    words = sorted({word for text in TEXTS for word in text.split()})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, ",", "didn", "'", "t"]
    tokenizer = _tokenizer({word: number for number, word in enumerate(vocabulary)})
    torch.manual_seed(3)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        id2label=dict(enumerate(NAMES)),
        label2id={name: number for number, name in enumerate(NAMES)},
    )
    network = transformers.BertForTokenClassification(config)
    batch = tokenizer(list(TEXTS), padding=True, return_tensors="pt")
    wanted = [
        [-100, *(NAMES.index(TAGS.get(word, "O")) for word in text.split()), *[-100] * 9][: batch["input_ids"].shape[1]]
        for text in TEXTS
    ]
    optimiser = torch.optim.Adam(network.parameters(), 0.02)
    network.train()
    for _ in range(60):
        loss = network(**batch, labels=torch.tensor(wanted)).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    network.eval()
    tiny_models._save(directory, network, tokenizer)


def _tokenizer(vocabulary: dict[str, int]) -> Any:
    import tokenizers
    import transformers
    from tokenizers.processors import TemplateProcessing

    cut = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    cut.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    special = [("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    cut.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=special)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=cut, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )
