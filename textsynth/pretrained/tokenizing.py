"""What a tokenizer and its model read: pieces of texts, the symbols around them, and how many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from textsynth.errors import OptionError


def special_symbols(tokenizer: Any) -> set[int]:
    """Returns the symbols of a tokenizer that stand for no text."""
    return {*tokenizer.all_special_ids, *tokenizer.added_tokens_decoder}


def check_offsets(tokenizer: Any, model: str) -> None:
    """Checks that a tokenizer says where pieces begin and end: those that are written in Python do not.

    Raises:
        OptionError: if it does not; `model` is named.
    """
    if not tokenizer.is_fast:
        raise OptionError(f"option 'model' must be a model with a fast tokenizer (tokenizer.json), has none: {model!r}")


def cut_texts(texts: Sequence[str], tokenizer: Any, *, offsets: bool = False) -> dict[str, Any]:
    """Returns the pieces of texts as `input_ids`.

    Nothing in a text is special: some vocabularies take special symbols for pieces of text too, and those are unknown.

    Args:
        texts: any.
        tokenizer: of transformers.
        offsets: whether `offset_mapping` says where each begins and ends; only fast tokenizers know.
    """
    cut = tokenizer(
        list(texts),
        add_special_tokens=False,
        return_offsets_mapping=offsets,
        return_attention_mask=False,
        split_special_tokens=True,
        verbose=False,
    )
    unknown = tokenizer.unk_token_id
    special = special_symbols(tokenizer) if unknown is not None else set()
    pieces = [[unknown if piece in special else piece for piece in each] for each in cut["input_ids"]]
    return {**cut, "input_ids": pieces}


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
