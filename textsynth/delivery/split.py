"""Divides examples into train, validation and test so that near-copies stay on one side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus import Corpus
from textsynth.corpus.table import one_chunk
from textsynth.extract.heldout import number_groups
from textsynth.foundation.seeding import fingerprint
from textsynth.recipes.sections import TEST, TRAIN, VALIDATION


def parents_of(corpus: Corpus) -> pa.StringArray:
    """Returns what each example was made from; one that was made from nothing counts with others of its like.

    So those that a language model, say, has thought of are divided too, equal texts on one side.
    """
    parents = one_chunk(corpus.table.column("parent"))
    orphans = pc.equal(parents, "")
    of_orphans = [f"from nothing {fingerprint(text)[:3]}" for text in corpus.texts.filter(orphans).to_pylist()]
    return pc.replace_with_mask(parents, orphans, pa.array(of_orphans, pa.string()))


def find_twins(source: Corpus) -> dict[str, str]:
    """Returns the parents of a source that have the text or wording of an earlier one, each with that one.

    A text that stands twice with different mentions has two wordings, so two parents, and is still one text.
    """
    parents, groups = parents_of(source).to_pylist(), number_groups(source).tolist()
    first: dict[int, str] = {}
    for parent, group in zip(parents, groups, strict=True):
        first.setdefault(group, parent)
    return {parent: first[group] for parent, group in zip(parents, groups, strict=True) if parent != first[group]}


def assign_parents(
    counts: Mapping[str, int], validation: float, test: float, rng: np.random.Generator
) -> dict[str, str]:
    """Assigns each parent, and with it all examples that were made from it, to a split.

    Parents come in random order and go to validation while they fit into its share, then to test, then to train. A
    parent with more examples than a small split may have goes to train. A split that was asked for gets at least one
    parent if there are three.

    Args:
        counts: examples by parent.
        validation: share of the examples.
        test: share of the examples.
        rng: draws the order.

    >>> from textsynth.foundation.seeding import child_rng
    >>> sides = assign_parents({"a": 8, "b": 1, "c": 1}, 0.1, 0.1, child_rng(0, "split"))
    >>> sorted(sides.values()), sides["a"]
    (['test', 'train', 'validation'], 'train')
    """
    total = sum(counts.values())
    room = {VALIDATION: validation * total, TEST: test * total}
    names = sorted(counts)
    order = [names[index] for index in rng.permutation(len(names))]
    sides = {}
    for parent in order:
        side = next((side for side, left in room.items() if counts[parent] <= left), TRAIN)
        if side != TRAIN:
            room[side] -= counts[parent]
        sides[parent] = side
    return _without_gaps(sides, counts, {VALIDATION: validation, TEST: test})


def _without_gaps(sides: dict[str, str], counts: Mapping[str, int], shares: Mapping[str, float]) -> dict[str, str]:
    """Gives each split that came out empty a small parent of train, or of the other split if train has only one."""
    for side, share in shares.items():
        if share > 0 and side not in sides.values() and len(sides) >= 3:
            members = Counter(sides.values())
            givers = [parent for parent in sides if members[sides[parent]] > 1]
            sides[min(givers, key=lambda parent: (sides[parent] != TRAIN, counts[parent], parent))] = side
    return sides
