"""A language model of n-grams, learnt in a second: interpolated Kneser-Ney, on arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from textsynth.corpus.ragged import Ragged

EDGE = 0
"""The symbol before the first and after the last of a sentence; no other has this number."""


_ARRAYS = ("keys", "counts", "contexts", "totals", "kinds")
"""What is kept of the n-grams of one length."""


@dataclass(frozen=True)
class _Order:
    """What is known of the n-grams of one length.

    Args:
        keys: `(n-grams,)` the n-grams as numbers, sorted.
        counts: `(n-grams,)`.
        contexts: `(contexts,)` what stands before their last symbol, as numbers, sorted.
        totals: `(contexts,)` the counts of a context's n-grams together.
        kinds: `(contexts,)` how many different symbols follow it.
        discount: what each count is less by.
    """

    keys: np.ndarray
    counts: np.ndarray
    contexts: np.ndarray
    totals: np.ndarray
    kinds: np.ndarray
    discount: float

    @classmethod
    def of(cls, keys: np.ndarray, counts: np.ndarray, base: int) -> Self:
        """Sums up counted n-grams.

        Args:
            keys: `(n-grams,)` sorted, without repeats.
            counts: `(n-grams,)`.
            base: how many symbols there are.
        """
        contexts, place, kinds = np.unique(keys // base, return_inverse=True, return_counts=True)
        once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
        discount = once / (once + 2 * twice) if once else 0.5
        return cls(keys, counts, contexts, np.bincount(place, counts), kinds, float(min(discount, 0.95)))

    def mix(self, keys: np.ndarray, base: int, shorter: np.ndarray) -> np.ndarray:
        """Returns the chances of n-grams' last symbols, given those by the n-grams that are one symbol shorter."""
        count = _look_up(self.keys, self.counts, keys)
        context = keys // base
        total = _look_up(self.contexts, self.totals, context)
        left_over = self.discount * _look_up(self.contexts, self.kinds, context)
        known = total > 0
        chances = (np.maximum(count - self.discount, 0) + left_over * shorter) / np.where(known, total, 1)
        return np.where(known, chances, shorter)


@dataclass(frozen=True)
class NgramModel:
    """A language model with interpolated Kneser-Ney smoothing (Chen and Goodman 1999), one discount an order.

    Args:
        symbols: how many there are, `EDGE` among them.
        orders: from single symbols to the longest n-grams.
    """

    symbols: int
    orders: tuple[_Order, ...]

    @classmethod
    def of(cls, sentences: Ragged, symbols: int, longest: int = 3) -> Self:
        """Counts the n-grams of sentences.

        Args:
            sentences: numbers from 1 to `symbols - 1`, a row for each sentence.
            symbols: how many there are, `EDGE` among them; at most 2,000,000 with `longest` 3.
            longest: symbols of the longest n-grams.
        """
        keys, counts = np.unique(_list_keys(sentences, symbols, longest), return_counts=True)
        orders = [_Order.of(keys, counts, symbols)]
        for length in range(longest - 1, 0, -1):
            # Of shorter n-grams it counts after how many different symbols they come, not how often.
            keys, counts = np.unique(keys % symbols**length, return_counts=True)
            orders.append(_Order.of(keys, counts, symbols))
        return cls(symbols, tuple(reversed(orders)))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads what `write` wrote."""
        with np.load(path) as arrays:
            symbols, longest = arrays["sizes"].tolist()
            discounts = arrays["discounts"].tolist()
            orders = [
                _Order(**{name: arrays[f"{name}-{number}"] for name in _ARRAYS}, discount=discounts[number])
                for number in range(longest)
            ]
        return cls(symbols, tuple(orders))

    def write(self, path: Path) -> None:
        """Writes it into a file, whose name ends in .npz."""
        arrays = {
            f"{name}-{number}": getattr(order, name) for number, order in enumerate(self.orders) for name in _ARRAYS
        }
        sizes = np.array([self.symbols, len(self.orders)])
        np.savez(path, sizes=sizes, discounts=np.array([order.discount for order in self.orders]), **arrays)

    def find_chances(self, sentences: Ragged) -> Ragged:
        """Returns how likely each symbol is after those before it; each row has one more, for its end.

        >>> model = NgramModel.of(Ragged.of_lists([[1, 2], [1, 2], [1, 3]]), 4)
        >>> [round(each, 2) for each in model.find_chances(Ragged.of_lists([[1, 2]]))[0].tolist()]
        [0.92, 0.6, 0.91]
        """
        keys = _list_keys(sentences, self.symbols, len(self.orders))
        chances = np.full(len(keys), 1 / self.symbols)
        for length, order in enumerate(self.orders, 1):
            chances = order.mix(keys % self.symbols**length, self.symbols, chances)
        return Ragged(chances, sentences.bounds + np.arange(len(sentences.bounds)))

    def find_lone_chances(self, sentences: Ragged) -> Ragged:
        """Returns how likely each symbol is whatever stands before it, laid out as `find_chances` does."""
        keys = _list_keys(sentences, self.symbols, 1)
        chances = self.orders[0].mix(keys, self.symbols, np.full(len(keys), 1 / self.symbols))
        return Ragged(chances, sentences.bounds + np.arange(len(sentences.bounds)))


def _list_keys(sentences: Ragged, base: int, length: int) -> np.ndarray:
    """Returns the n-gram that ends with each symbol of each sentence, and with its end, as a number."""
    padded = Ragged.of_lengths(sentences.lengths + length)
    symbols = np.full(len(padded.values), EDGE, np.int64)
    within = np.arange(len(sentences.values)) - sentences.expand(sentences.bounds[:-1])
    symbols[sentences.expand(padded.bounds[:-1]) + length - 1 + within] = sentences.values
    ends = padded.rank >= length - 1
    places = np.flatnonzero(ends)
    return sum((symbols[places - back] * base**back for back in range(length)), np.zeros(len(places), np.int64))


def _look_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Returns the values of sorted keys, 0 for those that are not there."""
    if not len(keys):
        return np.zeros(len(wanted))
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0)
