"""Drops examples that have a mention without a label."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.components.component import Share
from textsynth.components.filter import Filter, Judge
from textsynth.components.labeler import Findings
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.tokens import tokenize
from textsynth.extract import Resources
from textsynth.extract.gazetteer import mention_array
from textsynth.foundation.disk import write_whole
from textsynth.labelling.missed import are_names, cover, touch
from textsynth.labelling.phrases import PhraseSearch
from textsynth.language.stopword import STOP_WORDS

_LEARNT = "learnt.json"
"""The file with the mentions that are looked for, and the words that are no names; null if names are not looked for."""

_LEAST = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Shares of a phrase's places that must be mentions, from which one is chosen."""

_KNOWN, _NAME = "a known mention without a label", "a name without a label"


@dataclass(frozen=True, kw_only=True)
class MissedMention(Filter):
    """Drops examples that have a mention without a label.

    Mentions of the source are looked for in other places. Some are common words too, or the source itself leaves them
    out at times; so a mention is looked for only if it nearly always is one in the source. How nearly, is found out by
    halving the source: what one half has as mentions must not stand without a label in more of the other than may be
    dropped. Words with a capital that begin no sentence are looked for if the source leaves few of them out.

    Args:
        keep: share of the source that must pass.
    """

    keep: Share = 0.98

    def libraries(self) -> frozenset[str]:
        """Names what looks for many mentions at once."""
        return frozenset({"ahocorasick-rs"})

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Finds out what to look for."""
        source = resources.source
        half = rng.permutation(len(source)) % 2 == 0
        halves = [(source.mask(half), source.mask(~half)), (source.mask(~half), source.mask(half))]
        least = next((each for each in _LEAST if self._passes(halves, each)), _LEAST[-1])
        vocabulary = sorted({word for word in tokenize(source).strings.unique().to_pylist() if word.islower()})
        left_out = _have_names(source, STOP_WORDS.union(vocabulary))
        names = bool(source.labels) and left_out.mean() <= 1 - self.keep
        write_whole(directory / _LEARNT, json.dumps([_list_sure(source, least), vocabulary if names else None]))

    def _passes(self, halves: list[tuple[Corpus, Corpus]], least: float) -> bool:
        """Says whether few enough of each half have mentions of the other without a label."""
        left_out = [_have_known(unseen, PhraseSearch(_list_sure(learnt, least))) for learnt, unseen in halves]
        together = np.concatenate(left_out)
        return not len(together) or bool(together.mean() <= 1 - self.keep)

    def judge(self, directory: Path) -> Judge:
        """Builds the search."""
        mentions, vocabulary = json.loads((directory / _LEARNT).read_text())
        search = PhraseSearch(mentions)
        common = None if vocabulary is None else STOP_WORDS.union(vocabulary)

        def reasons(corpus: Corpus) -> list[str | None]:
            known = _have_known(corpus, search)
            names = np.zeros(len(corpus), bool) if common is None else _have_names(corpus, common)
            both = zip(known.tolist(), names.tolist(), strict=True)
            return [_KNOWN if mention else _NAME if name else None for mention, name in both]

        return reasons


def _list_sure(corpus: Corpus, least: float) -> list[str]:
    """Returns the mentions of a corpus that are one in at least a share of their places, sorted."""
    mentions = sorted(set(mention_array(corpus).to_pylist()))
    places = PhraseSearch(mentions).find(corpus.texts)
    touched = touch(_spans_of(corpus), places.rows, places.starts, places.ends)[0]
    found = np.bincount(places.phrases, minlength=len(mentions))
    labelled = np.bincount(places.phrases[touched], minlength=len(mentions))
    sure = (labelled >= least * found) & (labelled > 0)
    return [mentions[each] for each in np.flatnonzero(sure)]


def _have_known(corpus: Corpus, search: PhraseSearch) -> np.ndarray:
    """Says which texts have a known mention where no span is, `(examples,)`."""
    places = search.find(corpus.texts)
    touched = touch(_spans_of(corpus), places.rows, places.starts, places.ends)[0]
    return np.bincount(places.rows[~touched], minlength=len(corpus)) > 0


def _have_names(corpus: Corpus, common: frozenset[str]) -> np.ndarray:
    """Says which texts have a name where no span is, `(examples,)`."""
    tokens = tokenize(corpus)
    owner = Ragged.of_bounds(tokens.rows).owner
    return np.bincount(owner[are_names(tokens, common) & ~cover(tokens)], minlength=len(corpus)) > 0


def _spans_of(corpus: Corpus) -> Findings:
    """Returns the spans of a corpus as findings, all of them sure."""
    spans = corpus.spans
    labels = np.array(spans.labels.to_pylist(), object)
    return Findings(spans.row_of_span(), spans.starts, spans.ends, labels, np.ones(len(labels)))
