"""BLEU of generated sentences against real ones, and of each generated sentence against the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

Sentence = Sequence[str]
Ngram = tuple[str, ...]

_EPSILON = 0.1
"""What stands for no match at all (NLTK's method1); 0 would take the whole score with it."""


@dataclass(frozen=True)
class References:
    """Sentences indexed once, so that scoring a hypothesis costs its own n-grams, however many references there are.

    Args:
        order: the longest n-grams indexed, in tokens; the shorter ones are, too.
        best: the largest count each n-gram has in any one sentence.
        second: the next largest, in another sentence: the same if two sentences share it; absent if it is 0.
        lengths: tokens of each sentence, ascending.
    """

    order: int
    best: Mapping[Ngram, int] = field(repr=False)
    second: Mapping[Ngram, int] = field(repr=False)
    lengths: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, sentences: Sequence[Sentence], order: int) -> References:
        """Indexes sentences.

        Raises:
            ValueError: there are no sentences.

        >>> index = References.of([["a", "a"], ["a", "b"]], 1)
        >>> index.best, index.second
        ({('a',): 2, ('b',): 1}, {('a',): 1})
        """
        if len(sentences) == 0:
            raise ValueError("BLEU needs at least one reference")
        best: dict[Ngram, int] = {}
        second: dict[Ngram, int] = {}
        for sentence in sentences:
            for ngram, count in Counter(_ngrams(sentence, order)).items():
                before = best.get(ngram, 0)
                if count > before:
                    best[ngram] = count
                beaten = min(count, before)
                if beaten > second.get(ngram, 0):
                    second[ngram] = beaten
        return cls(order, best, second, np.sort(_lengths(sentences)))

    def matches(self, sentence: Sentence, left_out: bool = False) -> list[int]:
        """Counts a sentence's n-grams of each order, each n-gram no more often than one reference has it.

        Args:
            sentence: tokens.
            left_out: whether the sentence is one of the references, and is not to be compared with itself.

        >>> index = References.of([["a", "a", "b"], ["a", "b"]], 2)
        >>> index.matches(["a", "a", "b"]), index.matches(["a", "a", "b"], left_out=True)
        ([3, 2], [2, 1])
        """
        found = [0] * self.order
        for ngram, count in Counter(_ngrams(sentence, self.order)).items():
            limit = self.best.get(ngram, 0)
            # No need to know whose the best is: a sentence that reaches it leaves the second to the others.
            if left_out and count == limit:
                limit = self.second.get(ngram, 0)
            found[len(ngram) - 1] += min(count, limit)
        return found

    def closest(self, lengths: np.ndarray, left_out: bool = False) -> np.ndarray:
        """Returns the length of the reference that is closest to each length; of two as close, the shorter.

        Args:
            lengths: tokens of each hypothesis.
            left_out: whether each hypothesis is one of the references, and is not to be compared with itself.

        >>> index = References.of([["a"] * 3, ["a"] * 5], 1)
        >>> index.closest(np.array([3, 4, 5])).tolist(), index.closest(np.array([3, 5]), left_out=True).tolist()
        ([3.0, 3.0, 5.0], [5.0, 3.0])
        """
        position = np.searchsorted(self.lengths, lengths)
        padded = np.concatenate([[-np.inf], self.lengths, [np.inf]])
        # The references of this length begin at its position; one index further leaves one of them, itself, out.
        below, above = padded[position], padded[position + 1 + left_out]
        return np.where(lengths - below <= above - lengths, below, above)


