"""How alike the synthetic text and the source are in what can be counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from textsynth.components.component import Positive
from textsynth.components.metric import Evidence, Measured, Metric
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged, bounds_of
from textsynth.corpus.tokens import TokenTable, tokenize
from textsynth.language.tagging import CODES, tag_by_context, tag_by_spacy
from textsynth.scores.divergence import jensen_shannon
from textsynth.scores.intervals import Statistic
from textsynth.scores.sides import Sides, draw_sides, encode_together, score_sides, tell_shares

_LONGEST = 200
"""Tokens of a text beyond which lengths count as equal."""

_DIVERGENCES = ("labels", "classes", "lengths", "tokens", "parts of speech")

_KINDS = {
    **{f"divergence of {each}": ("lower", "bits") for each in _DIVERGENCES},
    "mentions a text": ("heldout", ""),
    "tokens a text": ("heldout", ""),
}


@dataclass(frozen=True)
class _Aspect:
    """What is counted in each corpus.

    Args:
        columns: the numbers of the values that each row has: of the synthetic text, the source, the held-out text.
        names: the values.
    """

    columns: tuple[Ragged, ...]
    names: list[str]

    def divergence(self, side: int, rows: np.ndarray) -> float:
        """Returns how far rows of a corpus lie from the source."""
        size = len(self.names)
        mine, source = self.columns[side].take(rows), self.columns[1]
        return jensen_shannon(np.bincount(mine.values, minlength=size), np.bincount(source.values, minlength=size))


@dataclass(frozen=True, kw_only=True)
class Likeness(Metric):
    """Compares labels, classes, lengths, tokens and parts of speech with those of the source.

    Each divergence is that of Jensen and Shannon between a corpus and the source, in bits from 0 to 1 (Lin 1991). The
    held-out text has more than 0 too, for it is a sample: read the difference, not the value. Rare tokens make most of
    it, so it grows as samples shrink; both corpora have the same number of rows here. Equal counts do not mean equal
    text: shuffled words have the same tokens. Labels count by mention, classes by text (those that a text has
    together count as one), lengths in tokens. Intervals: 20 blocks of wordings, each left out once.

    Args:
        sample: rows of the synthetic and of the held-out text that are looked at, at most.
        spacy_model: a pipeline that tells parts of speech; without one, they are guessed by the word before, as for
            English.
    """

    sample: Positive = 20_000
    spacy_model: str = ""

    def measure(self, evidence: Evidence, rng: np.random.Generator) -> Measured:
        """Counts and compares."""
        sides = draw_sides(evidence, rng, self.sample)
        aspects = self._list_aspects(sides)
        scores = score_sides(_KINDS, (_measure(aspects, 0), _measure(aspects, 2)), sides, rng)
        labels, classes = (aspects[name] for name in ("labels", "classes"))
        tables = (
            tell_shares("Label shares of mentions", labels.columns, labels.names),
            tell_shares("Class shares of texts", classes.columns, classes.names),
        )
        return Measured(scores, tuple(each for each in tables if each.rows), sides.notes)

    def _list_aspects(self, sides: Sides) -> dict[str, _Aspect]:
        corpora = tuple(sides)
        tables = [tokenize(corpus) for corpus in corpora]
        words, vocabulary = encode_together([table.strings for table in tables])
        tags = [
            self._tag(corpus, table, vocabulary, word)
            for corpus, table, word in zip(corpora, tables, words, strict=True)
        ]
        spans = [corpus.spans for corpus in corpora]
        labels, label_names = encode_together([each.labels for each in spans])
        bounds = [table.rows for table in tables]
        return {
            "labels": _Aspect(_join(labels, [each.rows for each in spans]), label_names),
            "classes": _find_classes(corpora),
            "lengths": _find_lengths(tables),
            "tokens": _Aspect(_join(words, bounds), vocabulary),
            "parts of speech": _Aspect(_join(tags, bounds), list(CODES)),
        }

    def _tag(self, corpus: Corpus, table: TokenTable, vocabulary: list[str], word: np.ndarray) -> np.ndarray:
        if self.spacy_model:
            return tag_by_spacy(corpus, table, self.spacy_model)
        return tag_by_context(table, vocabulary, word)


def _join(values: list[np.ndarray], bounds: list[np.ndarray]) -> tuple[Ragged, ...]:
    return tuple(Ragged(*each) for each in zip(values, bounds, strict=True))


def _find_classes(corpora: tuple[Corpus, ...]) -> _Aspect:
    columns = [corpus.table.column("label") for corpus in corpora]
    codes, names = encode_together([pa.array(column.drop_null().to_pylist(), pa.string()) for column in columns])
    bounds = [bounds_of(np.asarray(column.is_valid().to_numpy(), np.int64)) for column in columns]
    return _Aspect(_join(codes, bounds), names)


def _find_lengths(tables: list[TokenTable]) -> _Aspect:
    lengths = [np.minimum(np.diff(table.rows), _LONGEST) for table in tables]
    bounds = [np.arange(len(each) + 1) for each in lengths]
    return _Aspect(_join(lengths, bounds), [str(each) for each in range(_LONGEST + 1)])


def _measure(aspects: dict[str, _Aspect], side: int) -> Statistic:
    mentions, tokens = (aspects[name].columns[side].lengths for name in ("labels", "tokens"))

    def numbers(rows: np.ndarray) -> list[float]:
        divergences = [aspects[name].divergence(side, rows) for name in _DIVERGENCES]
        return [*divergences, float(mentions[rows].mean()), float(tokens[rows].mean())]

    return numbers
