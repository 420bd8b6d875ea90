"""The vectors that a transformer has for the tokens of texts, while it is taught nothing."""

from __future__ import annotations

import functools

import numpy as np
import torch

from textsynth.corpus import Corpus
from textsynth.corpus.tokens import TokenTable
from textsynth.pretrained.encoding import find_hidden_size, load_transformer
from textsynth.pretrained.model_source import ModelSource, fetch, locate
from textsynth.pretrained.recall import Recall
from textsynth.pretrained.token_reading import TokenReader
from textsynth.pretrained.tokenizing import check_offsets
from textsynth.scores.pooled_tagger import EncodeTokens
from textsynth.scores.probes import scale

_BATCH = 32
_RECALLED = 100_000
"""Tokens whose vectors are kept as long as the process lives, some 3 kB each."""


def load_token_encoder(name: str) -> EncodeTokens:
    """Loads a transformer that gives each token the vectors of its first piece: of the middle layer and of the last.

    The middle one says more of the word, the last one more of the text around it. Each is made of length 1. A token
    that the transformer does not read, as its text is too long, has zeros.

    Args:
        name: of the transformer, as `load_encoder` takes it.

    Raises:
        OptionError: if it is no transformer, or its tokenizer does not say where pieces are.
        TextsynthError: as `locate`.
    """
    return _load(name, fetch(locate(name)))


@functools.lru_cache(1)
def _load(name: str, source: ModelSource) -> EncodeTokens:
    """Loads it; the last one stays loaded, as `tune` reads the same raw text with it again and again."""
    loaded = load_transformer(name)
    check_offsets(loaded.tokenizer, name)
    width = find_hidden_size(loaded.model)
    known = Recall(_RECALLED)

    def encode(corpus: Corpus, tokens: TokenTable) -> np.ndarray:
        key = (tokens.rows.tobytes(), tokens.starts.tobytes(), *corpus.texts.to_pylist())
        return known.get(key, lambda: work_out(corpus, tokens))

    def work_out(corpus: Corpus, tokens: TokenTable) -> np.ndarray:
        reader = TokenReader(loaded, corpus, tokens)
        vectors = np.zeros((len(tokens.starts), 2 * width), np.float32)
        for rows in reader.batches(_BATCH):
            ids, mask = reader.read(rows)
            with torch.inference_mode():
                layers = loaded.model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
            both = torch.cat([layers[len(layers) // 2], layers[-1]], dim=-1).float().cpu().numpy()
            for row, values in zip(rows.tolist(), both, strict=True):
                vectors[tokens.rows[row] : tokens.rows[row + 1]] = reader.gather(row, values)
        return np.hstack([scale(vectors[:, :width]), scale(vectors[:, width:])])

    return encode
