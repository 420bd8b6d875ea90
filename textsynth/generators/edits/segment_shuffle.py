"""Shuffles words within segments of one label.

This is SiS of Dai & Adel 2020, An Analysis of Simple Data Augmentation for Named Entity Recognition.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.corpus.ragged import Ragged
from textsynth.edits.draw import draw_one
from textsynth.edits.edit import Edit, Rate
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.editor import Editor
from textsynth.edits.tokenised import Tokenised
from textsynth.foundation.distinct import find_distinct


@dataclass(frozen=True)
class SegmentEditor(Editor):
    """An editor whose places are segments, each known by its first word.

    Args:
        words: for each segment the words that may be moved, each by its first token.
        sure: `(places,)`; a rank in each segment whose word differs from the next.
    """

    words: Ragged
    sure: np.ndarray

    @classmethod
    def of(cls, tokenised: Tokenised, may: np.ndarray) -> SegmentEditor:
        """Cuts texts into mentions and the stretches between them, and takes those with two words that differ."""
        cut = np.ones(len(may), bool)
        cut[1:] = (tokenised.row[1:] != tokenised.row[:-1]) | (tokenised.span[1:] != tokenised.span[:-1])
        # Words of scripts with and without spaces would run together if they changed places.
        words = np.flatnonzero(tokenised.is_word & tokenised.opens_word)
        cut[words[1:][np.diff(tokenised.is_unspaced[words])]] = True
        # Segments are numbered from 1 through all texts; only a neighbour that differs makes a shuffle worth while.
        segment, word = np.cumsum(cut), tokenised.words[1]
        tokens = np.flatnonzero(may)
        differs = (segment[tokens][1:] == segment[tokens][:-1]) & (word[tokens][1:] != word[tokens][:-1])
        usable = find_distinct(segment[tokens[:-1][differs]])
        tokens = tokens[np.isin(segment[tokens], usable)]
        bounds = np.searchsorted(segment[tokens], np.append(usable, len(may) + 1))
        differs = np.append(word[tokens][1:] != word[tokens][:-1], False)
        sure = np.flatnonzero(differs)
        sure = sure[np.searchsorted(sure, bounds[:-1])] - bounds[:-1]
        return cls(tokenised, Material(tokenised), tokens[bounds[:-1]], Ragged(tokens, bounds), sure)

    def draw_edits(self, chosen: np.ndarray, rate: float, rng: np.random.Generator) -> Edits:
        """Draws segments, and an order of the words of each."""
        copy, segment = _draw_segments(self.by_example.lengths[chosen], rate, rng)
        segment += self.by_example.bounds[chosen[copy]]
        words = self.words.take(segment)
        token, drawn = words.values, words.owner
        # Sorted by segment and a random part, so that words are shuffled within their own segment only.
        moved = token[np.argsort(drawn + rng.random(len(token)))]
        word = self.tokenised.words[1]
        # A segment that came out as it was has two neighbours swapped that differ.
        changed = np.bincount(drawn[word[moved] != word[token]], minlength=len(segment)) > 0
        moved = np.where(changed[drawn], moved, token)
        sure = (words.bounds[:-1] + self.sure[segment])[~changed]
        moved[sure], moved[sure + 1] = token[sure + 1], token[sure]
        edited = np.flatnonzero(word[moved] != word[token])
        token, moved = token[edited], moved[edited]
        begin, end = self.tokenised.begin, self.tokenised.word_end
        return Edits(copy[drawn[edited]], begin[token], end[token], begin[moved], end[moved])


@dataclass(frozen=True, kw_only=True)
class SegmentShuffle(Edit[SegmentEditor]):
    """Shuffles the words within segments of a text: its mentions, and the stretches between them.

    White space and punctuation stay where they are, and so do labels. The paper shuffles mentions as other segments;
    here they are kept unless the policy of their label is "edit".

    Args:
        rate: how likely each segment is to be shuffled; one an example is at least. A shuffle changes the order.
    """

    rate: Rate = 0.3

    def editor(self, tokenised: Tokenised, directory: Path) -> SegmentEditor:
        """Finds the segments."""
        return SegmentEditor.of(tokenised, self.find_movable(tokenised))


def _draw_segments(sizes: np.ndarray, rate: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draws segments of each text, each as likely as the rate says, and one if that gives none.

    Returns:
        For each one drawn its text and its position among the segments of that.
    """
    segments = Ragged.of_lengths(sizes)
    owner = segments.owner
    drawn = rng.random(len(owner)) < rate
    lone = np.flatnonzero((np.bincount(owner[drawn], minlength=len(sizes)) == 0) & (sizes > 0))
    drawn[draw_one(segments, lone, rng)] = True
    slot = np.flatnonzero(drawn)
    return owner[slot], segments.rank[slot]
