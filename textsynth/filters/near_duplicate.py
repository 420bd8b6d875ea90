"""Drops examples that have nearly the words of one of the source or an earlier one of the run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pydantic
import xxhash

from textsynth.components.filter import Filter, Judge
from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged, bounds_of
from textsynth.corpus.tokens import tokenize
from textsynth.extract import Resources
from textsynth.foundation.distinct import find_distinct, group_equal
from textsynth.scores.similar_sets import NONE, SimilarSets

_OF_SOURCE, _OF_RUN = "near duplicate of the source", "near duplicate of another example"


@dataclass(frozen=True, kw_only=True)
class NearDuplicate(Filter):
    """Drops an example that shares too many of its words with one of the source, or with one that was kept before.

    How alike two texts are is the share of words that both have among the words that either has (Jaccard), whatever
    their order and case. It is exact: no pair on the line is missed, and none under it dropped. Texts without words are
    left to `duplicate`. An example of 25 words that was kept takes about 200 bytes of memory.

    Args:
        similarity: share of words from which on texts are too alike.
        against_source: whether an example that is like one of the source is dropped.
        against_run: whether an example that is like one kept before is dropped.
    """

    similarity: Annotated[float, pydantic.Field(ge=0.2, le=1)] = 0.81
    against_source: bool = True
    against_run: bool = True

    def knows_source(self) -> bool:
        """Says whether it compares with the source."""
        return self.against_source

    def fit(self, resources: Resources, directory: Path, rng: np.random.Generator) -> None:
        """Keeps the words of the source, as hashes."""
        words = _hash_words(resources.source if self.against_source else Corpus.empty())
        np.save(directory / "words.npy", words.values)
        np.save(directory / "bounds.npy", words.bounds)

    def judge(self, directory: Path) -> Judge:
        """Compares with the source and with all examples that were kept before."""
        source = Ragged(np.load(directory / "words.npy"), np.load(directory / "bounds.npy"))
        vocabulary, seen = _Vocabulary(), SimilarSets(self.similarity)
        seen.add(vocabulary.number(source))
        look = seen.find_or_add if self.against_run else seen.find

        def reasons(corpus: Corpus) -> list[str | None]:
            like = look(vocabulary.number(_hash_words(corpus)))
            told: list[str | None] = np.where(like < len(source), _OF_SOURCE, _OF_RUN).astype(object).tolist()
            return [None if number == NONE else each for number, each in zip(like.tolist(), told, strict=True)]

        return reasons


class _Vocabulary:
    """Numbers words by their hashes, as they are met."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

    def number(self, words: Ragged) -> Ragged:
        """Returns sets of numbers for sets of hashes."""
        known, place, _ = group_equal(words.values)
        numbers = [self._numbers.setdefault(word, len(self._numbers)) for word in known.tolist()]
        return Ragged(np.array(numbers, np.int64)[place], words.bounds)


def _hash_words(corpus: Corpus) -> Ragged:
    """Returns the hashes of the different words of each text, in small letters; marks are no words."""
    tokens = tokenize(corpus, "words")
    encoded = tokens.strings.dictionary_encode()
    known = [each.lower() for each in encoded.dictionary.to_pylist()]
    is_word = np.array([any(map(str.isalnum, each)) for each in known], bool)
    hashes = np.array([xxhash.xxh3_64_intdigest(each.encode()) for each in known], np.uint64)
    distinct, word, _ = group_equal(hashes)  # Of some words there are capital letters too.
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    seen = is_word[codes]
    owner = Ragged.of_bounds(tokens.rows).owner[seen]
    pairs = find_distinct(owner << 32 | word[codes[seen]])
    return Ragged(distinct[pairs & 0xFFFFFFFF], bounds_of(np.bincount(pairs >> 32, minlength=len(corpus))))
