"""Draws how many and which places are edited, for many texts at once."""

from __future__ import annotations

import numpy as np

from textsynth.corpus.ragged import Ragged, bounds_of

_FEW = 16
"""Numbers drawn a text up to which they are drawn one by one; above, shuffling all numbers of the text is faster."""


def draw_counts(sizes: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Returns how many of the places of each text are edited: the rate on average, at least one if there is one.

    Args:
        sizes: `(texts,)` places.
        rate: share of the places, in [0, 1].
        rng: draws one number a text, which rounds up or down so that the average is met.

    >>> draw_counts(np.array([0, 4, 20]), 0.1, np.random.default_rng(0)).tolist()
    [0, 1, 2]
    """
    wanted = sizes * rate
    counts = wanted.astype(np.int64)
    counts += rng.random(len(sizes)) < wanted - counts
    return np.minimum(np.maximum(counts, 1), sizes)


def draw_one(rows: Ragged, chosen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws one value of each of these rows, each as likely as the next.

    Args:
        rows: what is drawn from.
        chosen: `(drawn,)` positions of rows, none of them empty.
        rng: draws one number for each.

    >>> draw_one(Ragged.of_lists([[7], [8, 9]]), np.array([1, 0, 1]), np.random.default_rng(0)).tolist()
    [9, 7, 8]
    """
    rank = (rng.random(len(chosen)) * rows.lengths[chosen]).astype(np.int64)
    return rows.values[rows.bounds[chosen] + rank]


def draw_distinct(sizes: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draws distinct numbers for each text, every subset as likely as the next.

    Args:
        sizes: `(texts,)`; numbers are drawn below these.
        counts: `(texts,)`; how many, at most the size.
        rng: draws one number for each; for long texts one for all below the size.

    Returns:
        For each number drawn its text and the number, `(drawn,)` each, sorted by both.
    """
    many = counts > _FEW
    if not many.any():
        return _draw_few(sizes, counts, rng)
    parts = _draw_few(sizes, np.where(many, 0, counts), rng), _draw_many(sizes, np.where(many, counts, 0), rng)
    text, number = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(text, kind="stable")
    return text[order], number[order]


def _draw_few(sizes: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draws by Floyd's algorithm, all texts at once; its time grows with the square of the counts."""
    first = bounds_of(counts)
    drawn = np.empty(int(counts.sum()), np.int64)
    # Floyd: turn by turn the numbers that may be drawn grow by one at the top. A number that was drawn before stands
    # for that new one, which cannot have been.
    active = np.arange(len(sizes))
    for turn in range(int(counts.max(initial=0))):
        active = active[counts[active] > turn]
        top = sizes[active] - counts[active] + turn
        number = (rng.random(len(active)) * (top + 1)).astype(np.int64)
        for earlier in range(turn):
            number = np.where(drawn[first[active] + earlier] == number, top, number)
        drawn[first[active] + turn] = number
    text = Ragged.of_lengths(counts).owner
    # With the text's number above its own, all numbers are sorted within their texts in one go.
    base = text * (int(sizes.max(initial=0)) + 1)
    drawn += base
    drawn.sort()
    drawn -= base
    return text, drawn


def _draw_many(sizes: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draws by shuffling all numbers of the texts that want any."""
    sizes = np.where(counts > 0, sizes, 0)
    numbers = Ragged.of_lengths(sizes)
    text, number = numbers.owner, numbers.rank
    # Shuffled within their texts, the first of each text are drawn: `number` is also the rank in the shuffled order.
    order = np.lexsort((rng.random(len(text)), text))
    drawn = np.sort(order[number < numbers.expand(counts)])
    return text[drawn], number[drawn]
