"""Editors that replace mentions, whole, by variants; all text outside of them stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from textsynth.corpus.ragged import Ragged
from textsynth.edits.draw import draw_one
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.editor import SubstitutionEditor
from textsynth.edits.tokenised import Tokenised
from textsynth.extract.gazetteer import mention_array


@dataclass(frozen=True)
class MentionEditor(SubstitutionEditor):
    """An editor whose places are mentions, each known by its first token, with what may replace them.

    Args:
        span: `(places,)`; the span of each.
        kind: `(places,)`; the row of its variants.
        variants: for each kind the strings of the material that may stand there.
    """

    span: np.ndarray
    kind: np.ndarray
    variants: Ragged

    @classmethod
    def of(
        cls, tokenised: Tokenised, may: np.ndarray, find_variants: Callable[[str, str], Sequence[str]]
    ) -> MentionEditor:
        """Prepares the variants of the mentions of a corpus; one without any is no place to edit.

        Args:
            tokenised: the corpus.
            may: `(spans,)`; which mentions may be changed.
            find_variants: gives for a mention and its label what may replace it: never the mention itself.
        """
        label, mention = (
            array.dictionary_encode() for array in (tokenised.corpus.spans.labels, mention_array(tokenised.corpus))
        )
        labels, mentions = (array.dictionary.to_pylist() for array in (label, mention))
        codes = [array.indices.to_numpy(zero_copy_only=False).astype(np.int64) for array in (label, mention)]
        # Variants are found once for each distinct pair of label and mention, which is one number here.
        pairs, pair = np.unique(codes[0] * len(mentions) + codes[1], return_inverse=True)
        found = [
            find_variants(mentions[each % len(mentions)], labels[each // len(mentions)]) for each in pairs.tolist()
        ]
        material, variants = Material.of_lists(tokenised, found)
        span = np.flatnonzero(may & (variants.lengths[pair] > 0))
        return cls(tokenised, material, tokenised.tokens.first[span], span, pair[span], variants)

    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws what replaces each mention."""
        place = np.searchsorted(self.places, token)
        drawn = draw_one(self.variants, self.kind[place], rng)
        end = self.tokenised.end[self.tokenised.tokens.stop[self.span[place]] - 1]
        return Edits(copy, self.tokenised.begin[token], end, self.material.first[drawn], self.material.stop[drawn])
