"""Canaries: invented records of which half are learnt, so that what is remembered can be told from what is guessed.

A canary begins as a record of the source does, and goes on with rare words of the source in random order (Carlini et
al. 2019, "The Secret Sharer"). Nobody writes such words by chance. So one that was learnt should come out no more
easily than the same beginning with other rare words: its exposure is how far up it stands among those, in bits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from textsynth.components.metric import Exposure
from textsynth.corpus import Corpus
from textsynth.corpus.example import Example
from textsynth.corpus.tokens import tokenize
from textsynth.errors import OptionError
from textsynth.extract.resources import with_parents
from textsynth.privacy.token_runs import Symbols

REFERENCES = 127
"""Other endings that each canary is ranked among, so that the most that can be told is 7 bits."""

_LEAST = 3
"""Rare words of a canary in a row by which an example is known to repeat it."""


@dataclass(frozen=True)
class Canaries:
    """Invented records with what each is ranked among.

    Args:
        planted: those that are to be learnt.
        kept: those that are kept from whatever learns.
        candidates: for each canary, planted before kept, itself and the same beginning with other endings.
        endings: the rare words of each candidate.
    """

    planted: Corpus
    kept: Corpus
    candidates: Corpus
    endings: Corpus

    def find_exposure(self, made: Corpus) -> Exposure:
        """Ranks endings by how many of their words stand in a row in what was made.

        Args:
            made: all that the generator made, also what `find_repeats` finds.
        """
        of_endings, of_made = Symbols.of(self.endings), Symbols.of(made)
        longest = np.zeros(len(self.endings))
        for length in range(1, int(of_endings.text.lengths.max(initial=0)) + 1):
            runs = of_endings.list_runs("text", length)
            longest[runs.rows[np.isin(runs.keys, of_made.list_runs("text", length).keys)]] = length
        return self._rank(-longest, "words in a row in the output")

    def find_exposure_by_cost(self, costs: np.ndarray, by: str) -> Exposure:
        """Ranks candidates by what they cost a model.

        Args:
            costs: `(candidates,)`, such as nats; the less, the likelier a candidate is.
            by: what is told of the model.
        """
        return self._rank(costs, by)

    def find_repeats(self, made: Corpus) -> np.ndarray:
        """Says of each example whether it repeats a planted canary, or was made from one, `(examples,)`."""
        first = np.arange(len(self.planted)) * (REFERENCES + 1)
        runs = Symbols.of(made).list_runs("text", _LEAST)
        known = Symbols.of(self.endings.take(first)).list_runs("text", _LEAST)
        parents = made.table.column("parent").to_numpy(zero_copy_only=False)
        repeats = np.isin(parents, self.planted.table.column("parent").to_numpy(zero_copy_only=False))
        repeats[runs.rows[np.isin(runs.keys, known.keys)]] = True
        return repeats

    def _rank(self, costs: np.ndarray, by: str) -> Exposure:
        """Returns the exposure of each canary among its candidates; those that cost the same share their ranks."""
        costs = costs.reshape(-1, REFERENCES + 1)
        own = costs[:, :1]
        rank = 1 + (costs[:, 1:] < own).sum(1) + (costs[:, 1:] == own).sum(1) / 2
        bits = np.log2((REFERENCES + 1) / rank)
        return Exposure(by, bits[: len(self.planted)], bits[len(self.planted) :])


def draw_canaries(source: Corpus, count: int, rng: np.random.Generator, words: int = 5) -> Canaries:
    """Invents canaries after a source; half of them, rounded down, are to be planted.

    Args:
        source: what their beginnings and words are of.
        count: how many, at least 2.
        rng: draws them.
        words: rare words that each ends in.

    Raises:
        OptionError: if the source has too few words.
    """
    rare = _find_rare_words(source, words)
    rows = rng.choice(len(source), count, replace=len(source) < count)
    endings = [" ".join(rng.choice(rare, words, replace=False)) for _ in range(count * (REFERENCES + 1))]
    beginnings = [begin for begin in _cut(source.take(rows)) for _ in range(REFERENCES + 1)]
    made = [_finish(begin, ending) for begin, ending in zip(beginnings, endings, strict=True)]
    candidates = Corpus.from_examples(made, tokenizer=source.tokenizer)
    canaries = with_parents(candidates.take(np.arange(count) * (REFERENCES + 1)))
    return Canaries(canaries[: count // 2], canaries[count // 2 :], candidates, Corpus.from_columns(text=endings))


def _find_rare_words(source: Corpus, words: int) -> np.ndarray:
    """Returns the rarer half of the words of a source that stand outside of mentions, in small letters."""
    tokens = tokenize(source, "words")
    inside = np.zeros(len(tokens.starts) + 1, int)
    np.add.at(inside, tokens.first, 1)
    np.add.at(inside, tokens.stop, -1)
    strings = np.array(tokens.strings.to_pylist(), object)[np.cumsum(inside)[:-1] == 0]
    found, counts = np.unique([each for each in strings if each.isalpha() and each == each.lower()], return_counts=True)
    rare: np.ndarray = found[counts <= np.median(counts)] if len(found) else found
    if len(rare) < 2 * words:
        raise OptionError(
            f"canaries end in {words} of the rarer words of the source, which must have {2 * words} of these at least, "
            f"has {len(rare)}"
        )
    return rare


def _cut(corpus: Corpus) -> list[Example]:
    """Returns the first half of each example, by its tokens; a mention that the cut falls into is left out."""
    tokens, cut = tokenize(corpus, "words"), []
    for row, example in enumerate(corpus):
        middle = (tokens.rows[row] + tokens.rows[row + 1]) // 2
        end = int(tokens.starts[middle]) if middle < tokens.rows[row + 1] else 0
        end = min([end, *(span.start for span in example.spans if span.start < end < span.end)])
        spans = tuple(span for span in example.spans if span.end <= end)
        cut.append(replace(example, text=example.text[:end].rstrip(), spans=spans, parent="", fields={}))
    return cut


def _finish(begin: Example, ending: str) -> Example:
    return replace(begin, text=f"{begin.text} {ending}".strip())
