"""Edits that put a variant in the place of a word: the variants of each distinct word are found once."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.substitution import Substitution, SubstitutionEditor
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True)
class VariantEditor(SubstitutionEditor):
    """An editor that knows the variants of every distinct token.

    Args:
        word: `(tokens,)`; which distinct token each is.
        low: `(distinct tokens,)`; the first string of the material that is a variant of the token.
        count: `(distinct tokens,)`; how many variants it has, one after the other.
    """

    word: np.ndarray
    low: np.ndarray
    count: np.ndarray

    @classmethod
    def of(cls, tokenised: Tokenised, may: np.ndarray, variants: Sequence[Sequence[str]]) -> VariantEditor:
        """Prepares the variants of the vocabulary of a corpus; a word without any is no place to edit."""
        _, word = tokenised.vocabulary
        count = np.fromiter(map(len, variants), np.int64, len(variants))
        material = Material(tokenised, [each for some in variants for each in some])
        return cls(tokenised, material, np.flatnonzero(may & (count[word] > 0)), word, np.cumsum(count) - count, count)

    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Puts a variant, each as likely as the next, in the place of each token."""
        word = self.word[token]
        drawn = self.low[word] + (rng.random(len(token)) * self.count[word]).astype(np.int64)
        begin, end = self.tokenised.begin[token], self.tokenised.end[token]
        return Edits(copy, begin, end, self.material.first[drawn], self.material.stop[drawn])


@dataclass(frozen=True, kw_only=True)
class VariantEdit(Substitution):
    """Puts a variant in the place of some of the words."""

    @abc.abstractmethod
    def variants(self, word: str) -> Sequence[str]:
        """Returns the variants of a word: not the word itself, nor the empty string; none where there is none."""

    def editor(self, tokenised: Tokenised, directory: Path) -> VariantEditor:
        """Finds the variants of every distinct word."""
        words, _ = tokenised.vocabulary
        return VariantEditor.of(tokenised, self.editable(tokenised), [self.variants(word) for word in words])
