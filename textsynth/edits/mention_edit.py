"""Edits that put something in the place of some of the mentions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from textsynth.edits.edit import Policy, Rate
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.substitution import Substitution, SubstitutionEditor
from textsynth.edits.tokenised import Tokenised
from textsynth.extract.gazetteer import mention_array


@dataclass(frozen=True)
class MentionEditor(SubstitutionEditor):
    """An editor whose places are mentions, each told by its first token, that knows what may stand there.

    Args:
        span: `(places,)`; the span of each.
        low: `(places,)`; the first string that may stand there.
        count: `(places,)`; how many may.
    """

    span: np.ndarray
    low: np.ndarray
    count: np.ndarray

    @classmethod
    def of(cls, tokenised: Tokenised, may: np.ndarray, variants: Callable[[str, str], Sequence[str]]) -> MentionEditor:
        """Prepares the variants of the mentions of a corpus; one without any is no place to edit.

        Args:
            tokenised: the corpus.
            may: `(spans,)`; which mentions may be changed.
            variants: gives for a mention and its label what may stand in its place: never the mention itself.
        """
        label, mention = (
            array.dictionary_encode() for array in (tokenised.corpus.spans.labels, mention_array(tokenised.corpus))
        )
        labels, mentions = (array.dictionary.to_pylist() for array in (label, mention))
        codes = [array.indices.to_numpy(zero_copy_only=False).astype(np.int64) for array in (label, mention)]
        pairs, pair = np.unique(codes[0] * len(mentions) + codes[1], return_inverse=True)
        found = [variants(mentions[each % len(mentions)], labels[each // len(mentions)]) for each in pairs.tolist()]
        count = np.array([len(some) for some in found], np.int64)
        low = np.cumsum(count) - count
        material = Material(tokenised, [each for some in found for each in some])
        span = np.flatnonzero(may & (count[pair] > 0))
        return cls(tokenised, material, tokenised.tokens.first[span], span, low[pair[span]], count[pair[span]])

    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws what comes in the place of each mention."""
        place = np.searchsorted(self.places, token)
        drawn = self.low[place] + (rng.random(len(place)) * self.count[place]).astype(np.int64)
        end = self.tokenised.end[self.tokenised.tokens.stop[self.span[place]] - 1]
        return Edits(copy, self.tokenised.begin[token], end, self.material.first[drawn], self.material.stop[drawn])


@dataclass(frozen=True, kw_only=True)
class MentionEdit(Substitution):
    """Changes some of the mentions, whole; all text outside of them stays as it is.

    Args:
        rate: share of the mentions that are changed, on average; at least one an example.
        policy: for a label ("*" for all), what happens with its mentions: "edit" them (the default), "protect" them, or
            "replace" them by other mentions of that label.
    """

    default_policy: ClassVar[Policy] = "edit"

    rate: Rate = 1.0

    def editable_mentions(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each span whether it may be changed: no policy and no protection keeps any of it, `(spans,)`."""
        spans, tokens = tokenised.corpus.spans, tokenised.tokens
        may = np.array([self.policy_of(label) == "edit" for label in spans.labels.to_pylist()], bool)
        kept = np.concatenate([[0], np.cumsum(self.find_protected(tokenised))])
        return may & (kept[tokens.stop] == kept[tokens.first])
