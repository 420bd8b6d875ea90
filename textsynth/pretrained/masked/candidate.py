"""Candidates: which whole words may replace each word of a corpus."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from textsynth.edits.tokenised import Tokenised
from textsynth.pretrained.encoded_corpus import EncodedCorpus
from textsynth.pretrained.masked.whole_word import (
    KINDS,
    Mark,
    WholeWords,
    are_replaceable,
    begins_word,
    kinds_of,
    recase,
)
from textsynth.synonyms.free_word import free_words
from textsynth.wording.stray_mention import StrayMentions

_LOWER, _MIXED, _NONE = (KINDS.index(name) for name in ("lower", "mixed", "none"))


@dataclass(frozen=True)
class Candidates:
    """What may replace each word: words of its casing that go with the space before it, never itself.

    Outside of mentions no mention of the source comes, as it would stand there without its label.

    Args:
        words: the whole words of the vocabulary.
        kind: `(tokens,)`; the casing of each token.
        group: `(tokens,)`; which group of words may replace each token, -1 for none.
        members: `(groups, words)`; whether each word belongs to each group.
        folded: `(tokens,)`; which of the distinct tokens, whatever their case, each is.
        same: for each of those the words that are the same.
    """

    words: WholeWords
    kind: np.ndarray
    group: np.ndarray
    members: np.ndarray
    folded: np.ndarray
    same: Sequence[Sequence[int]]

    @classmethod
    def of(cls, tokenised: Tokenised, encoded: EncodedCorpus, words: WholeWords, tokenizer: Any) -> Candidates:
        """Finds the candidates of a corpus."""
        distinct, word = tokenised.vocabulary
        kind = kinds_of(distinct)[word] if len(distinct) else word
        folded, same = _fold(distinct, words)
        known = StrayMentions.of(tokenised.corpus).mentions
        common = np.array([word not in known for word in words.strings], bool)
        # A group is a casing, whether a space stands before, and whether the token lies in a mention: 4 * casing +
        # 2 * space + mention, as `_find_groups` counts. Outside of mentions only words come that are no mention.
        fits = [
            (words.kind == kind) & (words.is_spaced == begun) for kind in range(len(KINDS)) for begun in (False, True)
        ]
        members = np.stack([each for fit in fits for each in (fit & common, fit)])
        group = _find_groups(tokenised, encoded, words, kind, tokenizer)
        found = cls(words, kind, group, members, folded[word] if len(distinct) else word, same)
        return found.restrict(found._count() > 0)

    def restrict(self, may: np.ndarray) -> Candidates:
        """Returns the candidates of some of the tokens; the others stay as they are."""
        return dataclasses.replace(self, group=np.where(may, self.group, -1))

    def strings(self) -> list[str]:
        """Returns all that may be put into a text: each word in each casing that it may take."""
        strings = self.words.strings
        return (
            strings if self.words.is_cased else [recase(word, kind) for kind in range(len(KINDS)) for word in strings]
        )

    def string_of(self, word: np.ndarray, token: np.ndarray) -> np.ndarray:
        """Returns which of the strings a word is if it replaces a token, `(words,)`."""
        return word if self.words.is_cased else self.kind[token] * len(self.words.strings) + word

    def _count(self) -> np.ndarray:
        """Returns how many words may replace each token, `(tokens,)`."""
        # Tokens of the same group that are the same word have the same candidates: each such pair is counted once.
        pairs, pair = np.unique(np.stack([self.group, self.folded]), axis=1, return_inverse=True)
        sizes = self.members.sum(axis=1)
        counts = [
            sizes[group] - self.members[group, list(self.same[folded])].sum() if group >= 0 else 0
            for group, folded in pairs.T.tolist()
        ]
        return np.array(counts, np.int64)[pair.ravel()]


def _find_groups(
    tokenised: Tokenised, encoded: EncodedCorpus, words: WholeWords, kind: np.ndarray, tokenizer: Any
) -> np.ndarray:
    """Returns the group of each token by its casing and the space before it, -1 if it stays as it is.

    Numbers, marks, parts of compounds and addresses, and words in mixed case stay.
    """
    distinct, word = tokenised.vocabulary
    fine = encoded.is_whole & (kind != _MIXED) & free_words(tokenised.points, tokenised.begin, tokenised.end)
    fine &= are_replaceable(distinct)[word] if len(distinct) else True
    begun = _find_word_starts(encoded, words.mark, tokenizer)
    if words.mark in ("##", ""):
        fine &= begun
    shown = kind if words.is_cased else np.where(kind == _NONE, _NONE, _LOWER)
    return np.where(fine, 4 * shown + 2 * begun + (tokenised.span >= 0), -1)


def _find_word_starts(encoded: EncodedCorpus, mark: Mark, tokenizer: Any) -> np.ndarray:
    """Says for each token whether its first piece is one that begins a word, `(tokens,)`."""
    numbers, which = np.unique(encoded.first_symbols(), return_inverse=True)
    pieces = [piece or "" for piece in tokenizer.convert_ids_to_tokens(numbers.tolist())]
    begun = np.array([begins_word(piece, mark) for piece in pieces], bool)
    return begun[which] if len(which) else np.zeros(0, bool)


def _fold(distinct: Sequence[str], words: WholeWords) -> tuple[np.ndarray, list[list[int]]]:
    """Returns for each distinct token which it is whatever its case, and for each of those the words that are so."""
    lowered = [each.casefold() for each in distinct]
    number = {each: place for place, each in enumerate(dict.fromkeys(lowered))}
    same: list[list[int]] = [[] for _ in number]
    for place, string in enumerate(words.strings):
        if (known := number.get(string.casefold())) is not None:
            same[known].append(place)
    return np.array([number[each] for each in lowered], np.int64), same
