"""A corpus in a model's pieces, with its labels in view, and sentences in which words are hidden.

What a model reads of an example is its class, its pieces, and on both sides of each mention a marker of its label
(MELM, Zhou et al. 2022), between the symbols that the model puts around every text. A hidden word is one mask, however
many pieces it had: what comes in its place is a whole word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from textsynth.corpus.code_points import are_spaces
from textsynth.corpus.ragged import Ragged
from textsynth.edits.tokenised import Tokenised
from textsynth.pretrained.marker import Markers
from textsynth.pretrained.tokenizing import cut_texts, frame_of

_CLOSING, _TAIL, _HEAD, _CLASS, _OPENING = range(5)
"""What is put in at one place, in this order."""


class Gap(NamedTuple):
    """Tokens of an example that one symbol stands for.

    Args:
        first: the first token.
        stop: the token after the last.
        symbol: what stands there.
    """

    first: int
    stop: int
    symbol: int


@dataclass(frozen=True)
class EncodedCorpus:
    """A corpus as a model reads it.

    Args:
        symbols: a row for each example.
        first: `(tokens,)`; the first symbol of each token of the corpus.
        stop: `(tokens,)`; the symbol after its last.
        is_whole: `(tokens,)`; whether its edges are edges of pieces too, so that it can be hidden.
    """

    symbols: Ragged
    first: np.ndarray
    stop: np.ndarray
    is_whole: np.ndarray

    @classmethod
    def of(cls, tokenised: Tokenised, tokenizer: Any, markers: Markers) -> EncodedCorpus:
        """Cuts a corpus into pieces, and puts markers and the symbols around every text between them.

        Args:
            tokenised: the corpus.
            tokenizer: of the model, a fast one.
            markers: of labels and classes; those it does not know are left out.
        """
        pieces = _Pieces.of(tokenised, tokenizer)
        places, inserted, kinds = pieces.find_insertions(tokenised, tokenizer, markers)
        # What is inserted before the same piece comes in the order of its kind: closing before opening marks.
        order = np.lexsort((kinds, places))
        places, inserted = places[order], inserted[order]
        symbols = np.insert(pieces.numbers.values, places, inserted)
        # How many symbols were put before each piece, and so how far it has moved.
        before = np.searchsorted(places, np.arange(len(pieces.numbers.values) + 1), side="right")
        moved = np.arange(len(before)) + before
        # An example begins with what was put before its first piece, without what ends the example before.
        begins = pieces.numbers.bounds[:-1]
        heads = np.searchsorted(places, begins) + begins
        rows = np.append(heads + _closing_at(places, kinds[order], begins), len(symbols))
        last = moved[np.maximum(pieces.stop - 1, 0)] + 1
        return cls(Ragged(symbols, rows), moved[pieces.first], last, pieces.is_whole)

    @property
    def lengths(self) -> np.ndarray:
        """Symbols of each example, `(examples,)`."""
        return self.symbols.lengths

    def first_symbols(self) -> np.ndarray:
        """Returns the first symbol of each token, `(tokens,)`; any symbol for a token that has none of its own."""
        # Such a token may point behind the last symbol.
        return self.symbols.values[np.minimum(self.first, len(self.symbols.values) - 1)]

    def hide(self, row: int, gaps: Sequence[Gap]) -> tuple[list[int], list[int]]:
        """Returns an example with gaps.

        Args:
            row: the example.
            gaps: in order.

        Returns:
            The symbols, and at which of them each gap stands.
        """
        symbols: list[int] = []
        flat, places, position = self.symbols.values, [], int(self.symbols.bounds[row])
        for gap in gaps:
            symbols += flat[position : self.first[gap.first]].tolist()
            places.append(len(symbols))
            symbols.append(gap.symbol)
            position = int(self.stop[gap.stop - 1])
        return symbols + flat[position : self.symbols.bounds[row + 1]].tolist(), places

    def within(self, gap: Gap) -> list[int]:
        """Returns the symbols that a gap hides."""
        symbols: list[int] = self.symbols.values[self.first[gap.first] : self.stop[gap.stop - 1]].tolist()
        return symbols


@dataclass(frozen=True)
class _Pieces:
    """The pieces of a corpus, before anything is put between them.

    Args:
        numbers: for each example the positions in the vocabulary.
        first: `(tokens,)`; the first piece of each token.
        stop: `(tokens,)`.
        is_whole: `(tokens,)`.
    """

    numbers: Ragged
    first: np.ndarray
    stop: np.ndarray
    is_whole: np.ndarray

    @classmethod
    def of(cls, tokenised: Tokenised, tokenizer: Any) -> _Pieces:
        """Cuts texts into pieces; what looks like a special symbol in a text is text."""
        cut = cut_texts(tokenised.corpus.texts.to_pylist() or [""], tokenizer, offsets=True)
        numbers = Ragged.of_lists(cut["input_ids"][: len(tokenised.corpus)])
        edges = np.array([edge for each in cut["offset_mapping"] for edge in each], np.int64).reshape(-1, 2)
        base = numbers.expand(tokenised.points.rows[:-1])
        start, end = _trim_spaces(base + edges[:, 0], base + edges[:, 1], tokenised)
        # White space at the end of a text ends where the next text begins.
        first = np.maximum(np.searchsorted(start, tokenised.begin), numbers.bounds[tokenised.row])
        stop = np.searchsorted(start, tokenised.end)
        whole = _ends_within(end, first, tokenised.begin) & _ends_within(end, stop, tokenised.end) & (first < stop)
        return cls(numbers, first, stop, whole)

    def find_insertions(
        self, tokenised: Tokenised, tokenizer: Any, markers: Markers
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns what is put between the pieces: before which, the symbol, and its kind, `(insertions,)` each."""
        head, tail = frame_of(tokenizer)
        begins, ends = self.numbers.bounds[:-1], self.numbers.bounds[1:]
        columns: list[tuple[np.ndarray, Any, int]] = [(begins, symbol, _HEAD) for symbol in head]
        columns += [(ends, symbol, _TAIL) for symbol in tail]
        classes = markers.of_classes(tokenised.corpus.table.column("label").to_pylist())
        labels = markers.of_labels(tokenised.corpus.spans.labels.to_pylist())
        first, last = tokenised.tokens.first, tokenised.tokens.stop - 1
        shown = (labels >= 0) & self.is_whole[first] & self.is_whole[last]
        columns.append((begins[classes >= 0], classes[classes >= 0], _CLASS))
        columns.append((self.first[first[shown]], labels[shown], _OPENING))
        columns.append((self.stop[last[shown]], labels[shown], _CLOSING))
        places = np.concatenate([places for places, _, _ in columns])
        symbols = np.concatenate([np.broadcast_to(symbol, len(places)) for places, symbol, _ in columns])
        kinds = np.concatenate([np.full(len(places), kind) for places, _, kind in columns])
        return places, symbols.astype(np.int64), kinds


def _trim_spaces(start: np.ndarray, end: np.ndarray, tokenised: Tokenised) -> tuple[np.ndarray, np.ndarray]:
    """Takes white space off the begin of pieces: some tokenizers count the space before a word to it."""
    start = start.copy()
    # One space at a time: each round moves on the pieces that still begin with one.
    spaces = np.append(are_spaces(tokenised.points.points), False)
    while (more := (start < end) & spaces[np.minimum(start, len(spaces) - 1)]).any():
        start[more] += 1
    return np.maximum.accumulate(start) if len(start) else start, end


def _ends_within(end: np.ndarray, piece: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """Says whether no piece reaches across the edge of a token; `piece` is the first that begins there or behind."""
    # Pieces may overlap, as those of one character's bytes do, so that the farthest end so far counts.
    reached = np.append(0, np.maximum.accumulate(end) if len(end) else end)
    return reached[piece] <= edge


def _closing_at(places: np.ndarray, kinds: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Counts for each edge between examples what is put in there that belongs to the example before."""
    before = np.flatnonzero(kinds <= _TAIL)
    return np.searchsorted(places[before], edges, side="right") - np.searchsorted(places[before], edges)
