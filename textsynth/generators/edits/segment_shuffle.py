"""Shuffles words within segments of one label.

This is SiS of Dai & Adel 2020, An Analysis of Simple Data Augmentation for Named Entity Recognition.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textsynth.corpus.code_points import ramp
from textsynth.edits.edit import Edit, Editor, Rate
from textsynth.edits.edit_table import Edits, Material
from textsynth.edits.tokenised import Tokenised


@dataclass(frozen=True)
class SegmentEditor(Editor):
    """An editor whose places are segments, each told by its first word.

    Args:
        words: `(words,)`; the tokens that may be moved, segment after segment.
        bounds: `(places + 1,)`; those of segment `i` are `words[bounds[i]:bounds[i + 1]]`.
        sure: `(places,)`; a position in each segment whose word differs from the next.
    """

    words: np.ndarray
    bounds: np.ndarray
    sure: np.ndarray

    @classmethod
    def of(cls, tokenised: Tokenised, may: np.ndarray) -> SegmentEditor:
        """Cuts texts into mentions and the stretches between them, and takes those with two words that differ."""
        cut = np.ones(len(may), bool)
        cut[1:] = (tokenised.row[1:] != tokenised.row[:-1]) | (tokenised.span[1:] != tokenised.span[:-1])
        segment, word = np.cumsum(cut), tokenised.vocabulary[1]
        tokens = np.flatnonzero(may)
        differs = (segment[tokens][1:] == segment[tokens][:-1]) & (word[tokens][1:] != word[tokens][:-1])
        usable = np.unique(segment[tokens[:-1][differs]])
        tokens = tokens[np.isin(segment[tokens], usable)]
        bounds = np.searchsorted(segment[tokens], np.append(usable, len(may) + 1))
        differs = np.append(word[tokens][1:] != word[tokens][:-1], False)
        sure = np.flatnonzero(differs)
        sure = sure[np.searchsorted(sure, bounds[:-1])] - bounds[:-1]
        return cls(tokenised, Material(tokenised), tokens[bounds[:-1]], tokens, bounds, sure)


@dataclass(frozen=True, kw_only=True)
class SegmentShuffle(Edit):
    """Shuffles the words within segments of a text: its mentions, and the stretches between them.

    White space and punctuation stay where they are, and so do labels. The paper shuffles mentions as other segments;
    here they are protected unless the policy of their label is "edit".

    Args:
        rate: how likely each segment is to be shuffled; one an example is at least. A shuffle changes the order.
    """

    rate: Rate = 0.3

    def editor(self, tokenised: Tokenised, directory: Path) -> SegmentEditor:
        """Finds the segments."""
        return SegmentEditor.of(tokenised, self.editable(tokenised))

    def edits(self, editor: Editor, chosen: np.ndarray, rng: np.random.Generator) -> Edits:
        """Draws segments, and an order of the words of each."""
        assert isinstance(editor, SegmentEditor)
        copy, segment = _draw_segments(np.diff(editor.rows)[chosen], self.rate, rng)
        segment += editor.rows[chosen[copy]]
        length = np.diff(editor.bounds)[segment]
        first = np.cumsum(length) - length
        token = editor.words[np.repeat(editor.bounds[segment], length) + ramp(length)]
        drawn = np.repeat(np.arange(len(segment)), length)
        moved = token[np.argsort(drawn + rng.random(len(token)))]
        word = editor.tokenised.vocabulary[1]
        changed = np.bincount(drawn[word[moved] != word[token]], minlength=len(segment)) > 0
        moved = np.where(changed[drawn], moved, token)
        sure = (first + editor.sure[segment])[~changed]
        moved[sure], moved[sure + 1] = token[sure + 1], token[sure]
        edited = np.flatnonzero(word[moved] != word[token])
        token, moved = token[edited], moved[edited]
        begin, end = editor.tokenised.begin, editor.tokenised.end
        return Edits(copy[drawn[edited]], begin[token], end[token], begin[moved], end[moved])


def _draw_segments(sizes: np.ndarray, rate: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draws segments of each text, each as likely as the rate says, and one where that gives none.

    Returns:
        For each one drawn its text and its position among the segments of that.
    """
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    owner = np.repeat(np.arange(len(sizes)), sizes)
    drawn = rng.random(len(owner)) < rate
    lone = np.flatnonzero((np.bincount(owner[drawn], minlength=len(sizes)) == 0) & (sizes > 0))
    drawn[bounds[lone] + (rng.random(len(lone)) * sizes[lone]).astype(np.int64)] = True
    slot = np.flatnonzero(drawn)
    return owner[slot], slot - bounds[owner[slot]]
