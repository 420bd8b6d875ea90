"""Finds mentions whose words have another label elsewhere in the corpus."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from textsynth.components.labeler import Findings
from textsynth.corpus import Corpus


def find_inconsistent(findings: Findings, corpus: Corpus) -> np.ndarray:
    """Says which findings have a label that their words do not have for the most part, `(findings,)`.

    Two questions are asked of the whole corpus: which labels do mentions of the same words have, whatever their case;
    and which do different mentions have that end in the same capitalised word, such as *Harbour Cup* and *Ladies' Cup*?
    If no label has more than half, all are inconsistent.
    """
    words = [mention.casefold() for mention in findings.mentions(corpus)]
    lasts = [_last_name(mention) for mention in findings.mentions(corpus)]
    labels = findings.labels.tolist()
    by_words = _find_majority(zip(words, labels, strict=True))
    different = dict.fromkeys(zip(words, lasts, labels, strict=True))
    by_last = _find_majority((last, label) for _, last, label in different if last)
    agree = [
        by_words[own] == label and (not last or by_last[last] == label)
        for own, last, label in zip(words, lasts, labels, strict=True)
    ]
    return ~np.array(agree, bool)


def _last_name(mention: str) -> str:
    """Returns the last word of a mention if it has a capital, "" if not."""
    last = mention.split()[-1]
    return last if last[:1].isupper() else ""


def _find_majority(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str | None]:
    """Returns for each key the label that more than half of its pairs have, None if there is none."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for key, label in pairs:
        counts[key][label] += 1
    return {key: _strict_majority(labels) for key, labels in counts.items()}


def _strict_majority(labels: Counter[str]) -> str | None:
    label, count = labels.most_common(1)[0]
    return label if 2 * count > labels.total() else None
