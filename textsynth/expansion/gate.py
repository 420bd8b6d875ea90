"""The gate: what a source of mentions finds from half of the gold text is compared with the other half."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from textsynth.corpus import Corpus
from textsynth.extract import Gazetteer
from textsynth.labelling.phrases import PhraseSearch

Found = Mapping[str, Sequence[str]]
"""Mentions by label."""

_RECALL = 0.08
"""The share of the held-out mentions, of those that were not learnt from, whose finding is proof."""

_FEW_RIGHT = 1 / 6
"""Where so few of its places are right, finding many is no proof."""

_PRECISION, _RIGHT = 0.5, 2
"""The share of the places of its mentions in held-out text that must be mentions of the label, if that is to be proof;
and their number."""

_RIGHT_ENOUGH, _WEIGHT = 1 / 3, 3
"""The share of right places below which held-out text refutes a source for a label. To the places of the label are
added so many that are right as often as those of all labels together: one or two places tell little by themselves."""


class MentionSource(Protocol):
    """Finds mentions, written as the corpus writes them."""

    @property
    def invents(self) -> bool:
        """Whether its mentions are made up, so that they are met again by their first word alone."""

    @property
    def cuts(self) -> int:
        """In how many ways the gold text is cut to try it."""

    def wants_proof(self, label: str) -> bool:
        """Says whether held-out mentions must prove it for a label, or only may not refute it."""

    def find(self, gold: Corpus, raw: Corpus, rng: np.random.Generator) -> Found:
        """Finds mentions of the labels of gold text, in raw text if it looks there."""


@dataclass(frozen=True)
class Trial:
    """What came of a source for one label, over both halves.

    Args:
        unseen: different held-out mentions that were not learnt from.
        recalled: those of them that were found.
        places: where in the held-out text something stands that was found.
        right: those of them that are mentions of the label.
    """

    unseen: int = 0
    recalled: int = 0
    places: int = 0
    right: int = 0

    def __add__(self, other: Trial) -> Trial:
        """Adds up what came of both halves."""
        columns = zip(vars(self).values(), vars(other).values(), strict=True)
        return Trial(*(one + two for one, two in columns))

    @property
    def proves(self) -> bool:
        """Says whether held-out mentions prove the source: many were found, or few of its places are wrong."""
        recalls = self.recalled >= max(1, _RECALL * self.unseen) and self.right >= _FEW_RIGHT * (self.places - _WEIGHT)
        return recalls or (self.right >= _RIGHT and self.right >= _PRECISION * self.places)

    def refutes(self, whole: Trial) -> bool:
        """Says whether held-out text speaks against the source, given what came of all labels together."""
        if whole.places < _WEIGHT:
            return False
        usual = whole.right / whole.places
        return self.right + _WEIGHT * usual < _RIGHT_ENOUGH * (self.places + _WEIGHT)


def try_source(source: MentionSource, gold: Corpus, rng: np.random.Generator) -> dict[str, Trial]:
    """Tries a source on both halves of gold text, cut in several ways if it is quick, and adds up what came of it."""
    trials: dict[str, Trial] = {label: Trial() for label in gold.labels}
    for learnt, heldout in _cut_in_halves(gold, source.cuts, rng):
        found = source.find(learnt, without_spans(heldout), rng)
        for label, trial in _compare(found, learnt, heldout, invents=source.invents):
            trials[label] += trial
    return trials


def _cut_in_halves(gold: Corpus, cuts: int, rng: np.random.Generator) -> Iterator[tuple[Corpus, Corpus]]:
    """Yields what is learnt from and what is held out, each half once as either."""
    for _ in range(cuts):
        halves = [gold.take(np.sort(each)) for each in np.array_split(rng.permutation(len(gold)), 2)]
        yield halves[0], halves[1]
        yield halves[1], halves[0]


def without_spans(corpus: Corpus) -> Corpus:
    """Returns the texts of a corpus alone."""
    return Corpus.from_columns(text=corpus.texts, tokenizer=corpus.tokenizer)


def _compare(found: Found, learnt: Corpus, heldout: Corpus, *, invents: bool) -> Iterator[tuple[str, Trial]]:
    known, held = Gazetteer.of(learnt).mentions, Gazetteer.of(heldout).mentions
    for label, mentions in held.items():
        seen = {each.casefold() for each in known.get(label, ())}
        new = [each for each in found.get(label, ()) if each.casefold() not in seen]
        unseen = {each.casefold() for each in mentions} - seen
        keys = {_key(each, invents) for each in new}
        recalled = sum(_key(each, invents) in keys for each in unseen)
        # What was made up stands in real text by chance, which tells nothing.
        places = (0, 0) if invents else _count_places(new, label, heldout)
        yield label, Trial(len(unseen), recalled, *places)


def _key(mention: str, invents: bool) -> str:
    return mention.casefold().split()[0] if invents else mention.casefold()


def _count_places(mentions: Sequence[str], label: str, heldout: Corpus) -> tuple[int, int]:
    """Counts where mentions stand in held-out text, and where they are labelled so."""
    places = PhraseSearch(mentions).find(heldout.texts)
    spans = heldout.spans
    columns = (spans.row_of_span().tolist(), spans.starts.tolist(), spans.ends.tolist(), spans.labels.to_pylist())
    labelled = set(zip(*columns, strict=True))
    stand = list(zip(places.rows.tolist(), places.starts.tolist(), places.ends.tolist(), strict=True))
    right = sum((*place, label) in labelled for place in stand)
    covers = [(int(low), int(high)) for low, high in zip(spans.starts, spans.ends, strict=True)]
    inside = sum(_is_part(start, end, covers[spans.rows[row] : spans.rows[row + 1]]) for row, start, end in stand)
    return len(stand) - inside, right


def _is_part(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Says whether a place is a part of a longer mention, which tells nothing."""
    return any(low <= start and end <= high and (low, high) != (start, end) for low, high in spans)