def bleu(
    hypotheses: Sequence[Sentence], references: Sequence[Sentence], orders: Sequence[int] = (2, 3, 4, 5)
) -> dict[int, float]:
    """Returns the mean BLEU of hypotheses, each scored against all references at once.

    This is how Texygen (Zhu et al. 2018, "Texygen: A Benchmarking Platform for Text Generation Models") measures the
    quality of text without a source. Each hypothesis has what NLTK 3.10 computes as `sentence_bleu(references,
    hypothesis, (1 / n,) * n, SmoothingFunction().method1)`:

    * a precision of 0 / m counts as 0.1 / m, but a hypothesis that shares no token with any reference has 0;
    * a hypothesis of fewer than n tokens has precision 0.1 / 1 for the orders it is too short for, so that BLEU-n of a
      perfect copy is under 1;
    * the brevity penalty compares with the closest length of any reference, the shorter of two;
    * an empty hypothesis has 0.

    Texygen's published numbers for COCO captions come about with *all* 10,000 sentences of its test file as references,
    and all of a sample's as hypotheses (its `get_bleu`; with the first 500 references of its `get_bleu_fast`, BLEU-2 is
    0.2 lower); punctuation cut off as tokens (by NLTK's `word_tokenize`; runs of letters and digits, and each other
    character alone, differ by under 0.002); nothing lower-cased, no token for the end. Split at white space alone, the
    test file's "night." is not the samples' "night .", and BLEU-2 is 0.03 to 0.07 lower. So compare scores only if
    the references and the tokens are the same.

    Args:
        hypotheses: tokenised sentences.
        references: tokenised sentences.
        orders: the longest n-grams of each score; BLEU-n weighs the precisions of 1-grams to n-grams equally.

    Returns:
        BLEU-n by n, each between 0 and 1.

    Raises:
        ValueError: there are no hypotheses, no references or no orders, or an order is under 1.

    >>> bleu([["a", "b", "c"]], [["a", "b", "d"], ["c"]], orders=(1, 2))[1]  # all three tokens are somewhere
    1.0
    >>> round(bleu([["a", "b", "c"]], [["a", "b", "d"], ["c"]], orders=(2,))[2], 6)  # the root of 3/3 * 1/2
    0.707107
    """
    return _mean_bleu(hypotheses, References.of(references, _longest(orders)), orders)


def self_bleu(sentences: Sequence[Sentence], orders: Sequence[int] = (2, 3, 4, 5)) -> dict[int, float]:
    """Returns the mean BLEU of sentences, each scored against all others: the lower, the more diverse.

    This is Self-BLEU of Zhu et al. 2018 (see `bleu`). A sentence is left out once: its copies elsewhere remain, and
    give it the score of a copy.

    Args:
        sentences: tokenised sentences.
        orders: as for `bleu`.

    Returns:
        Self-BLEU-n by n, each between 0 and 1.

    Raises:
        ValueError: there are fewer than two sentences or no orders, or an order is under 1.

    >>> self_bleu([["a", "b"], ["a", "b"]], orders=(2,)), self_bleu([["a", "b"], ["c", "d"]], orders=(2,))
    ({2: 1.0}, {2: 0.0})
    """
    if len(sentences) < 2:
        raise ValueError("self-BLEU needs at least two sentences")
    return _mean_bleu(sentences, References.of(sentences, _longest(orders)), orders, left_out=True)


def _mean_bleu(
    sentences: Sequence[Sentence], index: References, orders: Sequence[int], left_out: bool = False
) -> dict[int, float]:
    if len(sentences) == 0:
        raise ValueError("BLEU needs at least one hypothesis")
    # `(sentences, orders)`: matches over n-grams is the precision of each order. The mean of its logarithms over the
    # first n orders is a running sum by n, so all BLEU-n come at once.
    lengths = _lengths(sentences)
    matches = np.array([index.matches(sentence, left_out) for sentence in sentences])
    totals = np.maximum(1, lengths[:, None] - np.arange(index.order))
    logs = np.log(np.where(matches == 0, _EPSILON, matches) / totals).cumsum(axis=1)
    brevity = np.exp(np.minimum(0, 1 - index.closest(lengths, left_out) / np.maximum(1, lengths)))
    factor = np.where(matches[:, 0] == 0, 0, brevity)
    return {n: float(np.mean(factor * np.exp(logs[:, n - 1] / n))) for n in orders}


def _ngrams(sentence: Sentence, order: int) -> Iterator[Ngram]:
    """Yields the n-grams of a sentence, of 1 to `order` tokens."""
    for n in range(1, order + 1):
        yield from zip(*(sentence[start:] for start in range(n)), strict=False)


def _lengths(sentences: Sequence[Sentence]) -> np.ndarray:
    return np.fromiter(map(len, sentences), np.int64, len(sentences))


def _longest(orders: Sequence[int]) -> int:
    if len(orders) == 0 or min(orders) < 1:
        raise ValueError(f"orders of BLEU are whole numbers from 1, and at least one, not {tuple(orders)}")
    return max(orders)
