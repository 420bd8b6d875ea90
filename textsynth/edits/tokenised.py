"""A corpus cut into tokens once, with all that edits ask about it."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textsynth.corpus import Corpus
from textsynth.corpus.code_points import CodePoints, byte_slices, text_buffers
from textsynth.corpus.grapheme import find_grapheme_starts
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.script import are_unspaced
from textsynth.corpus.tokenizer_name import SPACY
from textsynth.corpus.tokens import TokenTable, tokenize

_JOINERS = "'’ʼ-‐‑.,:/@&·"
"""Marks that make one word of what stands on both sides of them: don't, well-known, 10:30, and/or."""

_CLITIC = r"^(?:[nN]['’][tT]|['’](?:[sSmMdD]|[rR][eE]|[vV][eE]|[lL][lL]|[tT]))$"
"""Tokens that belong to the word before them, though a space stands between where text came as tokens: do n't."""


@dataclass(frozen=True)
class Tokenised:
    """A corpus with its characters and tokens as columns.

    Positions of characters count through all texts of the corpus, one after the other.

    Args:
        corpus: the corpus.
        points: its characters.
        tokens: its tokens.
        row: `(tokens,)`; the example of each token.
        begin: `(tokens,)`; the position of its first character.
        end: `(tokens,)`; the position after its last.
        span: `(tokens,)`; the span it lies in, -1 outside of all.
    """

    corpus: Corpus
    points: CodePoints
    tokens: TokenTable
    row: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    span: np.ndarray

    @classmethod
    def of(cls, corpus: Corpus) -> Tokenised:
        """Tokenises a corpus."""
        points, tokens = CodePoints.of(corpus.texts), tokenize(corpus)
        row = Ragged.of_bounds(tokens.rows).owner
        first = points.rows[row]
        of_span = Ragged.of_ranges(tokens.first, tokens.stop)
        span = np.full(len(row), -1, np.int64)
        span[of_span.values] = of_span.owner
        return cls(corpus, points, tokens, row, first + tokens.starts, first + tokens.ends, span)

    @functools.cached_property
    def is_sound(self) -> bool:
        """Whether all examples hold the invariants of `Example`."""
        return not self.corpus.find_faults()

    @functools.cached_property
    def raw(self) -> np.ndarray:
        """The UTF-8 bytes of all texts."""
        return text_buffers(self.corpus.texts)[1]

    @functools.cached_property
    def is_word(self) -> np.ndarray:
        """Says for each token whether it has a letter or digit, `(tokens,)`."""
        matches = pc.match_substring_regex(self._dictionary.dictionary, r"[\p{L}\p{N}]")
        return matches.to_numpy(zero_copy_only=False)[self._dictionary.indices.to_numpy()]

    @functools.cached_property
    def is_unspaced(self) -> np.ndarray:
        """Says for each token whether it begins in a script that is written without spaces, `(tokens,)`."""
        return are_unspaced(self.points.points[self.begin])

    @functools.cached_property
    def ends_unspaced(self) -> np.ndarray:
        """Says for each token whether its last grapheme is of a script that is written without spaces, `(tokens,)`."""
        if not are_unspaced(self.points.points).any():
            return np.zeros(len(self.end), bool)  # Graphemes are dear to find, and most texts have none of these.
        return are_unspaced(self.points.points[find_grapheme_starts(self.points)[self.end - 1]])

    @functools.cached_property
    def touches(self) -> np.ndarray:
        """Says for each token whether it comes right behind another in its text, `(tokens,)`."""
        touches = np.zeros(len(self.begin), bool)
        touches[1:] = (self.row[1:] == self.row[:-1]) & (self.begin[1:] == self.end[:-1])
        return touches

    @functools.cached_property
    def separates(self) -> np.ndarray:
        """Says for each token whether it is of a script without spaces and touches a word of another, `(tokens,)`.

        Between two such words it may be all that keeps them apart, as in IBM和Acme.
        """
        touches, spaced = self.touches, self.is_word & ~self.is_unspaced
        beside = np.zeros(len(self.begin), bool)
        beside[1:] |= touches[1:] & spaced[:-1]
        beside[:-1] |= touches[1:] & spaced[1:]
        return beside & self.is_unspaced

    @functools.cached_property
    def run(self) -> np.ndarray:
        """The number of the run that each token is in, `(tokens,)`.

        Graphemes of a script without spaces are tokens, but no words. Those that touch, in one mention or outside of
        all, are a run, which stands for a word wherever that has more than one letter. Any other token is its own run.
        """
        goes_on = np.zeros(len(self.begin), bool)
        if not self.corpus.tokenizer.startswith(SPACY):
            lone = self.is_unspaced
            goes_on[1:] = self.touches[1:] & lone[1:] & lone[:-1] & (self.span[1:] == self.span[:-1])
        return np.cumsum(~goes_on) - 1

    @functools.cached_property
    def continues_word(self) -> np.ndarray:
        """Says for each token whether it belongs to one word with the token before it, `(tokens,)`.

        So do the parts of contractions, of hyphenated words, of numbers, times and addresses; mentions do not matter.
        """
        begins = self.is_word & ~self.is_unspaced
        ends = self.is_word & ~self.ends_unspaced
        inner = np.zeros(len(self.begin), bool)
        inner[1:-1] = self._is_joiner[1:-1] & self.touches[1:-1] & self.touches[2:] & ends[:-2] & begins[2:]
        continues = inner | self._is_clitic
        continues[1:] |= inner[:-1] | (self.touches[1:] & begins[1:] & ends[:-1])
        return continues

    @functools.cached_property
    def opens_word(self) -> np.ndarray:
        """Says for each token whether it is the first of its word, `(tokens,)`; the edge of a mention parts words."""
        opens = ~self.continues_word
        opens[1:] |= self.span[1:] != self.span[:-1]
        return opens

    @functools.cached_property
    def word_start(self) -> np.ndarray:
        """The first token of the word that each token is in, `(tokens,)`; a mark outside of words is its own."""
        return np.flatnonzero(self.opens_word)[np.cumsum(self.opens_word) - 1]

    @functools.cached_property
    def word_last(self) -> np.ndarray:
        """The last token of the word that each token is in, `(tokens,)`."""
        return np.flatnonzero(np.append(self.opens_word[1:], True))[np.cumsum(self.opens_word) - 1]

    @functools.cached_property
    def word_end(self) -> np.ndarray:
        """The position after the last character of the word that each token is in, `(tokens,)`."""
        return self.end[self.word_last]

    @functools.cached_property
    def is_lone(self) -> np.ndarray:
        """Says for each token whether it is all of its word, `(tokens,)`."""
        return self.opens_word & np.append(self.opens_word[1:], True)

    @functools.cached_property
    def is_cut(self) -> np.ndarray:
        """Says for each token whether the edge of a mention parts it from the rest of its word, `(tokens,)`.

        So do "Anna" and "'s" if Anna is a mention: neither is a word that can be moved or taken out alone.
        """
        compound = np.cumsum(~self.continues_word) - 1
        parted = compound[self.opens_word & self.continues_word]
        cut = np.zeros(len(self.begin), bool)
        cut[parted] = True
        return cut[compound]

    @functools.cached_property
    def words(self) -> tuple[list[str], np.ndarray]:
        """The distinct words, marks outside of words among them, and for each token which of them it is part of."""
        if self.opens_word.all():
            return self.vocabulary
        first = np.flatnonzero(self.opens_word)
        found = self.slices(self.begin[first], self.word_end[first]).dictionary_encode()
        return found.dictionary.to_pylist(), found.indices.to_numpy()[np.cumsum(self.opens_word) - 1]

    @functools.cached_property
    def vocabulary(self) -> tuple[list[str], np.ndarray]:
        """The distinct tokens, and for each token which of them it is, `(tokens,)`."""
        return self._dictionary.dictionary.to_pylist(), self._dictionary.indices.to_numpy()

    @functools.cached_property
    def _is_joiner(self) -> np.ndarray:
        """Says for each token whether it is a mark that may join two words, `(tokens,)`."""
        known = pc.is_in(self._dictionary.dictionary, pa.array(list(_JOINERS), pa.string()))
        return known.to_numpy(zero_copy_only=False)[self._dictionary.indices.to_numpy()]

    @functools.cached_property
    def _is_clitic(self) -> np.ndarray:
        """Says for each token whether it is the end of a contraction that a tokenizer has cut off, `(tokens,)`."""
        known = pc.match_substring_regex(self._dictionary.dictionary, _CLITIC)
        clitic = known.to_numpy(zero_copy_only=False)[self._dictionary.indices.to_numpy()]
        before = np.zeros(len(clitic), bool)
        before[1:] = (self.row[1:] == self.row[:-1]) & self.is_word[:-1] & ~self.ends_unspaced[:-1]
        return clitic & before

    @functools.cached_property
    def _dictionary(self) -> pa.DictionaryArray:
        return self.tokens.strings.dictionary_encode()

    def labels(self) -> np.ndarray:
        """Returns for each token the position of its span's label in `corpus.labels`, -1 outside of spans."""
        codes = pc.index_in(self.corpus.spans.labels, pa.array(self.corpus.labels, pa.string()))
        of_span = np.append(codes.to_numpy(zero_copy_only=False), -1)
        return of_span[self.span]

    def slices(self, begins: np.ndarray, ends: np.ndarray) -> pa.StringArray:
        """Returns the texts between positions, which must be in order and not overlap."""
        return byte_slices(self.corpus.texts, self.points.byte_of[begins], self.points.byte_of[ends])
