"""Infilling: runs of words between mentions are taken out of sentences, and an encoder-decoder fills the gaps.

After Kumar et al. 2020, Data Augmentation using Pre-trained Transformer Models, in which this was the strongest.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from textsynth.components.generator import Draft
from textsynth.edits.draw import draw_counts
from textsynth.edits.edit_table import Edits, Material, carry_out
from textsynth.edits.tokenised import Tokenised
from textsynth.pretrained.encoded_corpus import EncodedCorpus, Gap
from textsynth.pretrained.marker import Markers
from textsynth.pretrained.rewriting.gap import Run, draw_gaps, runs_of
from textsynth.pretrained.rewriting.gap_notation import GapNotation
from textsynth.pretrained.rewriting.objective import Pairs
from textsynth.pretrained.rewriting.options import GapOptions
from textsynth.pretrained.rewriting.rewriter import Rewriter
from textsynth.pretrained.rewriting.spacing import separate_between
from textsynth.pretrained.tokenizing import frame_of
from textsynth.wording.rejection import Rejection, reasons_of
from textsynth.wording.stray_mention import EXTRA, StrayMentions
from textsynth.wording.vocabulary import Part


@dataclass(frozen=True)
class Infilling:
    """A corpus with gaps, and the model that fills them; it gives pairs to learn from too.

    Args:
        rewriter: the model.
        notation: how it is shown gaps.
        extent: how much is taken out.
        tokenised: the corpus.
        encoded: the same as the model reads it.
        runs: for each example, runs of tokens that may go.
        prefixes: for each example, symbols that are read before it.
        stray: mentions that no gap may be filled with.
    """

    rewriter: Rewriter
    notation: GapNotation
    extent: GapOptions
    tokenised: Tokenised
    encoded: EncodedCorpus
    runs: list[list[Run]]
    prefixes: list[list[int]]
    stray: StrayMentions

    @classmethod
    def of(
        cls,
        rewriter: Rewriter,
        notation: GapNotation,
        extent: GapOptions,
        tokenised: Tokenised,
        prefixes: Sequence[str],
    ) -> Infilling:
        """Finds what may be taken out of a corpus: words, and nothing if an example is too long for the model.

        Args:
            rewriter: the model.
            notation: how it is shown gaps.
            extent: how much is taken out.
            tokenised: the corpus.
            prefixes: what is read before each example.
        """
        encoded = EncodedCorpus.of(tokenised, rewriter.tokenizer, Markers(0))
        read = rewriter.read(prefixes, framed=False)
        fits = encoded.lengths + np.array([len(each) for each in read], np.int64) <= rewriter.limit
        # A gap takes words that are no mention, and whose edges are edges of pieces.
        free = encoded.is_whole & tokenised.is_word & (tokenised.span < 0) & fits[tokenised.row]
        runs = runs_of(tokenised.tokens.rows, free)
        return cls(rewriter, notation, extent, tokenised, encoded, runs, read, StrayMentions.of(tokenised.corpus))

    @property
    def usable(self) -> np.ndarray:
        """Says for each example whether anything may go, `(examples,)`."""
        return np.array([bool(runs) for runs in self.runs], bool)

    @property
    def lengths(self) -> np.ndarray:
        """How many symbols each example has, 0 for one of which nothing may go, `(examples,)`."""
        return np.where(self.usable, self.encoded.lengths, 0)

    def make_pairs(self, rows: np.ndarray, rng: np.random.Generator) -> Pairs:
        """Takes something out of each of these examples."""
        asked = self._draw_gaps(rows, rng)
        targets = [
            self.notation.encode_target([self.encoded.within(gap) for gap in gaps], self.encoded.hide(row, [])[0])
            for row, gaps in asked
        ]
        return Pairs([self._input(row, gaps) for row, gaps in asked], targets)

    def copy(self, rows: np.ndarray, style: tuple[float, float], rng: np.random.Generator) -> Draft:
        """Makes a copy of each of these examples with its gaps filled; one that was filled badly is as it was.

        Args:
            rows: `(copies,)`.
            style: temperature and top_p.
            rng: draws gaps, and what comes there.
        """
        asked = self._draw_gaps(rows, rng)
        written = iter(self.rewriter.write([self._input(row, gaps) for row, gaps in asked if gaps], *style, rng))
        fills = [self._fills(row, gaps, next(written)) if gaps else [] for row, gaps in asked]
        edits = [
            (copy, gap.first, gap.stop, fill)
            for copy, (each, (_, gaps)) in enumerate(zip(fills, asked, strict=True))
            if not isinstance(each, Rejection)
            for gap, fill in zip(gaps, each, strict=True)
        ]
        # As columns, one row a gap: its copy, its first token, and the one behind its last.
        copies, first, stop = (np.array([edit[column] for edit in edits], np.int64) for column in range(3))
        material = Material(self.tokenised, [fill for *_, fill in edits])
        begin, end = self.tokenised.begin[first], self.tokenised.end[stop - 1]
        made = Edits(copies, begin, end, material.first, material.stop)
        corpus = carry_out(self.tokenised, rows, made, material)
        return Draft(corpus, reasons_of(fills))

    def _draw_gaps(self, rows: np.ndarray, rng: np.random.Generator) -> list[tuple[int, list[Gap]]]:
        """Draws gaps for each of these examples."""
        sizes = np.array([sum(stop - first for first, stop in self.runs[row]) for row in rows], np.int64)
        counts = draw_counts(sizes, self.extent.rate, rng)
        asked = []
        for row, count in zip(rows.tolist(), counts.tolist(), strict=True):
            drawn = draw_gaps(self.runs[row], count, self.extent.length, self.notation.most, rng)
            gaps = [Gap(first, stop, self.notation.symbol(number)) for number, (first, stop) in enumerate(drawn)]
            asked.append((row, gaps))
        return asked

    def _input(self, row: int, gaps: Sequence[Gap]) -> list[int]:
        symbols, _ = self.encoded.hide(row, gaps)
        return [*symbols[: self._head], *self.prefixes[row], *symbols[self._head :]]

    @functools.cached_property
    def _head(self) -> int:
        """How many symbols the model has before a text."""
        return len(frame_of(self.rewriter.tokenizer)[0])

    def _fills(self, row: int, gaps: Sequence[Gap], symbols: Sequence[int]) -> list[str] | Rejection:
        """Returns what comes into the gaps, or what is wrong with it."""
        kept = self._keep_around(row, gaps)
        fills = self.notation.read_fills(symbols, kept)
        if isinstance(fills, Rejection):
            return fills
        if self.tokenised.corpus.tokenizer == "whitespace":
            fills = [separate_between(*each) for each in zip(kept[:-1], fills, kept[1:], strict=True)]
        return Rejection(EXTRA) if self.stray.among([Part(fill) for fill in fills]) else fills

    def _keep_around(self, row: int, gaps: Sequence[Gap]) -> list[str]:
        """Returns the text before, between and after gaps."""
        text, base = self.tokenised.corpus.texts[row].as_py(), self.tokenised.points.rows[row]
        edges = [(self.tokenised.begin[gap.first] - base, self.tokenised.end[gap.stop - 1] - base) for gap in gaps]
        starts, stops = [0, *(end for _, end in edges)], [*(begin for begin, _ in edges), len(text)]
        return [text[start:stop] for start, stop in zip(starts, stops, strict=True)]
