"""Distances of an output to what it was made from and to held-out text: a description, and no proof of safety."""

from __future__ import annotations

from typing import Any

import numpy as np

from textsynth.corpus import Corpus

_BLOCK = 256
"""Examples whose similarities to all records are held at once."""

_ROUNDING = 1e-9
"""Under which difference two distances count as equal."""


def measure_distances(
    synthetic: Corpus, source: Corpus, heldout: Corpus, most: int, rng: np.random.Generator
) -> tuple[float, float] | None:
    """Returns how an output lies between source and held-out text, by cosine distances over TF-IDF.

    Equally many records of both are looked at, or the larger part would be nearer for its size alone.

    Args:
        synthetic: the output.
        source: what it was made from.
        heldout: text like it.
        most: how many rows of each are looked at.
        rng: draws them.

    Returns:
        The share of the output that is closer to the source, equally close counting half; and the mean distance to the
        nearest record of the source, as a share of that to the nearest held-out one. None if there are no words, or if
        nothing is far from held-out text.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    size = min(len(source), len(heldout), most)
    drawn = [_draw(synthetic, most, rng), _draw(source, size, rng), _draw(heldout, size, rng)]
    vectorizer = TfidfVectorizer(token_pattern=r"(?u)\b\w+\b")
    try:
        vectorizer.fit(drawn[1] + drawn[2])
    except ValueError:  # no text has a word
        return None
    made, of_source, of_heldout = (vectorizer.transform(texts) for texts in drawn)
    near, far = _find_nearest(made, of_source), _find_nearest(made, of_heldout)
    tied = np.abs(near - far) < _ROUNDING
    closer = np.where(tied, 0.5, near < far).mean()
    return (float(closer), float(near.mean() / far.mean())) if far.mean() > _ROUNDING else None


def _draw(corpus: Corpus, most: int, rng: np.random.Generator) -> list[str]:
    rows = rng.choice(len(corpus), min(most, len(corpus)), replace=False)
    texts: list[str] = corpus.take(rows).texts.to_pylist()
    return texts


def _find_nearest(made: Any, records: Any) -> np.ndarray:
    """Returns the distance of each example to the nearest record, `(examples,)`."""
    starts = range(0, made.shape[0], _BLOCK)
    return np.concatenate([1 - (made[s : s + _BLOCK] @ records.T).max(axis=1).toarray()[:, 0] for s in starts])
