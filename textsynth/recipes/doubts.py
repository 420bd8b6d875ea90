"""Doubts: what in labelled examples is most likely a mistake, and would be learnt; told when a recipe is begun."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow.compute as pc

from textsynth.corpus import Corpus
from textsynth.extract.class_name import spell_class
from textsynth.foundation.plural import tell_count

_SHOWN = 60
"""Characters of a text that are shown."""


def list_doubts(source: Corpus) -> list[str]:
    """Says what is doubtful in labelled examples, a line each.

    >>> list_doubts(Corpus.from_columns(text=["it broke", "it broke", " "], label=["Damage", "refund", "damage"]))
    ... # doctest: +NORMALIZE_WHITESPACE
    ['1 text is blank', "1 text comes again with other labels: 'it broke'",
     'names that differ in capitals or marks alone are different: Damage, damage']
    """
    doubts = [*_find_blank(source), *_find_contradictions(source)]
    for names in (source.labels, source.classes):
        doubts += [f"names that differ in capitals or marks alone are different: {each}" for each in _find_like(names)]
    by_class = source.classes and not source.labels
    return doubts + (_find_missing_classes(source) if by_class else [])


def _find_blank(source: Corpus) -> Iterator[str]:
    blank = pc.sum(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(source.texts)), 0)).as_py()
    if blank:
        yield f"{tell_count(blank, 'text')} {'is' if blank == 1 else 'are'} blank"


def _find_contradictions(source: Corpus) -> Iterator[str]:
    """Tells of texts that stand there several times, with other spans or classes."""
    codes = source.texts.dictionary_encode().indices.to_numpy()
    again = source.mask(np.bincount(codes)[codes] > 1) if len(codes) else source
    said = defaultdict(set)
    for example in again:
        said[example.text].add((example.spans, example.label))
    several = [text for text, ways in said.items() if len(ways) > 1]
    if several:
        shown = several[0] if len(several[0]) <= _SHOWN else several[0][:_SHOWN] + "…"
        texts, such = ("texts come", ", such as") if len(several) > 1 else ("text comes", ":")
        yield f"{len(several)} {texts} again with other labels{such} {shown!r}"


def _find_like(names: Sequence[str]) -> Iterator[str]:
    like = defaultdict(list)
    for name in names:
        like[(spell_class(name) or name).casefold()].append(name)
    return (", ".join(some) for some in like.values() if len(some) > 1)


def _find_missing_classes(source: Corpus) -> list[str]:
    missing = source.table.column("label").null_count
    has = f"{tell_count(missing, 'example')} {'has' if missing == 1 else 'have'}"
    alone = ["there is one class alone, and a classifier has nothing to tell apart"] if len(source.classes) < 2 else []
    return ([f"{has} no class, and would be delivered so"] if missing else []) + alone
