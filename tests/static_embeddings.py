"""Static embeddings of a few words, written on the spot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np


def write_static(folder: Path, words: Sequence[str], vectors: np.ndarray) -> Path:
    """Writes them; the first vector is that of all other words."""
    from model2vec import StaticModel
    from tokenizers import Tokenizer, models, pre_tokenizers

    known = {word: number for number, word in enumerate(["[UNK]", *words])}
    tokenizer = Tokenizer(models.WordLevel(known, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    StaticModel(vectors.astype(np.float32), tokenizer, normalize=False).save_pretrained(str(folder))
    config = folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"model_type": "model2vec"}))
    return folder
