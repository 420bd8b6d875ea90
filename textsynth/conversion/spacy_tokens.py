"""The tokens that spaCy's tokenizer cuts texts into, for many texts at once: each distinct word is cut only once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa

from textsynth.corpus import Corpus
from textsynth.corpus.code_points import CodePoints, are_spaces, byte_slices
from textsynth.corpus.paragraph import cut_anywhere
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.script import are_unspaced
from textsynth.corpus.tokenizer_name import SPACY
from textsynth.corpus.tokens import LONGEST, split_tokens, tokenize
from textsynth.foundation.pipeline import load_blank, load_tokenizer

Cut = Callable[[str], Iterable[Any]]

DEFAULT = "en"
"""The language whose tokenizer cuts texts if none is named."""

_CUTTING = ("zh", "ja", "th")
"""Languages without spaces whose tokenizers cut words all the same."""

_MOST_KNOWN = 1_000_000
"""Distinct words that are remembered with their tokens."""


@dataclass(frozen=True)
class SpacyTokens:
    """Tokens as spaCy has them: white space is one if it is more than a single space behind another.

    Args:
        rows: `(texts + 1,)`; the tokens of text `i` are `rows[i]:rows[i + 1]`.
        strings: `(tokens,)`; what they are.
        spaces: `(tokens,)`; whether a single space follows.
        first: `(spans,)`; the first token of each span of the corpus.
        stop: `(spans,)`; the token after its last.
    """

    rows: np.ndarray
    strings: pa.StringArray
    spaces: np.ndarray
    first: np.ndarray
    stop: np.ndarray


class SpacyCutter:
    """Cuts texts as the tokenizer of a language does, or else that of a corpus if it is one of spaCy's.

    Tokens are cut further at the edges of spans. If the tokenizer knows no words of scripts without spaces, each of
    their graphemes is a token.

    Args:
        language: as `spacy.blank` knows it; None for the tokenizer of each corpus, or English.
    """

    def __init__(self, language: str | None) -> None:
        self._language = language
        self._words: dict[str, _WordCutter] = {}

    def cut(self, corpus: Corpus) -> SpacyTokens:
        """Cuts the texts of a corpus."""
        points, spans = CodePoints.of(corpus.texts), corpus.spans
        row = spans.row_of_span()
        span_begin, span_end = points.rows[row] + spans.starts, points.rows[row] + spans.ends
        begins, ends = self._find_cutter(corpus).find(corpus.texts, points)
        edges = np.concatenate([span_begin, span_end, *self._find_lone(corpus, points)])
        begins, ends = split_tokens(begins, ends, edges)
        rows = np.searchsorted(begins, points.rows)
        following = np.append(begins[1:], points.rows[-1:])[: len(begins)]
        filled = np.flatnonzero(np.diff(rows))
        following[rows[1:][filled] - 1] = points.rows[1:][filled]
        return SpacyTokens(
            rows,
            byte_slices(corpus.texts, points.byte_of[begins], points.byte_of[ends]),
            following - ends == 1,
            np.searchsorted(begins, span_begin),
            np.searchsorted(begins, span_end),
        )

    def _find_cutter(self, corpus: Corpus) -> _WordCutter:
        own = self._language is None and corpus.tokenizer.startswith(SPACY)
        name = corpus.tokenizer.removeprefix(SPACY) if own else self._language or DEFAULT
        if name not in self._words:
            self._words[name] = _WordCutter(load_tokenizer(name) if own else load_blank(name).tokenizer)
        return self._words[name]

    def _find_lone(self, corpus: Corpus, points: CodePoints) -> Iterator[np.ndarray]:
        """Yields where graphemes of scripts without spaces begin and end, if the tokenizer knows no words of them."""
        known = self._language in _CUTTING or (self._language is None and corpus.tokenizer.startswith(SPACY))
        if known or not are_unspaced(points.points).any():
            return
        table = tokenize(corpus, "words")
        text_begin = points.rows[Ragged.of_bounds(table.rows).owner]
        lone = are_unspaced(points.points[text_begin + table.starts])
        yield (text_begin + table.starts)[lone]
        yield (text_begin + table.ends)[lone]


class _WordCutter:
    """Finds where tokens begin and end.

    spaCy's own tokenizer cuts a text at white space, and then each word whatever stands beside it; so does this, for
    texts with nothing but single spaces between words. All others go through the tokenizer itself, long ones in pieces.

    Args:
        cut: the tokenizer.
    """

    def __init__(self, cut: Cut) -> None:
        from spacy.tokenizer import Tokenizer

        self._cut = cut
        self._by_word = type(cut) is Tokenizer and not any(map(_has_inner_space, cast("Any", cut).rules or ()))
        self._known: dict[str, list[int]] = {}

    def find(self, texts: pa.StringArray, points: CodePoints) -> tuple[np.ndarray, np.ndarray]:
        """Returns where tokens begin and end, in characters through all texts."""
        blank = are_spaces(points.points)
        plain = self._find_plain(points, blank)
        found = self._find_in_words(texts, points, blank, plain), self._find_in(texts, points, ~plain)
        begins, ends = (np.concatenate([found[0][side], found[1][side]]) for side in (0, 1))
        order = np.argsort(begins, kind="stable")
        return begins[order], ends[order]

    def _find_plain(self, points: CodePoints, blank: np.ndarray) -> np.ndarray:
        """Says for each text whether it is cut by words."""
        lengths = np.diff(points.rows)
        plain = (lengths <= LONGEST) & self._by_word
        firsts, lasts = points.rows[:-1][lengths > 0], points.rows[1:][lengths > 0] - 1
        blanks = np.flatnonzero(blank)
        odd = [blanks[points.points[blanks] != ord(" ")], blanks[np.diff(blanks, append=-1) == 1]]
        odd += [firsts[blank[firsts]], lasts[blank[lasts]]]
        plain[np.searchsorted(points.rows, np.concatenate(odd), "right") - 1] = False
        return plain

    def _find_in_words(
        self, texts: pa.StringArray, points: CodePoints, blank: np.ndarray, plain: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        blanks = np.flatnonzero(blank)
        blanks = blanks[plain[np.searchsorted(points.rows, blanks, "right") - 1]]
        filled = plain & (np.diff(points.rows) > 0)
        starts = np.sort(np.concatenate([points.rows[:-1][filled], blanks + 1]))
        stops = np.sort(np.concatenate([points.rows[1:][filled], blanks]))
        words = byte_slices(texts, points.byte_of[starts], points.byte_of[stops]).dictionary_encode()
        tokens = Ragged.of_lists(map(self._cut_word, words.dictionary.to_pylist())).take(words.indices.to_numpy())
        begins = tokens.values + tokens.expand(starts)
        ends = np.append(begins[1:], 0)[: len(begins)]  # Inside a word, a token ends where the next one begins.
        ends[tokens.bounds[1:] - 1] = stops
        return begins, ends

    def _cut_word(self, word: str) -> list[int]:
        """Returns where in a word its tokens begin."""
        found = self._known.get(word)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[word] = [token.idx for token in self._cut(word)]
        return found

    def _find_in(self, texts: pa.StringArray, points: CodePoints, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Finds the tokens of some texts by the tokenizer itself."""
        found: list[tuple[int, int]] = []
        for text, first in zip(texts.filter(pa.array(rows)).to_pylist(), points.rows[:-1][rows].tolist(), strict=True):
            begin = first
            for piece in cut_anywhere(text, LONGEST):
                found += [(begin + token.idx, begin + token.idx + len(token)) for token in self._cut(piece)]
                begin += len(piece)
        both = np.array(found, np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]


def _has_inner_space(rule: str) -> bool:
    """Says whether what is a special case of a tokenizer goes over several words."""
    return any(map(str.isspace, rule)) and not rule.isspace()
