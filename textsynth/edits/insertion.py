"""Editors that insert something, with white space behind it, before some of the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.editor import SubstitutionEditor
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True)
class InsertionEditor(SubstitutionEditor):
    """An editor that knows what may be inserted.

    Args:
        reached: `(strings,)`; the sum of the weights up to and with each string.
    """

    reached: np.ndarray

    @classmethod
    def of(cls, tokenised: Tokenised, may: np.ndarray, weights: Mapping[str, int]) -> Self:
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


def find_insertable(tokenised: Tokenised, editable: np.ndarray, protected: np.ndarray) -> np.ndarray:
    """Says before which tokens something may be inserted: words that begin their text or stand behind white space.

    The place before the first word of a mention is outside of it. What is protected is neither cut nor begun anew.

    Args:
        tokenised: the corpus.
        editable: `(tokens,)`; which may be changed.
        protected: `(tokens,)`; which are protected.
    """
    opens = np.ones(len(tokenised.begin), bool)
    opens[1:] = (tokenised.row[1:] != tokenised.row[:-1]) | (tokenised.begin[1:] > tokenised.end[:-1])
    before_span = np.zeros(len(opens), bool)
    before_span[tokenised.tokens.first] = True
    outside = before_span & tokenised.is_word & ~protected
    return opens & (outside | editable)
