"""Which labels are likely to be wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Annotated, ClassVar

import numpy as np
import pyarrow as pa
import pydantic

from textsynth.components.component import Positive, check_extras
from textsynth.components.metric import Cell, Evidence, Measured, Metric, Score, Table
from textsynth.corpus import Corpus
from textsynth.corpus.classes import describe_classes, to_label
from textsynth.corpus.tokens import tokenize
from textsynth.extract.resources import with_parents
from textsynth.foundation.seeding import fingerprint
from textsynth.scores.probes import Classifier, Tagger, teach_classifier, teach_tagger
from textsynth.scores.shares import compare_shares, find_share

_LISTED = 50
"""The likeliest errors that are told."""
_LONGEST = 6
"""Tokens of the longest mention whose contexts are compared."""
_DOUBTED = 0.5
"""A chance under this is a dispute."""
_OUTSIDE = "no label"

_KINDS = ("disputed mentions", "disputed classes", "variation")

Key = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LabelErrors(Metric):
    """Tells which labels are likely to be wrong, and whether there are more of them than in held-out text.

    * disputed mentions: the share of mentions for which a CRF that was taught on the source gives one of their tokens'
      tags a chance under one half. What it gets wrong of held-out text stands beside it: only the difference speaks of
      label errors. It is a share of what is labelled; mentions that a text does not mark are not seen by it.
    * disputed classes: the share of texts whose class a logistic regression on TF-IDF, taught on the source, does not
      take for the likeliest.
    * variation: the share of mentions that mostly have another label, or none, where the same words stand between the
      same two neighbours, in the corpus or in the source (variation n-grams; Dickinson and Meurers 2003, "Detecting
      Errors in Part-of-Speech Annotation"). Text that repeats itself has more chances to vary.

    Probes are taught in folds of wordings: no example is judged by a probe that was taught on the wording it was made
    from. Rare labels and hard sentences are disputed without being wrong, so a generator of harder text than the
    held-out looks worse than it is. Intervals take mentions of one wording together.

    Args:
        sample: examples of each corpus that are looked at, at most.
        folds: parts of the source, each left out of one probe.
    """

    extras: ClassVar[tuple[str, ...]] = ("metrics",)

    sample: Positive = 2000
    folds: Annotated[int, pydantic.Field(ge=2)] = 2

    def measure(self, evidence: Evidence, rng: np.random.Generator) -> Measured:
        """Teaches probes on the source, and compares what they expect with what stands there."""
        check_extras(self, "metric 'label_errors'")
        size = min(self.sample, len(evidence.heldout) or self.sample)
        source = _prepare(evidence.source, self.sample, rng)
        corpora = _prepare(evidence.synthetic, size, rng), _prepare(evidence.heldout, size, rng)
        judged = self._judge(source, corpora)
        scores = {kind: _score(*judged[kind]) for kind in _KINDS}
        notes = [f"{kind} cannot be told: nothing to count" for kind in _KINDS if scores[kind].value is None]
        return Measured(scores, (_list_likeliest([synthetic for synthetic, _ in judged.values()]),), tuple(notes))

    def _judge(self, source: Corpus, corpora: Sequence[Corpus]) -> dict[str, list[_Doubts]]:
        """Returns what is doubted in each corpus, by kind."""
        nothing = [_Doubts() for _ in corpora]
        return {
            "disputed mentions": self._in_folds(source, corpora, _teach_mentions) if source.labels else nothing,
            "disputed classes": self._in_folds(source, corpora, _teach_classes) if source.classes else nothing,
            "variation": [_find_variation(source, corpus) for corpus in corpora],
        }

    def _in_folds(
        self, source: Corpus, corpora: Sequence[Corpus], teach: Callable[[Corpus], Callable[[Corpus], _Doubts]]
    ) -> list[_Doubts]:
        """Judges each fold of each corpus by what was taught on the other folds of the source."""
        folds, found = _fold(source, self.folds), [_Doubts() for _ in corpora]
        for fold in range(self.folds):
            judge = teach(source.mask(folds != fold))
            parts = [corpus.mask(_fold(corpus, self.folds) == fold) for corpus in corpora]
            found = [_Doubts(some.found + judge(part).found) for some, part in zip(found, parts, strict=True)]
        return found


@dataclass(frozen=True)
class _Doubt:
    """How likely a label is, in the eyes of one judge.

    Args:
        chance: the share of evidence for the label that stands there.
        hit: whether that is too little.
        parent: of the example; doubts about one wording depend on each other.
        shown: text, words and label.
        reason: why, if it is too little.
    """

    chance: float
    hit: bool
    parent: str
    shown: tuple[str, str, str]
    reason: str


@dataclass(frozen=True)
class _Doubts:
    """What one judge says of all labels of a corpus."""

    found: tuple[_Doubt, ...] = ()


def _prepare(corpus: Corpus, size: int, rng: np.random.Generator) -> Corpus:
    """Returns some examples, in their order, each with a parent: the wording it was made from, else its own."""
    some = corpus.take(np.sort(rng.permutation(len(corpus))[:size]))
    own = with_parents(some).table.column("parent").to_pylist()
    given = some.table.column("parent").to_pylist()
    parents = [each or mine for each, mine in zip(given, own, strict=True)]
    return some.with_column("parent", pa.array(parents, pa.string()))


def _fold(corpus: Corpus, folds: int) -> np.ndarray:
    """Returns the fold of each example, by its parent alone."""
    parents = corpus.table.column("parent").to_pylist()
    return np.array([int(fingerprint(each), 16) % folds for each in parents], np.int64)


def _teach_mentions(source: Corpus) -> Callable[[Corpus], _Doubts]:
    return partial(_dispute_mentions, teach_tagger(source))


def _dispute_mentions(tagger: Tagger, corpus: Corpus) -> _Doubts:
    """Asks a CRF about each mention; its least likely token decides."""
    tokens, spans = tokenize(corpus), corpus.spans
    chances = tagger.marginals(corpus).values
    least = [float(chances[low:high].min()) for low, high in zip(tokens.first, tokens.stop, strict=True)]
    reason = "a model taught on the source expects another label or none here"
    return _Doubts(
        tuple(
            _Doubt(chance, chance < _DOUBTED, parent, (text, text[start:end], label), reason)
            for chance, (parent, text), start, end, label in zip(
                least, _owners(corpus), spans.starts, spans.ends, spans.labels.to_pylist(), strict=True
            )
        )
    )


def _teach_classes(source: Corpus) -> Callable[[Corpus], _Doubts]:
    return partial(_dispute_classes, teach_classifier(source))


def _dispute_classes(probe: Classifier, corpus: Corpus) -> _Doubts:
    """Asks a classifier about each text that has a class."""
    corpus = corpus.mask(corpus.table.column("label").is_valid().to_numpy())
    if not len(corpus) or not probe.combinations:
        return _Doubts()
    chances = probe.probabilities(corpus)
    columns = {name: column for column, name in enumerate(probe.combinations)}
    return _Doubts(
        tuple(
            _doubt_class(row, columns, probe.combinations, str(text), str(label), str(parent))
            for row, text, label, parent in zip(
                chances, *(corpus.table.column(name).to_pylist() for name in ("text", "label", "parent")), strict=True
            )
        )
    )


def _doubt_class(
    chances: np.ndarray, columns: dict[str, int], names: Sequence[str], text: str, label: str, parent: str
) -> _Doubt:
    best = int(chances.argmax())
    chance = float(chances[columns[label]]) if label in columns else 0.0
    reason = f"a model taught on the source expects the class {_show(names[best])}"
    return _Doubt(chance, names[best] != label, parent, (text, "", _show(label)), reason)


def _show(combination: str) -> str:
    return describe_classes(to_label(combination))


def _find_variation(source: Corpus, corpus: Corpus) -> _Doubts:
    """Compares the label of each mention with what the same words have between the same neighbours."""
    own = list(_list_mentions(corpus))
    wanted = {key for key, _ in own}
    seen: dict[Key, Counter[str]] = {key: Counter() for key in wanted}
    for each in (source, corpus):
        for key, label in _list_uses(each, wanted):
            seen[key][label] += 1
    found = []
    for (key, label), owner, start, end in zip(own, _owners(corpus), *_places(corpus), strict=True):
        if not key:
            continue
        usual, _ = min(seen[key].items(), key=lambda item: (-item[1], item[0]))
        chance = seen[key][label] / seen[key].total()
        reason = f"the same words between the same neighbours have {usual}"
        shown = (owner[1], owner[1][start:end], label)
        found.append(_Doubt(chance, chance < _DOUBTED, owner[0], shown, reason))
    return _Doubts(tuple(found))


def _list_mentions(corpus: Corpus) -> Iterator[tuple[Key, str]]:
    """Yields the words of each mention between its neighbours, and its label; nothing for words of long ones."""
    tokens = tokenize(corpus)
    words, rows = tokens.strings.to_pylist(), tokens.rows
    owner = corpus.spans.row_of_span()
    for low, high, row, label in zip(tokens.first, tokens.stop, owner, corpus.spans.labels.to_pylist(), strict=True):
        short = high - low <= _LONGEST
        yield (_key(words, int(low), int(high), int(rows[row]), int(rows[row + 1])) if short else ()), label


def _list_uses(corpus: Corpus, wanted: set[Key]) -> Iterator[tuple[Key, str]]:
    """Yields each place where wanted words stand between wanted neighbours, with the label that they have there."""
    tokens = tokenize(corpus)
    words = tokens.strings.to_pylist()
    labels = dict(zip(zip(tokens.first.tolist(), tokens.stop.tolist(), strict=True),
                      corpus.spans.labels.to_pylist(), strict=True))  # fmt: skip
    for begin, end in pairwise(tokens.rows.tolist()):
        for low in range(begin, end):
            for high in range(low + 1, min(low + _LONGEST, end) + 1):
                key = _key(words, low, high, begin, end)
                if key in wanted:
                    yield key, labels.get((low, high), _OUTSIDE)


def _key(words: Sequence[str], low: int, high: int, begin: int, end: int) -> Key:
    """Returns words between their neighbours; an edge of the text is a neighbour too."""
    return (words[low - 1] if low > begin else "", *words[low:high], words[high] if high < end else "")


def _owners(corpus: Corpus) -> list[tuple[str, str]]:
    """Returns for each span the parent and the text of its example."""
    parents, texts = corpus.table.column("parent").to_pylist(), corpus.texts.to_pylist()
    return [(parents[row], texts[row]) for row in corpus.spans.row_of_span().tolist()]


def _places(corpus: Corpus) -> tuple[list[int], list[int]]:
    return corpus.spans.starts.tolist(), corpus.spans.ends.tolist()


def _score(synthetic: _Doubts, heldout: _Doubts) -> Score:
    """Returns the share of labels that are doubted, beside that of held-out text."""
    shares = [
        find_share(np.array([each.hit for each in some.found], bool), _number([each.parent for each in some.found]))
        for some in (synthetic, heldout)
    ]
    low, high = compare_shares(*shares)
    return Score(shares[0].value, shares[1].value, low, high, "lower", "share")


def _number(names: Sequence[str]) -> np.ndarray:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int64)


def _list_likeliest(judged: Sequence[_Doubts]) -> Table:
    """Returns what is doubted most, a label with several reasons once."""
    reasons: dict[tuple[str, str, str], list[_Doubt]] = {}
    for doubts in judged:
        for doubt in doubts.found:
            if doubt.hit:
                reasons.setdefault(doubt.shown, []).append(doubt)
    order = sorted(reasons.items(), key=lambda item: (min(each.chance for each in item[1]), item[0]))
    rows: list[tuple[Cell, ...]] = [
        (*shown, round(min(each.chance for each in some), 4), "; ".join(dict.fromkeys(each.reason for each in some)))
        for shown, some in order[:_LISTED]
    ]
    return Table("likeliest errors", ("text", "mention", "label", "chance", "reason"), tuple(rows))
