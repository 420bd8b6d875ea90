"""What a tokenizer and its model read: pieces of texts, the symbols around them, and how many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def special_symbols(tokenizer: Any) -> set[int]:
    """Returns the symbols of a tokenizer that stand for no text."""
    return {*tokenizer.all_special_ids, *tokenizer.added_tokens_decoder}


def cut_texts(texts: Sequence[str], tokenizer: Any) -> dict[str, Any]:
    """Returns the pieces of texts as `input_ids`, and as `offset_mapping` where each begins and ends.

    Nothing in a text is special: some vocabularies take special symbols for pieces of text too, and those are unknown.
    """
    cut = tokenizer(
        list(texts),
        add_special_tokens=False,
        return_offsets_mapping=True,
        return_attention_mask=False,
        split_special_tokens=True,
        verbose=False,
    )
    unknown = tokenizer.unk_token_id
    special = special_symbols(tokenizer) if unknown is not None else set()
    pieces = [[unknown if piece in special else piece for piece in each] for each in cut["input_ids"]]
    return {"input_ids": pieces, "offset_mapping": cut["offset_mapping"]}


def frame_of(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Returns the symbols that a tokenizer puts before and behind every text."""
    encoded = tokenizer("a", return_special_tokens_mask=True)
    special = np.array(encoded["special_tokens_mask"], bool)
    inner = np.flatnonzero(~special)
    symbols = encoded["input_ids"]
    return symbols[: inner[0]], symbols[inner[-1] + 1 :]


def limit_of(model: Any, tokenizer: Any) -> int:
    """Returns how many symbols a model can read at a time: as many as it has positions, and its tokenizer says."""
    config = model.config
    positions = getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None)
    table = [each for name, each in model.named_modules() if name.endswith("position_embeddings")]
    # RoBERTa counts positions from behind the number of its padding.
    skipped = [each.padding_idx + 1 for each in table if getattr(each, "padding_idx", None) is not None]
    limits = [int(tokenizer.model_max_length)]
    if isinstance(positions, int) and positions > 0:
        limits.append(positions - max(skipped, default=0))
    return min(limits)
