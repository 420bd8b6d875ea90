"""Deletes words (random deletion of EDA, Wei & Zou 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.edits.edit import Edit
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.editor import SubstitutionEditor
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True)
class DeletionEditor(SubstitutionEditor):
    """An editor that knows how many words may go, and what stands between them.

    Args:
        most: `(examples,)`; how many words of each may go.
        gap: `(tokens + 2,)`; whether white space stands between a token and the one before it, in the same text. This
            and the next two have two entries more, so that the token behind the last can be asked for, and its next.
        after_word: `(tokens + 2,)`; whether a token comes right behind a word, or behind punctuation inside one.
        before_word: `(tokens + 2,)`; whether it is right behind another, and a word, or punctuation inside one.
        opens: `(tokens,)`; whether a token is the first of a span.
        closes: `(tokens,)`; whether it is the last.
    """

    most: np.ndarray
    gap: np.ndarray
    after_word: np.ndarray
    before_word: np.ndarray
    opens: np.ndarray
    closes: np.ndarray

    @classmethod
    def of(cls, tokenised: Tokenised, may: np.ndarray) -> DeletionEditor:
        """Prepares a corpus; a text whose only word may go is none to edit."""
        rows = len(tokenised.corpus)
        # A text all of whose words may go keeps one of them.
        opening = tokenised.is_word & tokenised.opens_word
        words, most = (np.bincount(tokenised.row[each], minlength=rows) for each in (opening, may))
        most = np.maximum(most - (most == words), 0)
        same, apart = tokenised.row[1:] == tokenised.row[:-1], tokenised.begin[1:] > tokenised.end[:-1]
        gap, glued, word = np.zeros((3, len(may) + 2), bool)
        gap[1 : len(may)], glued[1 : len(may)], word[: len(may)] = same & apart, same & ~apart, tokenised.is_word
        # Glued to the token before, which is a word or is glued itself: "or" and "(" count for "x" of "or(x)". The two
        # entries at the end are False, so that what `roll` carries around the edge does no harm.
        after_word, before_word = glued & np.roll(glued | word, 1), glued & (np.roll(glued, -1) | word)
        opens, closes = np.zeros((2, len(may)), bool)
        opens[tokenised.tokens.first] = closes[tokenised.tokens.stop - 1] = True
        places = np.flatnonzero(may & (most > 0)[tokenised.row])
        return cls(tokenised, Material(tokenised), places, most, gap, after_word, before_word, opens, closes)

    def draw_counts(self, chosen: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
        """Draws how many words are deleted: not more of a copy than may go."""
        return np.minimum(super().draw_counts(chosen, rate, rng), self.most[chosen])

    def substitutions(self, copy: np.ndarray, token: np.ndarray, rng: np.random.Generator) -> Edits:
        """Deletes words; neighbours go together."""
        # A run is of one copy, of tokens side by side, and inside of one mention or outside of all.
        opens = np.ones(len(token), bool)
        span = self.tokenised.span[token]
        last = self.tokenised.word_last[token]
        opens[1:] = (copy[1:] != copy[:-1]) | (token[1:] != last[:-1] + 1) | (span[1:] != span[:-1])
        closes = np.append(opens[1:], True)[: len(token)]
        start, end = self.runs(token[opens], last[closes])
        copy = copy[opens]
        # Two runs may both take the gap between them; the first has it.
        start[1:] = np.where(copy[1:] == copy[:-1], np.maximum(start[1:], end[:-1]), start[1:])
        nothing = np.zeros(len(copy), np.int64)
        return Edits(copy, start, end, nothing, nothing)

    def runs(self, first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns what goes with runs of tokens: the gap behind them, or else that before.

        Neither goes if a word, or punctuation inside one, would run into the next: of "this(or that)" stays
        "this( that)". A mention must not begin or end with white space.
        """
        opens, closes = self.opens[first], self.closes[last]
        # A run that is a mention from end to end goes with its span, and then counts as any text outside of mentions.
        opens, closes = opens & ~closes, closes & ~opens
        behind = self.gap[last + 1] & ~closes & (opens | ~self.after_word[first])
        before = self.gap[first] & ~opens & (closes | ~(self.gap | self.before_word)[last + 1])
        # At the end of a mention only the gap before may go, which is inside of it; at its begin only the gap behind.
        begin, end = self.tokenised.begin, self.tokenised.end
        start = np.where(before, end[first - 1], begin[first])
        return start, np.where(behind, begin[np.minimum(last + 1, len(begin) - 1)], end[last])


@dataclass(frozen=True, kw_only=True)
class WordDeletion(Edit[DeletionEditor]):
    """Deletes words, each with the white space on one side of it; at least one word of a text stays."""

    def editor(self, tokenised: Tokenised, directory: Path) -> DeletionEditor:
        """Takes every editable word, but those that keep two others apart."""
        return DeletionEditor.of(tokenised, self.find_movable(tokenised) & ~tokenised.separates)
