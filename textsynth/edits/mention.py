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


def replace_mentions(tokenised: Tokenised, may: np.ndarray, gazetteer: Gazetteer, rng: np.random.Generator) -> Corpus:
    """Replaces mentions by others of their labels, each as likely as the next.

    A mention whose label has no other stays.

    Args:
        tokenised: the examples.
        may: `(spans,)`; which mentions are replaced.
        gazetteer: the mentions there are.
        rng: draws one number a mention.
    """
    corpus = tokenised.corpus
    spans, row = corpus.spans, corpus.spans.row_of_span()
    asked = set(spans.labels.filter(pa.array(may)).unique().to_pylist())
    known = [label for label in gazetteer.mentions if label in asked]
    pools = [list(gazetteer.mentions[label]) for label in known]
    material, strings = Material.of_lists(tokenised, pools)
    code = pc.fill_null(pc.index_in(spans.labels, pa.array(known, pa.string())), -1).to_numpy(zero_copy_only=False)
    own = _own_places(mention_array(corpus), code, pools)
    others = np.append(strings.lengths, 0)[code] - (own >= 0)
    at = np.flatnonzero(may & (others > 0))
    # Drawn from one fewer than there are, with the mention itself skipped, so that nothing need be drawn twice.
    drawn = (rng.random(len(at)) * others[at]).astype(np.int64)
    drawn += strings.bounds[code[at]] + ((own[at] >= 0) & (drawn >= own[at]))
    base = tokenised.points.rows[row[at]]
    start, end = base + spans.starts[at], base + spans.ends[at]
    edits = Edits(row[at], start, end, material.first[drawn], material.stop[drawn])
    return carry_out(tokenised, np.arange(len(corpus)), edits, material)


def _own_places(mentions: pa.StringArray, code: np.ndarray, pools: Sequence[Sequence[str]]) -> np.ndarray:
    """Returns for each mention its place in the pool of its label, -1 if it is not there."""
    own = np.full(len(mentions), -1, np.int64)
    for number, pool in enumerate(pools):
        some = np.flatnonzero(code == number)
        places = pc.index_in(mentions.take(pa.array(some)), pa.array(pool, pa.string()))
        own[some] = pc.fill_null(places, -1).to_numpy(zero_copy_only=False)
    return own
