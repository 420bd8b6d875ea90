"""Editors that insert something before some of the words, with a space behind it if the script has spaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from textsynth.corpus.script import is_unspaced
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.editor import SubstitutionEditor
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True)
class InsertionEditor(SubstitutionEditor):
    """An editor that knows what may be inserted.

    Args:
        reached: `(strings,)`; the sum of the weights up to and with each string.
        unspaced: `(strings,)`; whether each ends in a letter of a script without spaces.
    """

    reached: np.ndarray
    unspaced: np.ndarray

    @classmethod
    def of(cls, tokenised: Tokenised, may: np.ndarray, weights: Mapping[str, int]) -> Self:
        """Prepares strings with their weights, and the tokens before which they may be inserted."""
        places = np.flatnonzero(may) if weights else np.zeros(0, np.int64)
        # Each string stands there with a space behind it, and then once more without.
        material = Material(tokenised, [f"{string} " for string in weights] + list(weights))
        unspaced = np.array([is_unspaced(string[-1:]) for string in weights], bool)
        return cls(tokenised, material, places, np.cumsum(list(weights.values())), unspaced)

    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws a string by weight for each token, and inserts it before that."""
        drawn = np.zeros(len(token), np.int64)
        if len(token):
            drawn = np.searchsorted(self.reached, rng.integers(self.reached[-1], size=len(token)), side="right")
            drawn += len(self.unspaced) * (self.unspaced[drawn] | self.tokenised.is_unspaced[token])
        at = self.tokenised.begin[token]
        return Edits(copy, at, at, self.material.first[drawn], self.material.stop[drawn])


def find_insertable(tokenised: Tokenised, editable: np.ndarray, protected: np.ndarray) -> np.ndarray:
    """Says before which tokens something may be inserted: words that begin their text or stand behind white space.

    In scripts without spaces it may be inserted behind any letter, and before any that stands behind a mark. A word
    that only begins with such a letter, as 世Ada does, ends as others do: what a span leaves of it is no word of its
    own. The place before the first word of a mention is outside of it. What is protected is neither cut nor begun anew.

    Args:
        tokenised: the corpus.
        editable: `(tokens,)`; which may be changed.
        protected: `(tokens,)`; which are protected.
    """
    opens = ~tokenised.touches
    unspaced, word = tokenised.is_unspaced, tokenised.is_word
    opens[1:] |= tokenised.ends_unspaced[:-1] | (unspaced[1:] & ~word[:-1])
    before_span = np.zeros(len(opens), bool)
    before_span[tokenised.tokens.first] = True
    outside = before_span & tokenised.is_word & ~protected
    return opens & (outside | editable)
