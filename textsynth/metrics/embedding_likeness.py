"""How alike the synthetic text and the source are to an encoder: Fréchet distance and divergence frontier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from textsynth.components.component import Positive, check_extras
from textsynth.components.metric import Cell, Evidence, Measured, Metric, Score, Table
from textsynth.extract.heldout import number_groups
from textsynth.pretrained.encoding import EncoderOptions, load_encoder
from textsynth.scores.divergence import frontier
from textsynth.scores.encoders import TFIDF, Encoder, fit_tfidf
from textsynth.scores.frechet import frechet_distance
from textsynth.scores.intervals import Estimate, estimate
from textsynth.scores.sides import draw, draw_sides, make_scores, unknown

_SEEDS = 5
_ROWS_A_CLUSTER = 10
_CLUSTERS = 500
_KINDS = {"Fréchet distance": ("lower", ""), "frontier": ("higher", "")}


@dataclass(frozen=True, kw_only=True)
class EmbeddingLikeness(EncoderOptions, Metric):
    """Compares where texts lie for an encoder: the Fréchet distance, and the area under the divergence frontier.

    Fréchet distance (Heusel et al. 2017): squared, between the Gaussians that two sets of vectors fit. It sees means
    and covariances alone, and falls with the number of rows.

    Frontier, like MAUVE (Pillutla et al. 2021): the vectors of both corpora, made of one length, are clustered by
    k-means, a cluster for ten rows up to 500, and the histograms are compared by their divergence frontier; 1 is the
    same text. The mean of five clusterings. It sees what is left out and what comes too often. Other real text does not
    reach 1, and how near it comes depends on the number of rows. MAUVE's own figures come about with GPT-2's vectors:
    they do not compare with these.

    Both corpora are compared with as many rows of the source as they have. The built-in encoder, TF-IDF in 64
    dimensions, is fitted on these. It sees words, not meaning; the option `encoder` takes a model, and
    `compare_vectors` any function. Intervals: 20 blocks of wordings, each left out once, with the clusters as they
    are; the variance among the five clusterings is added.

    Args:
        sample: rows of each corpus that are looked at, at most.
    """

    extras: ClassVar[tuple[str, ...]] = ("metrics",)

    sample: Positive = 5_000

    def measure(self, evidence: Evidence, rng: np.random.Generator) -> Measured:
        """Loads the encoder, or fits it on the source, and compares."""
        check_extras(self, "metric 'embedding_likeness'")
        encode = None if self.encoder == TFIDF else load_encoder(self.encoder)
        return compare_vectors(encode, evidence, rng, self.sample)


def compare_vectors(encode: Encoder | None, evidence: Evidence, rng: np.random.Generator, sample: int) -> Measured:
    """Compares the vectors of an encoder as `EmbeddingLikeness` does.

    Args:
        encode: gives a vector for each text, such as `StaticModel.from_pretrained(path).encode` of model2vec; None for
            TF-IDF.
        evidence: what is looked at.
        rng: all randomness comes from here.
        sample: rows of each corpus, at most.
    """
    sides = draw_sides(evidence, rng, sample)
    source = draw(sides.source, max(len(sides.synthetic), len(sides.heldout)), rng).texts.to_pylist()
    if len(source) < 2:
        return Measured({name: Score(None, better=better) for name, (better, _) in _KINDS.items()}, (), sides.notes)
    try:
        encoder = encode or fit_tfidf(source, rng)
    except ValueError:
        note = "the source has no words to encode"
        return Measured({name: Score(None, better=better) for name, (better, _) in _KINDS.items()}, (), (note,))
    real = np.asarray(encoder(source), np.float64)
    found: list[Estimate] = []
    spreads: list[float | None] = []
    for corpus in (sides.synthetic, sides.heldout):
        if len(corpus) < 2:
            found.append(unknown(len(_KINDS)))
            spreads.append(None)
            continue
        vectors = np.asarray(encoder(corpus.texts.to_pylist()), np.float64)
        one, spread = _compare(vectors, real, number_groups(corpus), rng)
        found.append(one)
        spreads.append(spread)
    row: tuple[Cell, ...] = ("frontier", *spreads)
    table = Table("Spread over five clusterings", ("score", "synthetic", "held out"), (row,))
    return Measured(make_scores(_KINDS, found[0], found[1]), (table,), sides.notes)


def _compare(
    vectors: np.ndarray, real: np.ndarray, groups: np.ndarray, rng: np.random.Generator
) -> tuple[Estimate, float]:
    """Returns both numbers, and the deviation of the frontier over the clusterings."""
    clusterings = [_cluster(vectors, real, rng) for _ in range(_SEEDS)]

    def numbers(rows: np.ndarray) -> list[float]:
        return [frechet_distance(vectors[rows], real) if len(rows) > 1 else float("nan"), *frontiers(rows)]

    def frontiers(rows: np.ndarray) -> list[float]:
        return [_frontier(mine[rows], theirs) for mine, theirs in clusterings]

    found = estimate(numbers, groups, rng)
    areas = found.values[1:]
    values = np.array([found.values[0], areas.mean()])
    variances = np.array([found.variances[0], found.variances[1:].mean() + areas.var(ddof=1) / _SEEDS])
    return Estimate(values, variances), float(areas.std(ddof=1))


def _cluster(vectors: np.ndarray, real: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Returns the cluster of each vector, and that of each of the source; those of zeros are one of their own."""
    from sklearn.cluster import KMeans

    both = np.concatenate([vectors, real])
    lengths = np.linalg.norm(both, axis=1)
    found = np.zeros(len(both), np.int64)
    if (lengths > 0).any():
        unit = both[lengths > 0] / lengths[lengths > 0, None]
        # Equal rows are told apart by nothing, and a cluster needs a place of its own.
        different = len(np.unique(unit.round(9), axis=0))
        clusters = max(1, min(_CLUSTERS, len(both) // 2 // _ROWS_A_CLUSTER, different))
        means = KMeans(clusters, n_init=1, max_iter=10, random_state=int(rng.integers(2**31)))
        found[lengths > 0] = 1 + means.fit_predict(unit)
    return found[: len(vectors)], found[len(vectors) :]


def _frontier(mine: np.ndarray, theirs: np.ndarray) -> float:
    size = int(max(mine.max(), theirs.max())) + 1
    return frontier(np.bincount(mine, minlength=size), np.bincount(theirs, minlength=size))
