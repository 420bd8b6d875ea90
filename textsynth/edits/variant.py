"""Editors that replace words by variants: the variants of each distinct word are found once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from textsynth.corpus.ragged import Ragged
from textsynth.edits.draw import draw_one
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.editor import SubstitutionEditor
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True)
class VariantEditor(SubstitutionEditor):
    """An editor that knows the variants of every kind of word; mostly a kind is a distinct word.

    Args:
        kind: `(tokens,)`; the kind of the word that each token begins.
        end: `(tokens,)`; the position after what is replaced if that begins with the token.
        variants: for each kind the strings of the material that may stand there.
    """

    kind: np.ndarray
    end: np.ndarray
    variants: Ragged

    @classmethod
    def of(cls, tokenised: Tokenised, may: np.ndarray, variants: Sequence[Sequence[str]]) -> VariantEditor:
        """Prepares the variants of the words of a corpus; a word without any is no place to edit.

        Args:
            tokenised: the corpus.
            may: `(tokens,)`; which begin a word that may be changed.
            variants: for each distinct word of `tokenised.words` what may stand there: never the word itself.
        """
        _, word = tokenised.words
        material, rows = Material.of_lists(tokenised, variants)
        places = np.flatnonzero(may & tokenised.opens_word & (rows.lengths[word] > 0))
        return cls(tokenised, material, places, word, tokenised.word_end, rows)

    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Replaces each token by a variant, each as likely as the next."""
        drawn = draw_one(self.variants, self.kind[token], rng)
        begin, end = self.tokenised.begin[token], self.end[token]
        return Edits(copy, begin, end, self.material.first[drawn], self.material.stop[drawn])
