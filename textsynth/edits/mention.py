"""Edits of whole mentions: each is replaced by a string that goes with its label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus import Corpus
from textsynth.edits.edit_table import Edits, Material, carry_out
from textsynth.edits.tokenised import Tokenised
from textsynth.extract import Gazetteer
from textsynth.extract.gazetteer import mention_array


def replace_mentions(corpus: Corpus, labels: Sequence[str], gazetteer: Gazetteer, rng: np.random.Generator) -> Corpus:
    """Replaces every mention of some labels by another of its label, each as likely as the next.

    A mention whose label has no other stays.

    Args:
        corpus: the examples.
        labels: the labels whose mentions are replaced.
        gazetteer: the mentions there are.
        rng: draws one number a mention.
    """
    tokenised = Tokenised.of(corpus)
    known = [label for label in labels if label in gazetteer.mentions]
    pools = [list(gazetteer.mentions[label]) for label in known]
    material = Material(tokenised, [mention for pool in pools for mention in pool])
    spans, row = corpus.spans, corpus.spans.row_of_span()
    code = pc.fill_null(pc.index_in(spans.labels, pa.array(known, pa.string())), -1).to_numpy(zero_copy_only=False)
    own = _own_places(mention_array(corpus), code, pools)
    size, low = (np.append(each, 0)[code] for each in _sizes(pools))
    at = np.flatnonzero(size > (own >= 0))
    drawn = (rng.random(len(at)) * (size - (own >= 0))[at]).astype(np.int64)
    drawn += low[at] + ((own[at] >= 0) & (drawn >= own[at]))
    base = tokenised.points.rows[row[at]]
    start, end = base + spans.starts[at], base + spans.ends[at]
    edits = Edits(row[at], start, end, material.first[drawn], material.stop[drawn])
    return carry_out(tokenised, np.arange(len(corpus)), edits, material)


def _own_places(mentions: pa.StringArray, code: np.ndarray, pools: Sequence[Sequence[str]]) -> np.ndarray:
    """Returns for each mention its place in the pool of its label, -1 where it is not there."""
    own = np.full(len(mentions), -1, np.int64)
    for number, pool in enumerate(pools):
        some = np.flatnonzero(code == number)
        places = pc.index_in(mentions.take(pa.array(some)), pa.array(pool, pa.string()))
        own[some] = pc.fill_null(places, -1).to_numpy(zero_copy_only=False)
    return own


def _sizes(pools: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    """Returns how many strings each pool has, and how many all before it have."""
    sizes = np.array([len(pool) for pool in pools], np.int64)
    return sizes, np.cumsum(sizes) - sizes
