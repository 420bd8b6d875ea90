"""Edits that put something, with white space behind it, before some of the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.substitution import Substitution, SubstitutionEditor
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True)
class InsertionEditor(SubstitutionEditor):
    """An editor that knows what may be inserted.

    Args:
        reached: `(strings,)`; the sum of the weights up to each string.
    """

    reached: np.ndarray

    @classmethod
    def of(cls, tokenised: Tokenised, may: np.ndarray, weights: Mapping[str, int]) -> InsertionEditor:
        """Prepares strings with their weights, and the tokens before which they may be inserted."""
        places = np.flatnonzero(may) if weights else np.zeros(0, np.int64)
        return cls(tokenised, Material(tokenised, list(weights)), places, np.cumsum(list(weights.values())))

    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws a string by weight for each token, and inserts it before that."""
        drawn = np.zeros(len(token), np.int64)
        if len(token):
            drawn = np.searchsorted(self.reached, rng.integers(self.reached[-1], size=len(token)), side="right")
        at = self.tokenised.begin[token]
        return Edits(copy, at, at, self.material.first[drawn], self.material.stop[drawn])


@dataclass(frozen=True, kw_only=True)
class InsertionEdit(Substitution):
    """Inserts something before some of the words: those that begin their text or stand behind white space."""

    def insertable(self, tokenised: Tokenised) -> np.ndarray:
        """Says for each token whether something may be inserted before it, `(tokens,)`.

        The place before the first word of a mention is outside of it. What a pattern protects is neither cut nor
        begun anew.
        """
        opens = np.ones(len(tokenised.begin), bool)
        opens[1:] = (tokenised.row[1:] != tokenised.row[:-1]) | (tokenised.begin[1:] > tokenised.end[:-1])
        before_span = np.zeros(len(opens), bool)
        before_span[tokenised.tokens.first] = True
        outside = before_span & tokenised.is_word & ~self.find_protected(tokenised)
        return opens & (outside | self.editable(tokenised))
