"""Distances of an output to what it was made from and to held-out text: a description, and no proof of safety."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from textsynth.components.metric import Evidence
from textsynth.corpus import Corpus
from textsynth.scores.encoders import Encoder

_BLOCK = 256
"""Examples whose similarities to all records are held at once."""

_ROUNDING = 1e-9
"""Under which difference two distances count as equal."""


def measure_distances(
    encode: Encoder | None, evidence: Evidence, most: int, rng: np.random.Generator
) -> tuple[float, float] | None:
    """Returns how an output lies between source and held-out text, by cosine distances.

    Equally many records of both are looked at, or the larger part would be nearer for its size alone.

    Args:
        encode: gives a vector for each text; None for TF-IDF of all words, fitted on source and held-out text.
        evidence: the output, what it was made from, and text like that.
        most: how many rows of each are looked at.
        rng: draws them.

    Returns:
        The share of the output that is closer to the source, equally close counting half; and the mean distance to the
        nearest record of the source, as a share of that to the nearest held-out one. None if there are no words, or if
        nothing is far from held-out text.
    """
    size = min(len(evidence.source), len(evidence.heldout), most)
    corpora = ((evidence.synthetic, most), (evidence.source, size), (evidence.heldout, size))
    drawn = [_draw(corpus, rows, rng) for corpus, rows in corpora]
    try:
        encode_sparse = _fit_words(drawn[1] + drawn[2]) if encode is None else _make_sparse(encode)
    except ValueError:  # no text has a word
        return None
    made, of_source, of_heldout = map(encode_sparse, drawn)
    near, far = _find_nearest(made, of_source), _find_nearest(made, of_heldout)
    tied = np.abs(near - far) < _ROUNDING
    closer = np.where(tied, 0.5, near < far).mean()
    return (float(closer), float(near.mean() / far.mean())) if far.mean() > _ROUNDING else None


def _fit_words(texts: list[str]) -> Callable[[list[str]], Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(token_pattern=r"(?u)\b\w+\b").fit(texts).transform


def _make_sparse(encode: Encoder) -> Callable[[list[str]], Any]:
    """Returns an encoder whose vectors have length 1, as sparse rows."""
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    return lambda texts: csr_matrix(normalize(encode(texts)))


def _draw(corpus: Corpus, most: int, rng: np.random.Generator) -> list[str]:
    rows = rng.choice(len(corpus), min(most, len(corpus)), replace=False)
    texts: list[str] = corpus.take(rows).texts.to_pylist()
    return texts


def _find_nearest(made: Any, records: Any) -> np.ndarray:
    """Returns the distance of each example to the nearest record, `(examples,)`."""
    starts = range(0, made.shape[0], _BLOCK)
    return np.concatenate([1 - (made[s : s + _BLOCK] @ records.T).max(axis=1).toarray()[:, 0] for s in starts])
