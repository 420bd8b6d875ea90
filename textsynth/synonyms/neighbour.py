"""Words that stand in like contexts, learnt from the corpus itself: PPMI of neighbouring words, and a truncated SVD.

Levy & Goldberg 2014 (Neural Word Embedding as Implicit Matrix Factorization), with the contexts kept apart by their
distance and side, which finds what can take a word's place rather than what goes with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from textsynth.corpus.ragged import Ragged
from textsynth.corpus.tokens import TokenTable
from textsynth.language.casing import can_be_written, casing, recase
from textsynth.language.stopword import STOP_WORDS
from textsynth.language.tagging import NAME, NONE

_LEAST = 4
"""How often a word must occur outside of mentions to be a neighbour or to have some."""
_WORDS, _CONTEXTS = 10_000, 400
"""Words that get vectors, and words that count as contexts of their own: the most frequent ones."""
_DIMENSIONS, _NEIGHBOURS = 100, 5
"""Numbers in the vector of a word, and neighbours of a word, at most."""
_OFFSETS = (-2, -1, 1, 2)
"""Where contexts are looked for, in tokens from the word."""
_SMOOTHING = 0.75
"""The power of context counts that keeps rare contexts from weighing too much (Levy, Goldberg & Dagan 2015)."""
_OVERSAMPLED, _ITERATIONS = 20, 3
"""Random directions beyond the dimensions, and power iterations, that make the truncated SVD exact enough."""
_BLOCK = 1000
"""Rows of the matrix of cosines that are held at once: 1,000 by 10,000 floats are 40 MB."""
_ROUNDING = 4
"""Digits of a cosine; more would let the order of neighbours depend on the processor."""
_ENDINGS = ("ing", "ed", "ly", "est", "er", "s")
"""What tells parts of speech and forms apart if no tagger does."""


@dataclass(frozen=True)
class Neighbours:
    """Neighbours of words.

    Args:
        written: for a word in lower case, how it is most often written.
        nearest: for a word in lower case, its neighbours as they are most often written, the nearest first.
    """

    written: Mapping[str, str]
    nearest: Mapping[str, Sequence[str]]

    @classmethod
    def learn(
        cls,
        tokens: TokenTable,
        label: np.ndarray,
        similarity: float,
        rng: np.random.Generator,
        tag: np.ndarray | None = None,
    ) -> Neighbours:
        """Learns which words stand in like contexts; neighbours are cased alike and have the same ending or tag.

        Words of mentions are no neighbours; as contexts they stand for their label.

        Args:
            tokens: the tokens of a corpus.
            label: `(tokens,)`; the label of the mention each is in, -1 outside of all.
            similarity: the least cosine of neighbours, in [-1, 1].
            rng: draws where the search for singular vectors begins.
            tag: `(tokens,)`; what a tagger says; None if there is none.
        """
        vocabulary, word, written = _vocabulary(tokens)
        targets = _targets(vocabulary, word, label)
        vectors = _vectors(_matrix(word, label, tokens.rows, targets, len(vocabulary)), rng)
        endings = (
            [_ending(each) for each in vocabulary]
            if tag is None
            else _most_frequent_tag(word, tag, len(vocabulary)).tolist()
        )
        # Only words of one casing and one ending (or tag) can replace each other, so each group is searched by itself.
        groups: dict[tuple[str, object], list[int]] = {}
        for position, target in enumerate(targets.tolist()):
            groups.setdefault((casing(written[target]), endings[target]), []).append(position)
        nearest: dict[str, list[str]] = {}
        for positions in groups.values():
            group = np.array(positions)
            for one, others in zip(group, _nearest(vectors[group], similarity), strict=True):
                nearest[vocabulary[targets[one]]] = [written[targets[other]] for other in group[others]]
        return cls({vocabulary[target]: written[target] for target in targets}, nearest)

    def find(self, word: str, tag: str) -> list[str]:
        """Returns the neighbours of a word in its casing; none if it looks like a name but is no name."""
        like, lower = casing(word), word.lower()
        written = self.written.get(lower, word)
        if not can_be_written(written, like) or like == "mixed" or tag == NONE:
            return []
        if tag == NAME and casing(written) == "lower":
            return []
        return [recase(each, like) for each in self.nearest.get(lower, ())]


def _vocabulary(tokens: TokenTable) -> tuple[list[str], np.ndarray, list[str]]:
    """Returns the distinct tokens in lower case, for each token which it is, and how each is most often written."""
    surface = tokens.strings.dictionary_encode()
    surfaces, code = surface.dictionary.to_pylist(), surface.indices.to_numpy(zero_copy_only=False)
    lower = pc.utf8_lower(surface.dictionary).dictionary_encode()
    vocabulary, of_surface = lower.dictionary.to_pylist(), lower.indices.to_numpy(zero_copy_only=False)
    counts = np.bincount(code, minlength=len(surfaces))
    # From the rarest spelling to the most frequent, which so has the last word.
    written = [""] * len(vocabulary)
    for each in np.argsort(counts, kind="stable"):
        written[of_surface[each]] = surfaces[each]
    return vocabulary, of_surface[code], written


def _targets(vocabulary: list[str], word: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Returns the words that may have neighbours: frequent ones that are seldom part of a mention, no stop words."""
    outside = np.bincount(word[label < 0], minlength=len(vocabulary))
    inside = np.bincount(word[label >= 0], minlength=len(vocabulary))
    fit = [len(each) > 1 and each.isalpha() and each not in STOP_WORDS for each in vocabulary]
    found = np.flatnonzero(np.array(fit, bool) & (outside >= _LEAST) & (outside > inside))
    return found[np.argsort(-outside[found], kind="stable")][:_WORDS]


