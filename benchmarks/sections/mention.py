"""Mentions replaced by others of their label, beside augmenty."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import peers
from material import SHARD, exact_spans, fitted, shards, tokenised_source
from measure import Effort, Row, percent

import textsynth as ts
from textsynth.extract import Resources
from textsynth.foundation.seeding import child_rng
from textsynth.generators.mention_replacement import MentionReplacement

TITLE = f"mention_replacement: all mentions, from the gazetteer of the source, in shards of {SHARD:,}"
_CHECKED_SHARDS = 10


def rows(effort: Effort) -> list[Row]:
    """Measures on the examples of the source that have a mention; the peer on the same."""
    path, source = tokenised_source()
    resources = Resources.of(source)
    with tempfile.TemporaryDirectory() as folder:
        ours = _ours(f"on {path.parent.name}/{path.name}", resources, Path(folder) / "mention", effort)
    mentioned = source.mask(np.diff(source.spans.rows) > 0)
    return [ours, *peers.augmenty_mentions(mentioned, resources.gazetteer.mentions, ours.name, effort)]


def _ours(name: str, resources: Resources, place: Path, effort: Effort) -> Row:
    ready = fitted(MentionReplacement(), resources, place)
    rng = child_rng(7, "speed", "mention")
    rate = effort.rate(lambda: ready.sampler(SHARD, rng), SHARD)
    made = ts.Corpus.concat(shards(ready.sampler, child_rng(7, "check"), _CHECKED_SHARDS)).table.to_pylist()
    exact, total = exact_spans(made, resources.templates, ready.values())
    known = set(resources.source.texts.to_pylist())
    copies = sum(row["text"] in known for row in made) / len(made)
    figures = {"spans": total, "spans_exact": exact / total, "copies": copies, "once_seconds": ready.seconds}
    note = f"{percent(exact / total)} of {total:,} spans exact; {percent(copies)} of the sentences stand in the source"
    return Row(name=name, rate=rate, note=f"{note}; learned and compiled once, {ready.seconds:.2f} s", figures=figures)
