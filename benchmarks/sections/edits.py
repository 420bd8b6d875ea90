"""Words and characters of labelled sentences edited, beside the libraries that do so to text."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import peers_edits
import pyarrow as pa
from material import EDITED, SHARD, edit_sampler, tokenised_source
from measure import Effort, Row, percent
from memory import measured
from peers_edits import Peers

import textsynth as ts
from sections import mention
from textsynth.foundation.seeding import child_rng
from textsynth.generators import Draft
from textsynth.synonyms.wordnet import INSTALL, locate

COPIES = 16
TITLE = f"edits: {percent(EDITED)} of the words, in shards of {SHARD:,} sentences; text and spans out as columns"
_TIMES = 10


@dataclass(frozen=True, slots=True)
class Case:
    """An operation, and who else has it.

    Args:
        name: of the operation.
        peers: measures the others.
    """

    name: str
    peers: Callable[[Peers], list[Row]]


CASES = (
    Case("word_deletion", peers_edits.deletion),
    Case("word_swap", peers_edits.swap),
    Case("keyboard_slip", peers_edits.slip),
    Case("synonym_replacement", peers_edits.synonyms),
)


def rows(effort: Effort) -> list[Row]:
    """Measures each operation, the floor below it and its growth, then the peers; mentions as in their own section."""
    path, source = tokenised_source()
    table: list[Row] = []
    for case in CASES:
        if case.name == "synonym_replacement" and locate("") is None:
            table.append(Row(name=case.name, note=f"no WordNet: {INSTALL}"))
            continue
        table += _ours(case.name, path, source, effort)
        table += case.peers(Peers(source, case.name, effort))
    return [*table, *_mentions(effort)]


def _mentions(effort: Effort) -> list[Row]:
    ours, *others = mention.rows(effort)
    name = "mention_replacement"
    return [replace(ours, name=name), *(replace(each, beside=name) for each in others)]


def _ours(name: str, path: Path, source: ts.Corpus, effort: Effort) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        sampler = edit_sampler(name, source, Path(folder))
    rng = child_rng(7, "speed", name)
    rate = effort.rate(lambda: sampler(SHARD, rng), SHARD)
    floor = _floor(sampler(SHARD, rng), effort)
    copied = np.repeat(np.arange(SHARD // COPIES), COPIES)
    unlike = effort.rate(lambda: sampler.copies(copied, rng), len(copied))
    draft = sampler.copies(np.repeat(np.arange(len(source)), COPIES), child_rng(7, "check"))
    damaged, total = _damaged(draft.corpus, source)
    growth, figures = _growth(path, name, min(len(source) * COPIES, effort.rows // _TIMES))
    figures |= {"entities": total, "entities_damaged": damaged / total}
    note = f"{percent(damaged / total)} of {total:,} entities damaged; {growth}"
    there = 1 - sum(reason is not None for reason in draft.reasons) / len(draft.corpus)
    return [
        Row(name=name, rate=rate, note=note, figures=figures),
        Row(name=f"{name}, all copies different", rate=unlike, note=f"{percent(there)} of {COPIES} a sentence found"),
        Row(name="the floor: Arrow copies the rows", rate=floor, note=f"{floor / rate:.1f} × as fast", beside=name),
    ]


def _floor(made: ts.Corpus | Draft, effort: Effort) -> float:
    """Returns how fast Arrow alone writes the same bytes: it copies the rows as they are, in any order."""
    corpus = made.corpus if isinstance(made, Draft) else made
    table = corpus.table.combine_chunks()
    order = pa.array(child_rng(7, "floor").permutation(len(corpus)))
    return effort.rate(lambda: table.take(order), len(corpus))


def _damaged(copies: ts.Corpus, source: ts.Corpus) -> tuple[int, int]:
    """Counts the entities in copies of all sentences that do not have their words and label, and all entities."""
    wanted = [_entities(example) for example in source]
    found = [_entities(example) for example in copies]
    kept = sum(
        one == other
        for row, entities in enumerate(found)
        for one, other in zip(entities, wanted[row // COPIES], strict=False)
    )
    total = COPIES * sum(map(len, wanted))
    return total - kept, total


def _entities(example: ts.Example) -> list[tuple[str, str]]:
    return [(example.text[span.start : span.end], span.label) for span in example.spans]


def _growth(path: Path, name: str, count: int) -> tuple[str, dict[str, Any]]:
    """Makes so many sentences, and ten times as many, each in a process of its own."""
    few, many = measured("edit", path, name, count), measured("edit", path, name, _TIMES * count)
    times = many["seconds"] / few["seconds"]
    peaks = f"{many['peak_mb']:.0f} MB at most, as against {few['peak_mb']:.0f}"
    note = f"{_TIMES} × as many take {times:.1f} × the time, {peaks}"
    return note, {"few": few, "many": many}
