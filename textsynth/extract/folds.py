"""Folds: a source in parts, each of which is tested on once by what was learnt from the others."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from textsynth.corpus import Corpus
from textsynth.corpus.classes import split_classes
from textsynth.extract.heldout import number_groups


def number_families(corpus: Corpus) -> np.ndarray:
    """Returns the family of each example, numbered from 0: those that share a text, a wording or a parent.

    >>> from textsynth.corpus.example import Example
    >>> examples = [Example("a"), Example("b", parent="x"), Example("A"), Example("c", parent="x")]
    >>> number_families(Corpus.from_examples(examples)).tolist()
    [0, 1, 0, 1]
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    groups = number_groups(corpus)
    parents = np.array([parent or "" for parent in corpus.table.column("parent").to_pylist()], str)
    names, keys = np.unique(parents, return_inverse=True)
    rows = np.flatnonzero(parents != "")
    first = int(groups.max(initial=-1)) + 1
    links = csr_matrix((np.ones(len(rows)), (groups[rows], first + keys[rows])), shape=(first + len(names),) * 2)
    families: np.ndarray = np.unique(connected_components(links, directed=False)[1][groups], return_inverse=True)[1]
    return families


def deal_folds(corpus: Corpus, families: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """Returns the fold of each example; each class and each label is dealt out evenly, and no family is parted.

    Families are laid out by their rarest class and, among those, by their rarest label, and dealt out in turn.

    Args:
        corpus: the examples.
        families: `(examples,)`; as `number_families` gives them.
        folds: how many there are.
        rng: draws the order of like families.

    >>> corpus = Corpus.from_columns(text=["a", "b", "c", "d"], label=["x", "x", "y", "y"])
    >>> folds = deal_folds(corpus, np.arange(4), 2, np.random.default_rng(0))
    >>> sorted(folds[:2].tolist()), sorted(folds[2:].tolist())
    ([0, 1], [0, 1])
    """
    kinds = _find_rarest(corpus, families)
    drawn = rng.permutation(len(kinds)).tolist()
    order = sorted(range(len(kinds)), key=lambda family: (kinds[family], drawn[family]))
    fold = np.empty(len(kinds), np.int64)
    fold[order] = (np.arange(len(kinds)) + int(rng.integers(folds))) % folds
    return fold[families]


def _find_rarest(corpus: Corpus, families: np.ndarray) -> list[tuple[str, str]]:
    """Returns the rarest class and the rarest label of each family."""
    classes: dict[int, set[str]] = defaultdict(set)
    labels: dict[int, set[str]] = defaultdict(set)
    for family, combination in zip(families.tolist(), corpus.table.column("label").to_pylist(), strict=True):
        classes[family].update(split_classes(combination))
    owners = families[corpus.spans.row_of_span()].tolist()
    for family, label in zip(owners, corpus.spans.labels.to_pylist(), strict=True):
        labels[family].add(label)
    counts = [Counter(name for names in kind.values() for name in names) for kind in (classes, labels)]

    def rarest(names: set[str], count: Counter[str]) -> str:
        return min(names, key=lambda name: (count[name], name), default="")

    number = int(families.max(initial=-1)) + 1
    return [(rarest(classes[each], counts[0]), rarest(labels[each], counts[1])) for each in range(number)]