def _matrix(word: np.ndarray, label: np.ndarray, rows: np.ndarray, targets: np.ndarray, size: int) -> np.ndarray:
    """Returns how often each target has each context at each distance, `(targets, distances * contexts)`.

    Contexts are the commonest words, then all others as one, the labels, and the edge of a text.
    """
    # Numbers of contexts: 0 to 399 the commonest words, then one for all others, then the labels, last the edge.
    common = np.argsort(-np.bincount(word, minlength=size), kind="stable")[:_CONTEXTS]
    context_of = np.full(size, len(common))
    context_of[common] = np.arange(len(common))
    context = np.where(label < 0, context_of[word], len(common) + 1 + label)
    edge = len(common) + 1 + max(label.max(initial=-1) + 1, 0)
    target_of = np.full(size, -1)
    target_of[targets] = np.arange(len(targets))
    # Where targets stand: their tokens, and the text that each token is in.
    at = np.flatnonzero((label < 0) & (target_of[word] >= 0))
    row = Ragged.of_bounds(rows).owner[at]
    matrix = np.zeros((len(targets), len(_OFFSETS) * (edge + 1)), np.float32)
    # Each distance has columns of its own; a context beyond the ends of the text is the edge. `add.at`, as one target
    # may have the same context many times, of which `+=` would count one.
    for turn, offset in enumerate(_OFFSETS):
        there = at + offset
        inside = (there >= rows[row]) & (there < rows[row + 1])
        found = np.where(inside, context[np.where(inside, there, at)], edge)
        np.add.at(matrix, (target_of[word[at]], turn * (edge + 1) + found), 1)
    return matrix


def _vectors(counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns vectors of length 1 whose products are like those of the positive pointwise mutual information."""
    # PPMI: how much more often a context comes with a word than it would by chance, in logarithms; less often is 0.
    contexts = counts.sum(axis=0) ** _SMOOTHING
    expected = counts.sum(axis=1, keepdims=True) * (contexts / max(contexts.sum(), 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        positive = np.nan_to_num(np.maximum(np.log(counts / expected), 0), nan=0.0, posinf=0.0)
    vectors = _find_left_singular(positive, rng)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def _find_left_singular(matrix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns the first left singular vectors, each times the root of its value (Halko, Martinsson & Tropp 2011)."""
    # A matrix of 10,000 by 1,600 is too large for a whole SVD. Random directions, pulled towards the largest singular
    # vectors by multiplying with the matrix again and again, span nearly the same space as these.
    width = min(*matrix.shape, _DIMENSIONS + _OVERSAMPLED)
    found = matrix @ rng.standard_normal((matrix.shape[1], width)).astype(np.float32)
    for _ in range(_ITERATIONS):
        found = matrix @ np.linalg.qr(matrix.T @ np.linalg.qr(found)[0])[0]
    # Inside that space the matrix is small, so its SVD is cheap.
    frame = np.linalg.qr(found)[0]
    left, values, _ = np.linalg.svd(frame.T @ matrix, full_matrices=False)
    return (frame @ left)[:, :_DIMENSIONS] * np.sqrt(values[:_DIMENSIONS])


def _nearest(vectors: np.ndarray, similarity: float) -> list[list[int]]:
    """Returns for each vector the positions of the nearest others."""
    found: list[list[int]] = []
    for first in range(0, len(vectors), _BLOCK):
        cosines = np.round(vectors[first : first + _BLOCK] @ vectors.T, _ROUNDING)
        for row, line in enumerate(cosines):
            line[first + row] = -2  # Less than any cosine, so that no word is its own neighbour.
            order = np.argsort(-line, kind="stable")[:_NEIGHBOURS]
            found.append([int(each) for each in order if line[each] >= similarity])
    return found


def _most_frequent_tag(word: np.ndarray, tag: np.ndarray, size: int) -> np.ndarray:
    """Returns the most frequent tag of each word."""
    counts = np.zeros((size, int(tag.max(initial=0)) + 1), np.int64)
    np.add.at(counts, (word, tag), 1)
    return counts.argmax(axis=1)


def _ending(word: str) -> str:
    """Returns the ending of a word that tells its part of speech, "" if it has none of these."""
    return next((ending for ending in _ENDINGS if word.endswith(ending) and len(word) > len(ending) + 2), "")
