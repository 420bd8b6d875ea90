"""Words outside of mentions that become others of the source which end alike: *walking* for *reading*."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from textsynth.corpus import Corpus
from textsynth.edits.edit_table import carry_out
from textsynth.edits.tokenised import Tokenised
from textsynth.edits.variant import VariantEditor
from textsynth.foundation.disk import write_whole
from textsynth.language.english import takes_an
from textsynth.language.stopword import STOP_WORDS
from textsynth.synonyms.free_word import free_words

_SHORTEST = 4
"""Letters of a word that may be replaced; a shorter one is mostly a function word."""

_USUAL, _FEW = 0.1, 10
"""The share of the sentences from which on a word is so usual that it stays, as function words of any language are;
words of fewer sentences than that number are never."""

_ENDING = 2
"""Letters that must be the same."""

_MOST = 20
"""Words that one may become."""

_FILE = "endings.json"


@dataclass(frozen=True)
class Endings:
    """What words may become.

    Args:
        others: for each word, others that end alike and go with the same article.
    """

    others: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, source: Corpus, rng: np.random.Generator) -> Self:
        """Looks at the words outside of mentions: those in small letters that no mention has, and few sentences."""
        tokenised = Tokenised.of(source)
        words, word = tokenised.vocabulary
        may = _find_places(tokenised)
        inside = {words[each].casefold() for each in set(word[tokenised.span >= 0].tolist())}
        pairs = np.unique(np.stack([word[may], tokenised.row[may]]), axis=1)
        sentences = np.bincount(pairs[0], minlength=len(words)).tolist()
        usual = max(_FEW, _USUAL * len(source))
        known = [each for each, n in zip(words, sentences, strict=True) if 0 < n < usual and _may_change(each)]
        return cls(dict(_pair(sorted(set(known) - inside), rng)))

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Reads what `write` wrote."""
        return cls(json.loads((directory / _FILE).read_text(encoding="utf-8")))

    def write(self, directory: Path) -> None:
        """Writes them into a directory."""
        write_whole(directory / _FILE, json.dumps(self.others, ensure_ascii=False))

    def change(self, corpus: Corpus, rate: float, rng: np.random.Generator) -> Corpus:
        """Returns a corpus of which a share of these words, outside of mentions, are others."""
        if not len(corpus):
            return corpus
        whole = Corpus.from_trusted(corpus.table.combine_chunks(), corpus.tokenizer)
        tokenised = Tokenised.of(whole)
        variants = [self.others.get(each, ()) for each in tokenised.words[0]]
        editor = VariantEditor.of(tokenised, _find_places(tokenised), variants)
        chosen = np.arange(len(whole))
        return carry_out(tokenised, chosen, editor.draw_edits(chosen, rate, rng), editor.material)


def _find_places(tokenised: Tokenised) -> np.ndarray:
    """Says for each token whether it is a word by itself outside of mentions, `(tokens,)`."""
    free = free_words(tokenised.points, tokenised.begin, tokenised.end)
    lone: np.ndarray = free & (tokenised.span < 0) & tokenised.is_word & tokenised.is_lone
    return lone


def _may_change(word: str) -> bool:
    return len(word) >= _SHORTEST and word.isalpha() and word.islower() and word not in STOP_WORDS


def _pair(words: Sequence[str], rng: np.random.Generator) -> Iterator[tuple[str, list[str]]]:
    """Yields for each word some of those that end alike; after "a" none comes that wants "an"."""
    alike: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for word in words:
        alike[word[-_ENDING:], takes_an(word)].append(word)
    for some in alike.values():
        for place, word in enumerate(some):
            others = rng.permutation(len(some) - 1)[:_MOST].tolist()
            yield word, [some[at + (at >= place)] for at in others]
