"""Vectors of tokens: where they come from, and what they do not depend on."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import tiny_models
from static_embeddings import write_static
from tiny_tagger import tiny_tagger

from textsynth.corpus import Corpus
from textsynth.corpus.tokens import tokenize
from textsynth.errors import OptionError
from textsynth.pretrained.token_vectors import load_token_encoder
from textsynth.scores.pooled_tagger import teach_pooled_tagger

pytestmark = pytest.mark.heavy


def test_each_token_has_the_vectors_of_two_layers():
    import torch
    import transformers

    encode = load_token_encoder(tiny_models.untrained("bert"))
    corpus = Corpus.from_columns(text=["sailboats sail", "", "so they say"])
    vectors = encode(corpus, tokenize(corpus))
    assert vectors.shape == (5, 128)
    np.testing.assert_allclose(np.linalg.norm(vectors[:, :64], axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors[:, 64:], axis=1), 1, rtol=1e-5)
    # The same by transformers alone, for the first pieces of the words.
    model = transformers.AutoModel.from_pretrained(tiny_models.untrained("bert")).eval()
    cut = transformers.AutoTokenizer.from_pretrained(tiny_models.untrained("bert"))(
        "sailboats sail", return_tensors="pt"
    )
    with torch.inference_mode():
        layers = model(**cut, output_hidden_states=True).hidden_states
    firsts = [cut.word_ids().index(word) for word in (0, 1)]
    for half, layer in enumerate((layers[1], layers[2])):
        wanted = torch.nn.functional.normalize(layer[0, firsts]).numpy()
        np.testing.assert_allclose(vectors[:2, 64 * half : 64 * (half + 1)], wanted, atol=1e-5)


def test_what_is_not_read_has_zeros():
    encode = load_token_encoder(tiny_tagger())  # It reads 32 positions, two of them for its own symbols.
    corpus = Corpus.from_columns(text=["Ada " * 40])
    vectors = encode(corpus, tokenize(corpus))
    assert vectors[:30].any(axis=1).all()
    assert not vectors[30:].any()


def test_they_help_to_find_mentions():
    """The tiny one has learnt to tell two names, which stand in the same places here."""
    gold = Corpus.from_columns(
        text=["Oslo was there", "Ada was there"] * 3, spans=[[(0, 4, "LOC")], [(0, 3, "PER")]] * 3
    )
    tagger = teach_pooled_tagger(gold, Corpus.empty(), load_token_encoder(tiny_tagger()))
    texts = Corpus.from_columns(text=["Ada left", "Oslo left"])
    assert tagger.examine(texts)[0].labels.tolist() == ["PER", "LOC"]


def test_static_embeddings_have_none(tmp_path):
    with pytest.raises(OptionError, match="must be a transformer"):
        load_token_encoder(str(write_static(tmp_path, ["a"], np.ones((2, 2), np.float32))))
