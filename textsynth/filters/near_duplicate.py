"""Drops examples that have nearly the words of one of the source or an earlier one of the run."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pydantic
import xxhash

from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged, bounds_of
from textsynth.corpus.tokens import tokenize
from textsynth.extract import Resources

_OF_SOURCE, _OF_RUN = "near duplicate of the source", "near duplicate of another example"

_PERMUTATIONS = 128
"""Numbers of a MinHash: 512 bytes."""

_MISS = 1e-6
"""How likely, at most, a pair that is just as alike as the line is not compared."""

_SEED = 0
"""Of the permutations; any will do, and the same is taken always."""


@dataclass(frozen=True, kw_only=True)
class NearDuplicate(Filter):
    """Drops an example that shares too many of its words with one of the source, or with one that was kept before.

    How alike two texts are is the share of words that both have among the words that either has (Jaccard), whatever
    their order and case. MinHash (Broder 1997), by rensa, finds the pairs that may be alike, and misses at most one in
    a million of those on the line; the words of each pair are then counted, so that none under the line is dropped.
    Texts without words are left to `duplicate`. An example that was kept takes about three kilobytes of memory.

    Args:
        similarity: share of words from which on texts are too alike.
        against_source: whether an example that is like one of the source is dropped.
        against_run: whether an example that is like one kept before is dropped.
    """

    extras = ("metrics",)

    similarity: Annotated[float, pydantic.Field(ge=0.2, le=1)] = 0.81
    against_source: bool = True
    against_run: bool = True

    def libraries(self) -> frozenset[str]:
        """Names what finds the pairs."""
        return frozenset({"rensa"})

    def knows_source(self) -> bool:
        """Says whether it compares with the source."""
        return self.against_source

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Keeps the words of the source, as hashes."""
        sets = list(_hash_words(resources.source if self.against_source else Corpus.empty()))
        np.save(directory / "words.npy", np.concatenate([np.zeros(0, np.uint64), *sets]))
        np.save(directory / "bounds.npy", bounds_of(np.array([len(each) for each in sets], np.int64)))

    def judge(self, directory: Path) -> Judge:
        """Compares with the source and with all examples that were kept before."""
        source = Ragged(np.load(directory / "words.npy"), np.load(directory / "bounds.npy"))
        seen = _Seen(self.similarity)
        for row in range(len(source)):
            seen.add(source[row])

        def reason(words: np.ndarray) -> str | None:
            like = seen.find(words)
            if like is None and self.against_run:
                seen.add(words)
            return None if like is None else _OF_SOURCE if like < len(source) else _OF_RUN

        return lambda corpus: [reason(words) for words in _hash_words(corpus)]


class _Seen:
    """The sets of words that were seen, numbered as they came.

    Args:
        similarity: from which on sets are alike.
    """

    def __init__(self, similarity: float) -> None:
        from rensa import RMinHashLSH

        self._similarity = similarity
        bands = _PERMUTATIONS // _choose_rows(similarity)
        self._index = RMinHashLSH(threshold=similarity, num_perm=_PERMUTATIONS, num_bands=bands)
        self._sets: list[np.ndarray] = []

    def add(self, words: np.ndarray) -> None:
        """Adds a set; one without words is like nothing."""
        if len(words):
            self._index.insert(len(self._sets), _sketch(words))
        self._sets.append(words)

    def find(self, words: np.ndarray) -> int | None:
        """Returns the number of the first set that is like this one."""
        candidates = sorted(self._index.query(_sketch(words))) if len(words) else []
        if not candidates:
            return None
        sets = [self._sets[each] for each in candidates]
        sizes = np.array([len(each) for each in sets])
        has = np.isin(np.concatenate(sets), words, kind="sort")
        common = np.add.reduceat(has, bounds_of(sizes)[:-1], dtype=np.int64)
        # A quotient is rounded as the option is, so that 4 of 5 are exactly 0.8.
        alike = np.flatnonzero(common / (sizes + len(words) - common) >= self._similarity)
        return candidates[alike[0]] if len(alike) else None


def _choose_rows(similarity: float) -> int:
    """Returns how many numbers must agree in one of the bands: as many as can without missing pairs on the line."""
    fitting = (rows for rows in (8, 4, 2, 1) if (1 - similarity**rows) ** (_PERMUTATIONS // rows) <= _MISS)
    return next(fitting)


def _sketch(words: np.ndarray) -> Any:
    """Returns the MinHash of a set of hashes."""
    from rensa import RMinHash

    sketch = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
    raw = words.tobytes()
    sketch.update([raw[place : place + words.itemsize] for place in range(0, len(raw), words.itemsize)])
    return sketch


def _hash_words(corpus: Corpus) -> Iterator[np.ndarray]:
    """Yields the hashes of the different words of each text, in small letters; marks are no words."""
    tokens = tokenize(corpus, "words")
    encoded = tokens.strings.dictionary_encode()
    known = [each.lower() for each in encoded.dictionary.to_pylist()]
    is_word = np.array([any(map(str.isalnum, each)) for each in known], bool)
    hashes = np.array([xxhash.xxh3_64_intdigest(each.encode()) for each in known], np.uint64)
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    for low, high in itertools.pairwise(tokens.rows.tolist()):
        row = codes[low:high]
        yield np.unique(hashes[row[is_word[row]]])
