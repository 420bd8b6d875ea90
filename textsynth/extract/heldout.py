"""Held-out examples: which of a source are put aside before anything is learnt from the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from textsynth.corpus import Corpus
from textsynth.corpus.classes import split_classes
from textsynth.extract.template import Template
from textsynth.extract.template_columns import TemplateColumns
from textsynth.extract.wording import list_wordings


def split_heldout(corpus: Corpus, share: float, rng: np.random.Generator) -> tuple[Corpus, Corpus]:
    """Divides a corpus into what is learnt from and what is held out, each in the order of the corpus.

    Examples with one wording or one text stay together, in whatever case and white space. These groups are laid out by
    their rarest class and, among those, by their rarest label, and of that row every so-many-th is held out: so each
    class and label has its share, give or take one group. A group with more examples than are to be held out in all, or
    than half of its class has, stays, and so does the last one of a class or label.

    Args:
        corpus: the examples.
        share: of the groups, how many are held out.
        rng: draws which of like groups are held out.

    >>> from textsynth.foundation.seeding import child_rng
    >>> corpus = Corpus.from_columns(text=["a", "b", "c", "d", "A", "b"], label=["x", "x", "y", "y", "x", "y"])
    >>> [half.texts.to_pylist() for half in split_heldout(corpus, 0.5, child_rng(2, "heldout"))]
    [['b', 'd', 'b'], ['a', 'c', 'A']]
    """
    group_of_row = number_groups(corpus)
    groups = _describe_groups(corpus, group_of_row)
    held = _choose(groups, share, len(corpus), rng)[group_of_row]
    return corpus.mask(~held), corpus.mask(held)


def number_groups(corpus: Corpus) -> np.ndarray:
    """Returns the group of each example; those with one wording or one text, perhaps through others, share it.

    >>> corpus = Corpus.from_columns(text=["a", "b", "A "])
    >>> number_groups(corpus).tolist()
    [0, 1, 0]
    """
    _, group = np.unique(_list_wordings(corpus), return_inverse=True)
    _, text = np.unique(_list_texts(corpus), return_inverse=True)
    while True:
        merged = _take_least(_take_least(group, text), group)
        if np.array_equal(merged, group):
            return np.unique(group, return_inverse=True)[1]
        group = merged


def without_repeats(corpus: Corpus, heldout: Corpus) -> Corpus:
    """Returns the examples whose wording and text no held-out example has, in whatever case and white space."""
    if not len(heldout):
        return corpus
    wordings, texts = set(_list_wordings(heldout)), set(_list_texts(heldout))
    pairs = zip(_list_wordings(corpus), _list_texts(corpus), strict=True)
    apart = np.array([wording not in wordings and text not in texts for wording, text in pairs], bool)
    return corpus if apart.all() else corpus.mask(apart)


def without_wordings(templates: Sequence[Template], heldout: Corpus) -> Sequence[Template]:
    """Returns the templates whose wording no held-out example has."""
    wordings = set(_list_wordings(heldout))
    if not wordings:
        return templates
    columns = TemplateColumns.of(templates)
    return columns.mask(np.array([_simplify(written) not in wordings for written in columns.written()], bool))


def _list_wordings(corpus: Corpus) -> list[str]:
    return list(map(_simplify, list_wordings(corpus).to_pylist()))


def _list_texts(corpus: Corpus) -> list[str]:
    return list(map(_simplify, corpus.texts.to_pylist()))


def _simplify(text: str) -> str:
    return " ".join(text.casefold().split())


def _take_least(group: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Returns for each row the least group that any row with its key has."""
    least = np.full(key.max(initial=-1) + 1, len(group))
    np.minimum.at(least, key, group)
    merged: np.ndarray = least[key]
    return merged


@dataclass(frozen=True)
class _Group:
    """The examples that stay together.

    Args:
        size: how many there are.
        classes: those that any of them has.
        labels: those of its mentions.
    """

    size: int
    classes: frozenset[str]
    labels: frozenset[str]


def _describe_groups(corpus: Corpus, group_of_row: np.ndarray) -> list[_Group]:
    sizes = np.bincount(group_of_row)
    classes: list[set[str]] = [set() for _ in sizes]
    labels: list[set[str]] = [set() for _ in sizes]
    for group, combination in zip(group_of_row, corpus.table.column("label").to_pylist(), strict=True):
        classes[group].update(split_classes(combination))
    spans = corpus.spans
    for group, label in zip(group_of_row[spans.row_of_span()], spans.labels.to_pylist(), strict=True):
        labels[group].add(label)
    rows = zip(sizes.tolist(), classes, labels, strict=True)
    return [_Group(size, frozenset(one), frozenset(other)) for size, one, other in rows]


def _choose(groups: Sequence[_Group], share: float, rows: int, rng: np.random.Generator) -> np.ndarray:
    """Returns for each group whether it is held out."""
    classes = Counter(name for group in groups for name in group.classes for _ in range(group.size))
    labels = Counter(name for group in groups for name in group.labels)
    drawn = rng.permutation(len(groups))

    def place(number: int) -> tuple[str, str, int, int]:
        group = groups[number]
        return _rarest(group.classes, classes), _rarest(group.labels, labels), group.size, int(drawn[number])

    def room(group: _Group) -> float:
        of_class = classes.get(_rarest(group.classes, classes), rows)
        return max(1.0, min(share * rows, of_class / 2))

    order = np.array([n for n in sorted(range(len(groups)), key=place) if groups[n].size <= room(groups[n])], int)
    steps = np.floor(share * np.arange(len(order) + 1) + rng.random())
    held = np.zeros(len(groups), bool)
    held[order[np.diff(steps) > 0]] = True
    _give_back(groups, held, [*classes], [*labels])
    return held


def _rarest(names: Set[str], counts: Mapping[str, int]) -> str:
    return min(names, key=lambda name: (counts[name], name), default="")


def _give_back(groups: Sequence[_Group], held: np.ndarray, classes: Sequence[str], labels: Sequence[str]) -> None:
    """Gives back a group of each class and label of which none was left to learn from."""
    kinds = [(name, "classes") for name in sorted(classes)] + [(name, "labels") for name in sorted(labels)]
    members: dict[tuple[str, str], list[int]] = {kind: [] for kind in kinds}
    for number, group in enumerate(groups):
        for name in group.classes:
            members[name, "classes"].append(number)
        for name in group.labels:
            members[name, "labels"].append(number)
    for kind in kinds:
        if all(held[number] for number in members[kind]):
            held[members[kind][0]] = False
