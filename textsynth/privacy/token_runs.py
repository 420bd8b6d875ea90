"""Runs of tokens as 64-bit hashes: what two corpora can be found to have in common, however long they are.

Among a hundred million runs, the chance that any two different ones pass for equal is three in ten thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from textsynth.corpus import Corpus
from textsynth.corpus.ragged import Ragged
from textsynth.corpus.tokens import TokenTable, tokenize
from textsynth.foundation.distinct import find_distinct

Kind = Literal["text", "mention_in_wording", "wording", "mention"]
"""What a run is of: the text as it is; a wording with its mentions in it; a wording alone; a mention by its label."""

KINDS: tuple[Kind, ...] = ("text", "mention_in_wording", "wording", "mention")
LENGTHS = (0, 10, 8, 6, 5, 4, 3)
"""How many tokens a run has, the strongest first; 0 is the whole text, however long."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
"""The constants of splitmix64 (Steele et al. 2014), which spreads any number over all 64 bits."""


@dataclass(frozen=True)
class TokenRuns:
    """Runs of tokens of a corpus.

    Args:
        keys: `(runs,)` uint64; equal for equal runs.
        rows: `(runs,)`; the example that each is in.
    """

    keys: np.ndarray
    rows: np.ndarray


@dataclass(frozen=True)
class Symbols:
    """The texts of a corpus as hashes of their tokens, case aside.

    Args:
        text: every token.
        wording: the same with one symbol for each mention, by its label.
        filled: as `wording`, but the symbol is by label and mention.
        is_slot: `(symbols of wording,)`; which stand for mentions.
    """

    text: Ragged
    wording: Ragged
    filled: Ragged
    is_slot: np.ndarray

    @classmethod
    def of(cls, corpus: Corpus) -> Symbols:
        """Hashes the tokens of a corpus."""
        tokens = tokenize(corpus, "words")
        hashes = _hash_strings(tokens.strings)
        text = Ragged(hashes, tokens.rows)
        labels = _hash_strings(corpus.spans.labels) + _GOLDEN
        mentions = _hash_mentions(tokens, hashes, labels)
        stays, is_slot = _find_places(tokens)
        wording, filled = hashes.copy(), hashes.copy()
        wording[tokens.first], filled[tokens.first] = labels, mentions
        bounds = np.concatenate([[0], np.cumsum(stays)])[tokens.rows]
        return cls(text, Ragged(wording[stays], bounds), Ragged(filled[stays], bounds), is_slot[stays])

    def weigh_texts(self) -> np.ndarray:
        """Returns how rare the words of each text are, `(texts,)` bits: -log2 of the share of texts with each."""
        _, word = np.unique(self.text.values, return_inverse=True)
        pairs = find_distinct(word * len(self.text) + self.text.owner)
        texts = np.bincount(pairs // len(self.text))
        sums = np.concatenate([[0.0], np.cumsum(np.log2(len(self.text) / texts)[word])])
        weights: np.ndarray = sums[self.text.bounds[1:]] - sums[self.text.bounds[:-1]]
        return weights

    def list_runs(self, kind: Kind, length: int) -> TokenRuns:
        """Returns the runs of a kind; of mentions, which are never cut, all of them whatever the length.

        Args:
            kind: what they are of.
            length: tokens of a run; 0 for whole texts.
        """
        if kind == "mention":
            return TokenRuns(self.filled.values[self.is_slot], self.filled.owner[self.is_slot])
        sequence = {"text": self.text, "wording": self.wording, "mention_in_wording": self.filled}[kind]
        runs, begins = _hash_runs(sequence, length)
        if kind != "mention_in_wording":
            return runs
        slots = np.concatenate([[0], np.cumsum(self.is_slot)])
        stops = sequence.bounds[1:][runs.rows] if length == 0 else begins + length
        has_slot = slots[stops] > slots[begins]
        return TokenRuns(runs.keys[has_slot], runs.rows[has_slot])


def keep_unique(runs: TokenRuns) -> TokenRuns:
    """Returns the runs that one example alone has, each once, by key in rising order.

    >>> keep_unique(TokenRuns(np.array([7, 5, 7, 3, 3], np.uint64), np.array([0, 0, 1, 2, 2]))).keys.tolist()
    [3, 5]
    """
    return _keep_owned(runs, 1)


def keep_shared(runs: TokenRuns) -> TokenRuns:
    """Returns the runs that two examples alone have, once for each: what each repeats of a single other one.

    >>> keep_shared(TokenRuns(np.array([7, 5, 7, 3, 3], np.uint64), np.array([0, 0, 1, 2, 2]))).rows.tolist()
    [0, 1]
    """
    return _keep_owned(runs, 2)


def _keep_owned(runs: TokenRuns, owners: int) -> TokenRuns:
    """Returns the runs that so many examples have, once for each, by key in rising order; the runs come by row."""
    order = np.argsort(runs.keys, kind="stable")
    keys, rows = runs.keys[order], runs.rows[order]
    fresh = np.ones(len(keys), bool)
    fresh[1:] = (keys[1:] != keys[:-1]) | (rows[1:] != rows[:-1])
    keys, rows = keys[fresh], rows[fresh]
    _, counts = np.unique(keys, return_counts=True)
    owned = np.repeat(counts == owners, counts)
    return TokenRuns(keys[owned], rows[owned])


def find_repeated(real: TokenRuns, records: int, synthetic: TokenRuns) -> np.ndarray:
    """Returns for each record an example that repeats a run which no other record has, `(records,)`; -1 if none does.

    Args:
        real: the runs of all records.
        records: how many there are.
        synthetic: the runs of the examples.
    """
    keys, first = np.unique(synthetic.keys, return_index=True)
    own = keep_unique(real)
    found = np.full(records, -1)
    if len(keys):
        place = np.minimum(np.searchsorted(keys, own.keys), len(keys) - 1)
        hit = keys[place] == own.keys
        found[own.rows[hit]] = synthetic.rows[first[place[hit]]]
    return found


def _hash_strings(strings: pa.StringArray) -> np.ndarray:
    """Returns the hash of each string, `(strings,)`; each distinct one is hashed once."""
    encoded = strings.dictionary_encode()
    folded = pc.utf8_lower(pc.utf8_upper(pc.utf8_normalize(encoded.dictionary, form="NFKC")))
    distinct = folded.cast(pa.binary()).to_pylist()
    table = np.fromiter((xxhash.xxh3_64_intdigest(each) for each in distinct), np.uint64, len(distinct))
    return table[encoded.indices.to_numpy(zero_copy_only=False)]


def _hash_mentions(tokens: TokenTable, hashes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns the hash of each mention with its label, `(spans,)`."""
    inside = Ragged.of_ranges(tokens.first, tokens.stop)
    return _mix(labels + _sum_rows(_place(hashes[inside.values], inside.rank), inside.bounds))


def _find_places(tokens: TokenTable) -> tuple[np.ndarray, np.ndarray]:
    """Says for each token whether it stays in a wording, as itself or as a slot; and whether it is a slot."""
    inside, is_slot = np.zeros(len(tokens.starts), bool), np.zeros(len(tokens.starts), bool)
    inside[Ragged.of_ranges(tokens.first, tokens.stop).values] = True
    is_slot[tokens.first] = True
    return ~inside | is_slot, is_slot


def _hash_runs(sequence: Ragged, length: int) -> tuple[TokenRuns, np.ndarray]:
    """Returns all runs of so many symbols, and where they begin."""
    if length == 0:
        rows = np.flatnonzero(sequence.lengths)
        sums = _sum_rows(_place(sequence.values, sequence.rank), sequence.bounds)
        return TokenRuns(_mix(sums[rows]), rows), sequence.bounds[:-1][rows]
    begins = np.flatnonzero(sequence.expand(sequence.lengths) - sequence.rank >= length)
    keys = np.full(len(begins), length, np.uint64)
    for place in range(length):
        keys += _place(sequence.values[begins + place], np.array([place]))
    return TokenRuns(_mix(keys), sequence.owner[begins]), begins


def _place(hashes: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Returns hashes that depend on the place as well, so that their sum tells the order."""
    return _mix(hashes + (rank.astype(np.uint64) + np.uint64(1)) * _GOLDEN)


def _sum_rows(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Adds up rows modulo 2 ** 64."""
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)])
    result: np.ndarray = sums[bounds[1:]] - sums[bounds[:-1]]
    return result


def _mix(values: np.ndarray) -> np.ndarray:
    values = (values ^ (values >> np.uint64(30))) * _MIX[0]
    values = (values ^ (values >> np.uint64(27))) * _MIX[1]
    return values ^ (values >> np.uint64(31))
