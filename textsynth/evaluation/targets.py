"""What a source has of each label or class, and what a probe makes of it: which of them lack examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from textsynth.corpus import Corpus
from textsynth.evaluation.paired import count_f1

_FEW, _NEW = 5, 0.5
"""Under how many mentions or examples nothing is said of a label; from which share of new ones on it lacks some."""


@dataclass(frozen=True)
class Target:
    """A label or a class.

    Args:
        name: of the label or class.
        examples: its mentions in the source, or its texts.
        distinct: how many different ones it has.
        new: the share of the mentions tested on that were not among those taught; None of classes.
        alone: F1 of the probe that is taught the source alone.
        best: F1 with what the best candidate made; None if there is none.
        missed: what the probe that is taught the source alone does not find, by test.
    """

    name: str
    examples: int
    distinct: int
    new: float | None
    alone: float
    best: float | None
    missed: float


def describe_labels(
    source: Corpus, pairs: Iterable[tuple[Corpus, Corpus]], names: Sequence[str], counts: Sequence[np.ndarray]
) -> list[Target]:
    """Returns what is known of each label.

    Args:
        source: all examples.
        pairs: what was taught and what was tested on, by fold.
        names: of the labels.
        counts: `(labels + 1, 3)` of the source alone and, if there is one, of the best candidate.
    """
    mentions = Counter(_list_mentions(source))
    tested, new = Counter[str](), Counter[str]()
    for taught, test in pairs:
        known = set(_list_mentions(taught))
        for each in _list_mentions(test):
            tested[each[0]] += 1
            new[each[0]] += each not in known
    sizes = [[count for (label, _), count in mentions.items() if label == name] for name in names]
    shares = [new[name] / tested[name] if tested[name] else None for name in names]
    return _describe(names, [(sum(each), len(each)) for each in sizes], shares, counts)


def describe_classes(source: Corpus, names: Sequence[str], counts: Sequence[np.ndarray]) -> list[Target]:
    """Returns what is known of each class; arguments as of `describe_labels`."""
    rows = Counter(zip(source.table.column("label").to_pylist(), map(_simplify, source.texts.to_pylist()), strict=True))
    sizes = [[count for (label, _), count in rows.items() if label == name] for name in names]
    return _describe(names, [(sum(each), len(each)) for each in sizes], [None] * len(names), counts)


def _describe(
    names: Sequence[str],
    sizes: Sequence[tuple[int, int]],
    new: Sequence[float | None],
    counts: Sequence[np.ndarray],
) -> list[Target]:
    alone, best = counts[0], counts[-1] if len(counts) > 1 else None
    return [
        Target(
            name,
            *sizes[row],
            new[row],
            float(count_f1(alone[row])),
            None if best is None else float(count_f1(best[row])),
            float(alone[row, 2] - alone[row, 0]),
        )
        for row, name in enumerate(names)
    ]


def choose_lacking(targets: Sequence[Target]) -> list[Target]:
    """Returns what lacks examples most: up to two labels most of whose tested mentions are new, or the weakest classes.

    >>> few = [Target("A", 9, 9, 0.9, 0.3, None, 7), Target("B", 9, 2, 0.1, 0.9, None, 1)]
    >>> [each.name for each in choose_lacking(few)]
    ['A']
    """
    lacking = [each for each in targets if (each.new is None or each.new >= _NEW) and each.missed]
    large = [each for each in lacking if each.examples >= _FEW] or lacking
    return sorted(large, key=lambda each: (-each.missed * (each.new or 1), each.name))[:2]


def _list_mentions(corpus: Corpus) -> list[tuple[str, str]]:
    return [
        (span.label, _simplify(example.text[span.start : span.end])) for example in corpus for span in example.spans
    ]


def _simplify(text: str) -> str:
    return " ".join(text.casefold().split())
