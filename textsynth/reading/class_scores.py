"""Classes that are said by scores: of an object, or of spaCy's `cats`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textsynth.corpus.classes import join_classes
from textsynth.reading.class_name import tidy_class
from textsynth.reading.records import Fault, make_label

_LIKELY_SCORE = 0.5
"""From which score on a class counts, as in spaCy's `cats`."""


def read_scores(scores: Mapping[str, float], several: bool) -> list[str] | Fault:
    """Returns the classes that have a score of at least 0.5, or else the one with the greatest; none if that is 0.

    Args:
        scores: of each class.
        several: whether texts of the same file have several classes; then one under 0.5 does not count.

    >>> read_scores({"a": 0.9, "b": 0.6}, False), read_scores({"a": 0.4, "b": 0.1}, False)
    (['a', 'b'], ['a'])
    """
    likely = find_likely(scores)
    greatest = max(scores.values(), default=0.0)
    if likely or several or greatest <= 0:
        return _tidy_all(likely)
    first = [name for name, score in scores.items() if score == greatest]
    if len(first) > 1:
        return Fault(f"the classes {', '.join(first)} have one score, under 0.5: {greatest}")
    return _tidy_all(first)


def find_likely(scores: Mapping[str, float]) -> list[str]:
    """Returns the classes that have a score of at least 0.5."""
    return [name for name, score in scores.items() if score >= _LIKELY_SCORE]


def read_scored_classes(scores: Mapping[str, float], several: bool) -> str | Fault | None:
    """Returns what the column `label` holds for scores, as `read_scores` reads them."""
    read = read_scores(scores, several)
    if isinstance(read, Fault):
        return read
    return join_classes(()) if several and scores and not read else make_label(read)


def _tidy_all(names: Sequence[str]) -> list[str]:
    return [name for each in names if (name := tidy_class(each)) is not None]
