"""Encoders: from texts to vectors that lie near each other if the texts are alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Encoder = Callable[[Sequence[str]], np.ndarray]
"""Gives a vector for each text, `(texts, width)`; always the same for the same text."""

TFIDF = "tfidf"
"""The name of the encoder that is built in."""

_TERMS = 20_000
"""Terms that are counted, the most frequent ones."""


def fit_tfidf(texts: Sequence[str], rng: np.random.Generator, width: int = 64) -> Encoder:
    """Returns an encoder of words and pairs of words, weighted by how rare they are, in fewer dimensions.

    Deerwester et al. 1990, "Indexing by Latent Semantic Analysis". It knows nothing of meaning: *car* and *automobile*
    have nothing in common, unless the texts show it.

    Args:
        texts: what it learns terms and dimensions from.
        rng: for the first guess of the decomposition.
        width: of the vectors, at most; as many as the terms allow.

    Raises:
        ValueError: if no text has a word.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    terms = TfidfVectorizer(
        ngram_range=(1, 2), max_features=_TERMS, token_pattern=r"\w+|[^\w\s]", sublinear_tf=True, dtype=np.float32
    )
    counted = terms.fit_transform(texts)
    wide = min(width, counted.shape[1] - 1, counted.shape[0])
    if wide < 2:
        return lambda given: np.asarray(terms.transform(given).todense(), np.float64)
    axes = TruncatedSVD(wide, n_iter=4, random_state=int(rng.integers(2**31))).fit(counted)
    return lambda given: np.asarray(axes.transform(terms.transform(given)), np.float64)
